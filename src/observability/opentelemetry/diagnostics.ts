import { diag, DiagLogLevel } from '@opentelemetry/api';
import { excerpt } from '../../errors.js';
import type { Logger } from '../logger.js';
import { createRateLimit } from '../rate-limit.js';

const INTERVAL_MS = 60_000;

/** What OpenTelemetry says may quote what it was given. */
const MAX_MESSAGE_CHARACTERS = 512;

/**
 * Has OpenTelemetry's warnings and errors about itself logged, one a minute at most: they come with each span or batch.
 * @returns what ends that
 */
export function routeDiagnostics(logger: Pick<Logger, 'warn'>): () => void {
  const limit = createRateLimit({ intervalMs: INTERVAL_MS });
  const warn = (message: string) => {
    const heldBack = limit.pass();
    if (heldBack !== undefined) {
      logger.warn({ heldBack }, `OpenTelemetry: ${excerpt(message, MAX_MESSAGE_CHARACTERS)}`);
    }
  };
  const pass = () => undefined;
  diag.setLogger(
    { error: warn, warn, info: pass, debug: pass, verbose: pass },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  return () => diag.disable();
}

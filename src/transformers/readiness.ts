import { startDeadline } from '../concurrency/deadline.js';
import { ServiceError } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { AnyTransformer } from './transformer.js';

/** How long an answer counts: as long as the shortest usual probe period, so that probes never pile up on the predictor. */
const FRESH_MS = 1000;
/** A predictor that does not answer a health question in this time is not ready. */
const CHECK_TIMEOUT_MS = 5000;

/** Whether a served model can answer. */
export interface Readiness {
  /** Asks the predictor, or repeats an answer that is fresh; callers at the same time share one question. */
  check(): Promise<{ readonly ready: boolean; readonly reason: string }>;
}

/** Makes the cached probe of one served model. Changes are logged. */
export function createReadiness(options: {
  modelName: string;
  transformer: Pick<AnyTransformer, 'missingModels'>;
  logger: Pick<Logger, 'info' | 'warn'>;
}): Readiness {
  const { modelName, transformer, logger } = options;
  let last: { ready: boolean; reason: string } | undefined;
  let lastAt = -Infinity;
  let running: Promise<{ ready: boolean; reason: string }> | undefined;

  const ask = async () => {
    const deadline = startDeadline({ timeoutMs: CHECK_TIMEOUT_MS, what: 'The readiness check' });
    let answer: { ready: boolean; reason: string };
    try {
      const missing = await transformer.missingModels(deadline.signal);
      answer =
        missing.length === 0
          ? { ready: true, reason: '' }
          : { ready: false, reason: `the predictor has not ready: ${missing.join(', ')}` };
    } catch (error) {
      const reason = error instanceof ServiceError ? error.message : 'the readiness check failed';
      answer = { ready: false, reason };
    } finally {
      deadline.close();
    }
    if (answer.ready && last?.ready !== true) logger.info({ modelName }, 'model is ready');
    if (!answer.ready && last?.reason !== answer.reason)
      logger.warn({ modelName, reason: answer.reason }, 'model is not ready');
    last = answer;
    lastAt = performance.now();
    running = undefined;
    return answer;
  };

  return {
    check: () => {
      if (last !== undefined && performance.now() - lastAt < FRESH_MS) return Promise.resolve(last);
      return (running ??= ask());
    },
  };
}

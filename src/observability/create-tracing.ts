import type { Logger } from './logger.js';
import { readTracingSettings } from './tracing-settings.js';
import { NO_TRACING, type Tracing } from './tracing.js';

/** What tracing is made from. */
export interface TracingOptions {
  /** The environment, of which OpenTelemetry's standard variables are read (`OTEL_…`). */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How the service is called where the environment names it not. */
  readonly serviceName: string;
  readonly serviceVersion: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** How long close() may take; what is not sent by then is dropped. */
  readonly closeTimeoutMs?: number;
}

const CLOSE_TIMEOUT_MS = 5000;

/**
 * Makes tracing as the environment configures it. Off, with nothing of OpenTelemetry loaded, unless an exporter or an
 * endpoint is named there; off with a warning where the configuration is invalid: a service is not to stay down for that.
 */
export async function createTracing(options: TracingOptions): Promise<Tracing> {
  const { logger, closeTimeoutMs = CLOSE_TIMEOUT_MS } = options;
  const { settings, warnings, problems } = readTracingSettings(options);
  for (const warning of warnings) logger.warn(warning);
  if (problems.length > 0) logger.warn({ problems }, 'tracing is off: its configuration is invalid');
  if (settings === undefined) return NO_TRACING;
  const { exporters, otlp, propagators, sampler, resource } = settings;
  try {
    const { startOpenTelemetry } = await import('./opentelemetry/start.js');
    const tracing = startOpenTelemetry({ settings, logger, closeTimeoutMs });
    const endpoint = exporters.includes('otlp') ? withoutCredentials(otlp.url) : undefined;
    logger.info({ exporters, endpoint, propagators, sampler, service: resource['service.name'] }, 'tracing');
    return tracing;
  } catch (error) {
    logger.warn({ err: error }, 'tracing is off: it cannot be started');
    return NO_TRACING;
  }
}

function withoutCredentials(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}

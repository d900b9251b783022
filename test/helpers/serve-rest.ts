import { createLimiter } from '../../src/concurrency/limiter.js';
import type { Logger } from '../../src/observability/logger.js';
import { createMetrics, type Metrics } from '../../src/observability/metrics.js';
import { NO_SPAN } from '../../src/observability/span.js';
import type { RequestTracing } from '../../src/server/call-state.js';
import type { CloudEventOptions } from '../../src/server/cloud-event.js';
import { createDataPlane, type ReadinessPolicy } from '../../src/server/data-plane.js';
import { createHeaderForwarding } from '../../src/server/header-forwarding.js';
import { createHttpApp } from '../../src/server/http-app.js';
import { listen } from '../../src/server/http-server.js';
import type { ServedModel } from '../../src/transformers/served-model.js';

/** How a REST side differs from a plain one. */
export interface RestSettings {
  readonly maxBodyBytes?: number;
  readonly bodyBudgetBytes?: number;
  readonly bodyQueue?: number;
  readonly receiveTimeoutMs?: number;
  readonly enableAdmin?: boolean;
  readonly enableDocs?: boolean;
  readonly readiness?: ReadinessPolicy;
  /** Headers of clients that go on to the predictor, and of predictors that go back to the client. */
  readonly toPredictor?: readonly string[];
  readonly toClient?: readonly string[];
  readonly tracing?: RequestTracing;
  readonly cloudEvents?: Partial<CloudEventOptions>;
  /** Where the models log and count, too. */
  readonly log?: KeptLog;
  readonly metrics?: Metrics;
}

/** A log that keeps its lines. */
export interface KeptLog {
  readonly lines: LoggedLine[];
  readonly logger: Pick<Logger, 'info' | 'debug' | 'warn' | 'error'>;
}

/** A line of the log. */
interface LoggedLine {
  readonly level: string;
  readonly line: Record<string, unknown>;
  readonly message: string;
}

export function keptLog(): KeptLog {
  const lines: LoggedLine[] = [];
  const log =
    (level: string) =>
    (line: unknown, message = '') =>
      void lines.push({ level, line: line as Record<string, unknown>, message });
  return { lines, logger: { info: log('info'), debug: log('debug'), warn: log('warn'), error: log('error') } };
}

/** What both transports need of models. */
export function transportParts(models: readonly ServedModel[], settings: Omit<RestSettings, 'enableAdmin'>) {
  const { metrics = createMetrics(), log: { lines, logger } = keptLog() } = settings;
  const dataPlane = createDataPlane(models, {
    info: { name: 'kserve-transformer', version: '1.2.3', extensions: ['binary_tensor_data'] },
    readiness: settings.readiness ?? 'all',
  });
  const forwarding = createHeaderForwarding({
    toPredictor: settings.toPredictor ?? ['x-request-id', 'x-b3-traceid', 'authorization', 'traceparent', 'tracestate'],
    toClient: settings.toClient ?? ['x-model-*'],
  });
  const tracing = settings.tracing ?? { startRequest: () => NO_SPAN };
  return { dataPlane, metrics, lines, logger, forwarding, tracing };
}

/** Serves models over REST on a free port. */
export async function serveRest(models: readonly ServedModel[], settings: RestSettings = {}) {
  const { maxBodyBytes = 100_000, receiveTimeoutMs = 60_000 } = settings;
  const { bodyBudgetBytes = 1_000_000, bodyQueue = 1 } = settings;
  const { lines, ...parts } = transportParts(models, settings);
  const app = createHttpApp({
    ...parts,
    v1: {
      maxBodyBytes,
      maxItems: 4,
      bodies: createLimiter({ capacity: bodyBudgetBytes, maxQueue: bodyQueue, what: 'requests' }),
      cloudEvents: { source: undefined, type: 'io.kserve.inference.response', merge: false, ...settings.cloudEvents },
    },
    enableAdmin: settings.enableAdmin ?? false,
    enableDocs: settings.enableDocs ?? true,
  });
  const server = await listen(app.listener, { port: 0, receiveTimeoutMs, maxBodyBytes });
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    app,
    lines,
    dataPlane: parts.dataPlane,
    metrics: parts.metrics,
    close: (graceMs = 0) => server.close(graceMs),
  };
}

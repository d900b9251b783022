import { createLimiter } from '../../src/concurrency/limiter.js';
import { createSharedArena } from '../../src/concurrency/shared-arena.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { NO_SPAN } from '../../src/observability/span.js';
import { createDataPlane } from '../../src/server/data-plane.js';
import { createHeaderForwarding } from '../../src/server/header-forwarding.js';
import { createHttpApp } from '../../src/server/http-app.js';
import { listen } from '../../src/server/http-server.js';
import { serveItems } from '../../src/transformers/serve-items.js';
import { createReadiness } from '../../src/transformers/readiness.js';
import { createTransformerRunner } from '../../src/transformers/run-transformer.js';
import { type FakeStages, fakeTransformer } from './fake-transformer.js';

/** How the served fake differs from a plain one. */
export interface ServedFakeSettings extends FakeStages {
  readonly singleResponse?: 'multi' | 'bare';
  readonly maxBodyBytes?: number;
  readonly maxInFlight?: number;
  readonly bodyBudgetBytes?: number;
  readonly receiveTimeoutMs?: number;
  readonly bodyQueue?: number;
  readonly enableAdmin?: boolean;
  readonly enableDocs?: boolean;
  /** Without Request and MultiRequest, as most transformers are. */
  readonly instancesOnly?: boolean;
}

/** Serves the fake transformer as model `fake` on a free port. */
export async function serveFake(settings: ServedFakeSettings = {}) {
  const {
    singleResponse = 'multi',
    maxBodyBytes = 100_000,
    maxInFlight = 8,
    bodyBudgetBytes = 1_000_000,
    receiveTimeoutMs = 60_000,
    bodyQueue = 1,
    enableAdmin = false,
    enableDocs = true,
  } = settings;
  const { toResponse, ...stages } = fakeTransformer(settings);
  const transformer = settings.instancesOnly === true || toResponse === undefined ? stages : { ...stages, toResponse };
  const forwarded = ['x-request-id', 'x-b3-traceid', 'authorization', 'traceparent', 'tracestate'];
  const lines: { level: string; line: Record<string, unknown>; message: string }[] = [];
  const log =
    (level: string) =>
    (line: unknown, message = '') =>
      void lines.push({ level, line: line as Record<string, unknown>, message });
  const logger = { info: log('info'), debug: log('debug'), warn: log('warn'), error: log('error') };
  const metrics = createMetrics();
  const modelName = 'fake';
  const run = createTransformerRunner({
    modelName,
    transformer,
    limits: {
      admission: createLimiter({ capacity: maxInFlight, maxQueue: 0, what: 'requests' }),
      decoding: createLimiter({ capacity: 2, what: 'pictures' }),
      pixels: createSharedArena({ byteLength: 3000 }),
      maxItems: 4,
      requestTimeoutMs: 60_000,
    },
    itemErrors: 'keep',
    metrics,
    logger,
  });
  const readiness = createReadiness({ modelName, transformer, logger });
  const model = serveItems({ name: modelName, transformer, run, readiness, singleResponse });
  const dataPlane = createDataPlane([model], {
    info: { name: 'kserve-transformer', version: '1.2.3', extensions: ['binary_tensor_data'] },
    readiness: 'all',
  });
  const bodies = createLimiter({ capacity: bodyBudgetBytes, maxQueue: bodyQueue, what: 'requests' });
  const cloudEvents = { source: undefined, type: 'io.kserve.inference.response', merge: false };
  const app = createHttpApp({
    dataPlane,
    metrics,
    logger,
    forwarding: createHeaderForwarding({ toPredictor: forwarded, toClient: ['x-model-*'] }),
    tracing: { startRequest: () => NO_SPAN },
    v1: { maxBodyBytes, bodies, maxItems: 4, cloudEvents },
    enableAdmin,
    enableDocs,
  });
  const server = await listen(app, { port: 0, receiveTimeoutMs, maxBodyBytes });
  const url = `http://127.0.0.1:${server.port}`;
  return { url, app, lines, dataPlane, close: (graceMs = 0) => server.close(graceMs) };
}

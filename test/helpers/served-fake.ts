import { createLimiter } from '../../src/concurrency/limiter.js';
import { createSharedArena } from '../../src/concurrency/shared-arena.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { createDataPlane } from '../../src/server/data-plane.js';
import { createHttpApp } from '../../src/server/http-app.js';
import { listen } from '../../src/server/http-server.js';
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
  } = settings;
  const { toResponse, ...stages } = fakeTransformer(settings);
  const transformer = settings.instancesOnly === true || toResponse === undefined ? stages : { ...stages, toResponse };
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
  const dataPlane = createDataPlane([{ name: modelName, transformer, run, readiness }]);
  const bodies = createLimiter({ capacity: bodyBudgetBytes, maxQueue: bodyQueue, what: 'requests' });
  const app = createHttpApp({ dataPlane, metrics, logger, v1: { maxBodyBytes, bodies, maxItems: 4, singleResponse } });
  const server = await listen(app, { port: 0, receiveTimeoutMs, maxBodyBytes });
  return { url: `http://127.0.0.1:${server.port}`, lines, dataPlane, close: (graceMs = 0) => server.close(graceMs) };
}

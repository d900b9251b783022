import { createLimiter } from '../../src/concurrency/limiter.js';
import { createLoopTurns } from '../../src/concurrency/loop-turns.js';
import { createSharedArena } from '../../src/concurrency/shared-arena.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { serveItems } from '../../src/transformers/serve-items.js';
import { createReadiness } from '../../src/transformers/readiness.js';
import { createTransformerRunner } from '../../src/transformers/run-transformer.js';
import type { Uploads } from '../../src/transformers/transformer.js';
import { type FakeStages, fakeTransformer } from './fake-transformer.js';
import { keptLog, type RestSettings, serveRest } from './serve-rest.js';

/** How the served fake differs from a plain one. */
export interface ServedFakeSettings extends FakeStages, RestSettings {
  readonly singleResponse?: 'multi' | 'bare';
  readonly maxInFlight?: number;
  readonly requestTimeoutMs?: number;
  /** Without Request and MultiRequest, as most transformers are. */
  readonly instancesOnly?: boolean;
  readonly explainsNothing?: boolean;
  readonly uploads?: Uploads;
}

/** The fake transformer as a served model. */
export function fakeModel(settings: ServedFakeSettings & { readonly name?: string } = {}) {
  const { metrics = createMetrics(), log: { logger } = keptLog() } = settings;
  const { name = 'fake', singleResponse = 'multi', maxInFlight = 8, requestTimeoutMs = 60_000 } = settings;
  const { toResponse, explain, ...stages } = fakeTransformer(settings);
  const transformer = {
    ...stages,
    ...(settings.instancesOnly !== true && toResponse !== undefined && { toResponse }),
    ...(settings.explainsNothing !== true && explain !== undefined && { explain }),
    ...(settings.uploads !== undefined && { uploads: settings.uploads }),
  };
  const run = createTransformerRunner({
    modelName: name,
    transformer,
    limits: {
      admission: createLimiter({ capacity: maxInFlight, maxQueue: 0, what: 'requests' }),
      turns: createLoopTurns({ budgetMs: 10 }),
      decoding: createLimiter({ capacity: 2, what: 'pictures' }),
      pixels: createSharedArena({ byteLength: 3000 }),
      maxItems: 4,
      requestTimeoutMs,
    },
    itemErrors: 'keep',
    metrics,
    logger,
  });
  const readiness = createReadiness({ modelName: name, transformer, logger });
  return serveItems({ name, transformer, run, readiness, singleResponse });
}

/** Serves the fake transformer as model `fake` on a free port. */
export function serveFake(given: ServedFakeSettings = {}) {
  const settings = { log: keptLog(), metrics: createMetrics(), ...given };
  return serveRest([fakeModel(settings)], settings);
}

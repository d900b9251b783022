import { createLimiter } from '../../src/concurrency/limiter.js';
import { createLoopTurns } from '../../src/concurrency/loop-turns.js';
import { createSharedArena } from '../../src/concurrency/shared-arena.js';
import type { RunLimits } from '../../src/transformers/run-transformer.js';

/** Bounds that no test of a single service reaches. */
export function wideLimits(): RunLimits {
  return {
    admission: createLimiter({ capacity: 8, maxQueue: 8, what: 'requests' }),
    turns: createLoopTurns({ budgetMs: 10 }),
    decoding: createLimiter({ capacity: 2, what: 'pictures' }),
    pixels: createSharedArena({ byteLength: 3_000_000 }),
    maxItems: 300,
    requestTimeoutMs: 60_000,
  };
}

import { createSharedArena } from '../../src/concurrency/shared-arena.js';
import type { WorkerPool } from '../../src/concurrency/worker-pool.js';
import { createPictureSampler } from '../../src/transformers/picture-sampler.js';

/** A WorkerPool that runs each job where it is called: worker threads cannot load TypeScript. */
export const inlineWorkers: WorkerPool = {
  run: (job, input) => Promise.resolve(job.run(input)),
  close: () => Promise.resolve(),
};

/** What makes models' inputs of whole pictures, on this thread. */
export const inlineSampling = {
  sampler: createPictureSampler({
    workers: inlineWorkers,
    pixels: createSharedArena({ byteLength: 9_000_000 }),
    encoded: createSharedArena({ byteLength: 9_000_000 }),
  }),
  resize: 'exact',
} as const;

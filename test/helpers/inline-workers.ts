import type { WorkerPool } from '../../src/concurrency/worker-pool.js';

/** A WorkerPool that runs each job where it is called: worker threads cannot load TypeScript. */
export const inlineWorkers: WorkerPool = {
  run: (job, input) => Promise.resolve(job.run(input)),
  close: () => Promise.resolve(),
};

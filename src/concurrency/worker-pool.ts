import { Piscina } from 'piscina';
import { createLimiter } from './limiter.js';

/**
 * A pure function that a worker thread can run: it is found again there by its module's URL and its exported name.
 * Input and output are copied by structured clone, except SharedArrayBuffers, which are shared, and the output's typed
 * arrays, which are moved.
 */
export interface Job<Input, Output> {
  /** `import.meta.url` of the module that exports the function. */
  readonly module: string;
  /** The name under which the module exports it. */
  readonly name: string;
  readonly run: (input: Input) => Output;
}

/** What a job may be run with. */
interface JobOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Runs jobs away from the event loop. */
export interface WorkerPool {
  /** @param options.signal when aborted while the job waits, it is not run at all and the signal's reason is thrown */
  run<Input, Output>(job: Job<Input, Output>, input: Input, options?: JobOptions): Promise<Output>;
  close(): Promise<void>;
}

/** Jobs handed over per thread: the one that runs, and one that lies ready so that the thread need not wait for it. */
const JOBS_PER_THREAD = 2;

/** What the worker's entry receives. */
export interface JobMessage {
  readonly module: string;
  readonly name: string;
  readonly input: unknown;
}

/**
 * Starts worker threads that run jobs in the order in which they were asked for.
 * @param options.threads how many
 * @param options.entry the worker's built script; beside this module by default
 */
export function createWorkerPool(options: { threads: number; entry?: URL }): WorkerPool {
  const entry = options.entry ?? new URL('./worker-entry.js', import.meta.url);
  const pool = new Piscina({
    filename: entry.href,
    minThreads: options.threads,
    maxThreads: options.threads,
  });
  // Jobs wait here and not in Piscina, which would end a thread to cancel what runs on it.
  const limiter = createLimiter({ capacity: options.threads * JOBS_PER_THREAD, what: 'jobs' });
  return {
    run: async <Input, Output>(job: Job<Input, Output>, input: Input, { signal }: JobOptions = {}) => {
      const message: JobMessage = { module: job.module, name: job.name, input };
      return (await limiter.run(() => pool.run(message), { signal })) as Output;
    },
    close: () => pool.close({ force: true }),
  };
}

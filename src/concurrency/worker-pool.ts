import { Worker } from 'node:worker_threads';
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
  /**
   * @param options.signal when aborted while the job waits, it is not run at all and the signal's reason is thrown
   * @throws Error what the job has thrown, as structured clone leaves it; that its thread has ended
   */
  run<Input, Output>(job: Job<Input, Output>, input: Input, options?: JobOptions): Promise<Output>;
  close(): Promise<void>;
}

/** Jobs handed over per thread: the one that runs, and one that lies ready so that the thread need not wait for it. */
const JOBS_PER_THREAD = 2;

/** What the worker's entry receives. */
export interface JobMessage {
  readonly id: number;
  readonly module: string;
  readonly name: string;
  readonly input: unknown;
}

/** What it answers. */
export type JobAnswer =
  { readonly id: number; readonly output: unknown } | { readonly id: number; readonly error: unknown };

/** Who waits for a job. */
interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread and what it has been handed, by number. */
interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, Waiting>;
}

/**
 * Starts worker threads that run jobs in the order in which they were asked for. A thread that ends, as one does that
 * runs out of memory, fails the jobs it was handed; the next job starts another.
 *
 * Piscina does the same and more, at some 30 us more for each picture.
 * @param options.threads how many
 * @param options.entry the worker's built script; beside this module by default
 */
export function createWorkerPool(options: { threads: number; entry?: URL }): WorkerPool {
  const entry = options.entry ?? new URL('./worker-entry.js', import.meta.url);
  let jobCount = 0;

  const start = (): Thread => {
    const thread: Thread = { worker: new Worker(entry), jobs: new Map() };
    const { worker, jobs } = thread;
    worker.on('message', (answer: JobAnswer) => {
      const waiting = jobs.get(answer.id);
      jobs.delete(answer.id);
      if ('error' in answer) waiting?.reject(answer.error);
      else waiting?.resolve(answer.output);
    });
    let cause: unknown;
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => {
      threads = threads.filter((other) => other !== thread);
      for (const { reject } of jobs.values()) reject(new Error('a worker thread has ended', { cause }));
    });
    return thread;
  };

  let threads = Array.from({ length: options.threads }, start);
  const limiter = createLimiter({ capacity: options.threads * JOBS_PER_THREAD, what: 'jobs' });

  const handOver = ({ module, name }: Pick<JobMessage, 'module' | 'name'>, input: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      if (threads.length < options.threads) threads.push(start());
      const { worker, jobs } = threads.reduce((least, thread) => (thread.jobs.size < least.jobs.size ? thread : least));
      const id = jobCount++;
      worker.postMessage({ id, module, name, input } satisfies JobMessage);
      jobs.set(id, { resolve, reject });
    });

  return {
    run: async <Input, Output>(job: Job<Input, Output>, input: Input, { signal }: JobOptions = {}) =>
      (await limiter.run(() => handOver(job, input), { signal })) as Output,
    close: async () => {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

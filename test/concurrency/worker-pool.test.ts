import { setMaxListeners } from 'node:events';
import { getPriority } from 'node:os';
import { createWorkerPool, type Job, type WorkerPool } from '../../src/concurrency/worker-pool.js';

/** Worker threads cannot load TypeScript, so they run the built entry. */
const ENTRY = new URL('../../dist/concurrency/worker-entry.js', import.meta.url);
const MODULE = new URL('./worker-jobs.mjs', import.meta.url).href;

describe('createWorkerPool()', () => {
  let pool: WorkerPool;
  beforeAll(() => (pool = createWorkerPool({ threads: 2, entry: ENTRY })));
  afterAll(() => pool.close());

  /** A job by name; `run` is for the worker alone. */
  const job = <Input, Output>(name: string): Job<Input, Output> => ({
    module: MODULE,
    name,
    run: () => {
      throw new Error('runs in the worker only');
    },
  });

  it('runs an exported function in another thread', async () => {
    expect(await pool.run(job<number, { doubled: number; isMain: boolean }>('double'), 21)).toEqual({
      doubled: 42,
      isMain: false,
    });
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('runs jobs at a lower priority than the event loop', async () => {
    expect(await pool.run(job<undefined, number>('priority'), undefined)).toBe(Math.min(getPriority() + 5, 19));
  });

  it('shares SharedArrayBuffers and moves typed arrays back', async () => {
    const shared = new Float32Array(new SharedArrayBuffer(8));
    shared.set([1, 2]);
    const { sum } = await pool.run(job<Float32Array, { sum: Float32Array }>('sumAndMark'), shared);
    expect([...sum]).toEqual([3]);
    expect(shared[0]).toBe(-1);
  });

  it('runs many jobs and matches each answer to its caller', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => pool.run(job<number, { doubled: number }>('double'), n)),
    );
    expect(answers.map(({ doubled }) => doubled)).toEqual(Array.from({ length: 50 }, (_, n) => 2 * n));
  });

  it('does not run a job whose caller leaves while it waits', async () => {
    const caller = new AbortController();
    setMaxListeners(0, caller.signal);
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const jobs = Array.from({ length: 20 }, () => pool.run(job<Int32Array, number>('count'), counter, caller));
    caller.abort();
    const outcomes = await Promise.allSettled(jobs);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(16);
    expect(counter[0]).toBe(4);
  });

  it('hands a job’s failure to its caller and goes on', async () => {
    await expect(pool.run(job<number, never>('fail'), 0)).rejects.toThrow('job failed');
    await expect(pool.run(job<number, never>('missing'), 0)).rejects.toThrow('exports no function missing');
    expect(await pool.run(job<number, { doubled: number }>('double'), 1)).toMatchObject({ doubled: 2 });
  });

  it('fails the jobs of a thread that ends, and starts another for the next', async () => {
    const ended = Promise.allSettled(Array.from({ length: 4 }, () => pool.run(job<number, never>('end'), 3)));
    expect((await ended).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    await expect(pool.run(job<number, never>('end'), 3)).rejects.toThrow('a worker thread has ended');
    expect(await pool.run(job<number, { doubled: number }>('double'), 1)).toMatchObject({ doubled: 2 });
  });

  it('refuses what cannot be handed to a thread, and goes on', async () => {
    await expect(pool.run(job<() => void, never>('double'), () => undefined)).rejects.toThrow('could not be cloned');
    await expect(pool.run(job<number, never>('giveFunction'), 0)).rejects.toThrow('could not be cloned');
    expect(await pool.run(job<number, { doubled: number }>('double'), 1)).toMatchObject({ doubled: 2 });
  });

  it('fails every job, and the process lives, where threads cannot start', async () => {
    const broken = createWorkerPool({ threads: 1, entry: new URL('./missing.js', import.meta.url) });
    await expect(broken.run(job<number, never>('double'), 1)).rejects.toThrow('a worker thread has ended');
    await expect(broken.run(job<number, never>('double'), 1)).rejects.toThrow('a worker thread has ended');
    await broken.close();
  });
});

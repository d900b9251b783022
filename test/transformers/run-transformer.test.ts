import { createLimiter } from '../../src/concurrency/limiter.js';
import { createSharedArena } from '../../src/concurrency/shared-arena.js';
import { ServiceError } from '../../src/errors.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { NO_SPAN } from '../../src/observability/span.js';
import { createTransformerRunner, type RunOptions, type RunRequest } from '../../src/transformers/run-transformer.js';
import { type FakeStages, fakeTransformer } from '../helpers/fake-transformer.js';

interface Settings extends FakeStages {
  readonly itemErrors?: 'keep' | 'fail';
  readonly pixelBudget?: number;
  readonly requestTimeoutMs?: number;
  readonly maxInFlight?: number;
  readonly maxQueue?: number;
}

function runner(settings: Settings = {}) {
  const {
    itemErrors = 'keep',
    pixelBudget = 1000,
    requestTimeoutMs = 60_000,
    maxInFlight = 8,
    maxQueue = 8,
  } = settings;
  const observed: string[] = [];
  const logged: unknown[] = [];
  const options: RunOptions = {
    modelName: 'fake',
    transformer: fakeTransformer(settings),
    limits: {
      admission: createLimiter({ capacity: maxInFlight, maxQueue, what: 'requests' }),
      decoding: createLimiter({ capacity: 2, what: 'pictures' }),
      pixels: createSharedArena({ byteLength: 3 * pixelBudget }),
      maxItems: 10,
      requestTimeoutMs,
    },
    itemErrors,
    metrics: {
      ...createMetrics(),
      observeKServeStage: (model, stage) => void observed.push(`${model}:${stage}`),
    },
    logger: { error: (...line: unknown[]) => void logged.push(line) },
  };
  return { run: createTransformerRunner(options), observed, logged };
}

function request(words: readonly unknown[], signal = new AbortController().signal): RunRequest {
  const items = words.map((value, index) =>
    value instanceof ServiceError ? value : { path: `instances[${index}]`, value },
  );
  return { items, requestId: 'r1', headers: {}, signal, times: new Map(), span: NO_SPAN };
}

describe('createTransformerRunner()', () => {
  it('gives one result per item, in order', async () => {
    const { run } = runner();
    expect(await run(request(['a', 'bbb', 'cc']))).toEqual([{ result: 1 }, { result: 3 }, { result: 2 }]);
  });

  it('gives nothing for no items', async () => {
    expect(await runner().run(request([]))).toEqual([]);
  });

  it('keeps a bad item’s error in its place and works on the others', async () => {
    const { run } = runner();
    const malformed = new ServiceError('invalid_argument', 'multi_data[4]: expected object');
    const results = await run(request(['a', 'bad', 'bbb', 'damaged', malformed]));
    expect(results).toEqual([
      { result: 1 },
      { error: expect.objectContaining({ code: 'unprocessable', message: 'instances[1]: not a picture' }) },
      { result: 3 },
      { error: expect.objectContaining({ code: 'unprocessable', message: 'instances[3]: damaged' }) },
      { error: malformed },
    ]);
  });

  it('hides an unforeseen failure of an item and logs it', async () => {
    const { run, logged } = runner();
    const [, failed] = await run(request(['a', 'buggy']));
    expect(failed).toEqual({ error: expect.objectContaining({ code: 'internal' }) });
    expect(JSON.stringify(failed)).not.toContain('secret');
    expect(logged).toHaveLength(1);
  });

  it('throws the first item’s error when every item is bad', async () => {
    await expect(runner().run(request(['damaged', 'bad']))).rejects.toMatchObject({ message: 'instances[0]: damaged' });
  });

  it('throws the first item’s error when one bad item is to fail the request', async () => {
    const { run } = runner({ itemErrors: 'fail' });
    await expect(run(request(['a', 'damaged']))).rejects.toMatchObject({ message: 'instances[1]: damaged' });
  });

  it('takes items in groups of at most a quarter of the pixel budget, a larger item alone', async () => {
    const calls: number[] = [];
    const { run } = runner({ pixelBudget: 40, onPredict: async (words) => void calls.push(words.length) });
    const results = await run(request(['pixels:4', 'pixels:6', 'pixels:7', 'pixels:40', 'pixels:1', 'pixels:2']));
    expect(calls).toEqual([2, 1, 1, 2]);
    expect(results).toHaveLength(6);
  });

  it('fails the whole request when a stage after decoding fails', async () => {
    const onPredict = () => Promise.reject(new ServiceError('unavailable', 'the predictor cannot be reached'));
    await expect(runner({ onPredict }).run(request(['a', 'bad']))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('answers at once when its time is over, though a stage still works', async () => {
    const { run } = runner({ requestTimeoutMs: 5, onPredict: () => new Promise(() => undefined) });
    await expect(run(request(['a']))).rejects.toMatchObject({
      code: 'deadline_exceeded',
      message: 'The request took longer than its limit of 5 ms',
    });
  });

  it('ends when the client leaves, and hands the stages a signal that says so', async () => {
    const client = new AbortController();
    let seen: AbortSignal | undefined;
    const { run } = runner({
      onPredict: (_, { signal }) => {
        seen = signal;
        client.abort(new ServiceError('cancelled', 'The client left'));
        return new Promise(() => undefined);
      },
    });
    await expect(run(request(['a'], client.signal))).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen?.aborted).toBe(true);
  });

  it('refuses more items than one request may hold', async () => {
    await expect(runner().run(request(Array(11).fill('a')))).rejects.toMatchObject({
      code: 'payload_too_large',
      message: 'The request holds 11 items, more than the limit of 10 (--max_items); send them in several requests',
    });
  });

  it('turns requests away when as many run and wait as may', async () => {
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const { run } = runner({ maxInFlight: 1, maxQueue: 1, onPredict: () => gate });
    const admitted = [run(request(['a'])), run(request(['b']))];
    await expect(run(request(['c']))).rejects.toMatchObject({ code: 'resource_exhausted' });
    letGo();
    expect(await Promise.all(admitted)).toEqual([[{ result: 1 }], [{ result: 1 }]]);
  });

  it('tells the time of each stage and feeds KServe’s histograms', async () => {
    const { run, observed } = runner();
    const sent = request(['a']);
    await run(sent);
    expect([...sent.times.keys()]).toEqual(['queue', 'decode', 'preprocess', 'predict', 'postprocess']);
    expect(observed).toEqual(['fake:preprocess', 'fake:predict', 'fake:postprocess']);
  });
});

import { getMaxListeners } from 'node:events';
import { createLimiter } from '../../src/concurrency/limiter.js';
import { createLoopTurns } from '../../src/concurrency/loop-turns.js';
import { createSharedArena, type SharedArena } from '../../src/concurrency/shared-arena.js';
import { ServiceError } from '../../src/errors.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { NO_SPAN } from '../../src/observability/span.js';
import { createTransformerRunner, type RunOptions, type RunRequest } from '../../src/transformers/run-transformer.js';
import type { RequestContext } from '../../src/transformers/transformer.js';
import { eventually } from '../helpers/eventually.js';
import { type FakeStages, fakeTransformer } from '../helpers/fake-transformer.js';

interface Settings extends FakeStages {
  readonly itemErrors?: 'keep' | 'fail';
  readonly pixelBudget?: number;
  readonly pixels?: SharedArena;
  readonly requestTimeoutMs?: number;
  readonly maxInFlight?: number;
  readonly maxQueue?: number;
}

function runner(settings: Settings = {}) {
  const {
    itemErrors = 'keep',
    pixelBudget = 1000,
    pixels = createSharedArena({ byteLength: 3 * pixelBudget }),
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
      turns: createLoopTurns({ budgetMs: 10 }),
      decoding: createLimiter({ capacity: 2, what: 'pictures' }),
      pixels,
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

/**
 * Stages that tell when they begin and end.
 * @param gated those that end only when they are opened, or when their call is over
 */
function recorder(gated: readonly string[] = []) {
  const events: string[] = [];
  const opens = new Map<string, () => void>();
  const record = async (name: string, signal: AbortSignal | undefined) => {
    events.push(`${name} begins`);
    if (gated.includes(name)) {
      await new Promise<void>((resolve, reject) => {
        opens.set(name, resolve);
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      });
    }
    events.push(`${name} ends`);
  };
  return {
    events,
    open: (name: string) => opens.get(name)?.(),
    seen: (event: string) => eventually(() => (events.includes(event) ? event : undefined), event),
    stages: {
      // Decoding cannot be ended half-way.
      onDecode: (word: string) => record(`decode ${word}`, undefined),
      onPredict: (words: readonly string[], { signal }: RequestContext) => record(`predict ${words.join()}`, signal),
    },
  };
}

/** How many may listen before Node warns; 0 when any number may, of which getMaxListeners() of Node 20 makes an error. */
function listenersOf(signal: AbortSignal): number {
  try {
    return getMaxListeners(signal);
  } catch {
    return 0;
  }
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
    const { run } = runner({ pixelBudget: 40 * 64, onPredict: async (words) => void calls.push(words.length) });
    const results = await run(request([4, 6, 7, 40, 1, 2].map((pixels) => `pixels:${pixels * 64}`)));
    expect(calls).toEqual([2, 1, 1, 2]);
    expect(results).toHaveLength(6);
  });

  describe('with several groups', () => {
    it('lets any number of items wait on one signal', async () => {
      const limits: number[] = [];
      const { run } = runner({ onDecode: async (_, { signal }) => void limits.push(listenersOf(signal)) });
      await run(request(['pixels:250 a', 'pixels:250 b', 'pixels:1 c']));
      expect(limits).toEqual([0, 0, 0]);
    });

    it('decodes the next group while the models of one run, and no further', async () => {
      const { events, open, seen, stages } = recorder(['predict a']);
      const ended = runner({ ...stages, itemsPerGroup: 1 }).run(request(['a', 'bb', 'ccc']));
      await seen('decode bb ends');
      expect(events).toEqual([
        'decode a begins',
        'decode a ends',
        'predict a begins',
        'decode bb begins',
        'decode bb ends',
      ]);
      open('predict a');
      expect(await ended).toEqual([{ result: 1 }, { result: 2 }, { result: 3 }]);
      const predictions = events.filter((event) => event.startsWith('predict'));
      expect(predictions).toEqual(
        ['a', 'bb', 'ccc'].flatMap((word) => [`predict ${word} begins`, `predict ${word} ends`]),
      );
    });

    it('keeps the order of items and the errors of each', async () => {
      const { run } = runner({ itemsPerGroup: 2 });
      const results = await run(request(['a', 'damaged', 'bad', 'bbbb', 'damaged', 'cc', 'ddd']));
      const error = (message: string) => ({ error: expect.objectContaining({ message }) });
      expect(results).toEqual([
        { result: 1 },
        error('instances[1]: damaged'),
        error('instances[2]: not a picture'),
        { result: 4 },
        error('instances[4]: damaged'),
        { result: 2 },
        { result: 3 },
      ]);
    });

    it('ends the models of one group when an item of the next fails the request', async () => {
      const { events, open, seen, stages } = recorder(['predict a', 'decode damaged']);
      const { run } = runner({ ...stages, itemsPerGroup: 1, itemErrors: 'fail' });
      const ended = run(request(['a', 'damaged', 'bb']));
      await Promise.all([seen('predict a begins'), seen('decode damaged begins')]);
      open('decode damaged');
      await expect(ended).rejects.toMatchObject({ message: 'instances[1]: damaged' });
      expect(events).not.toContain('predict a ends');
      expect(events).not.toContain('decode bb begins');
    });

    it('fails when the models of one do, begins no other, and ends only when nobody decodes any more', async () => {
      const { events, open, seen, stages } = recorder(['decode bb']);
      const onPredict = async () => {
        await seen('decode bb begins');
        throw new ServiceError('unavailable', 'the predictor cannot be reached');
      };
      const ended = runner({ ...stages, onPredict, itemsPerGroup: 1 }).run(request(['a', 'bb', 'ccc']));
      const failed = expect(ended).rejects.toMatchObject({ code: 'unavailable' });
      void ended.catch(() => events.push('request ends'));
      await seen('decode bb begins');
      open('decode bb');
      await failed;
      expect(events).toEqual([
        'decode a begins',
        'decode a ends',
        'decode bb begins',
        'decode bb ends',
        'request ends',
      ]);
    });

    it('has at most two of them in memory', async () => {
      const arena = createSharedArena({ byteLength: 3 * 40 * 64 });
      let lent = 0;
      let mostLent = 0;
      const pixels: SharedArena = {
        ...arena,
        lend: (bytes, work, options) =>
          arena.lend(
            bytes,
            async (block) => {
              mostLent = Math.max(mostLent, (lent += block.byteLength));
              try {
                return await work(block);
              } finally {
                lent -= block.byteLength;
              }
            },
            options,
          ),
      };
      const words = Array.from({ length: 6 }, (_, i) => `pixels:640 ${i}`);
      expect(await runner({ pixels }).run(request(words))).toEqual(words.map(() => ({ result: 12 })));
      expect(mostLent).toBe(2 * 3 * 640);
      expect(lent).toBe(0);
    });
  });

  describe('with items of equal bytes', () => {
    it('decodes them once, and each request anew', async () => {
      const { events, stages } = recorder();
      const { run } = runner(stages);
      const decodes = () => events.filter((event) => /^decode .* begins$/.test(event));
      expect(await run(request(['a', 'bb', 'a', 'c', 'a']))).toEqual([1, 2, 1, 1, 1].map((result) => ({ result })));
      expect(decodes()).toEqual(['decode a begins', 'decode bb begins', 'decode c begins']);
      expect(events).toContain('predict a,bb,a,c,a begins');
      await run(request(['a']));
      expect(decodes()).toHaveLength(4);
    });

    it('decodes them once though they would fall into different groups', async () => {
      const { events, stages } = recorder();
      await runner({ ...stages, itemsPerGroup: 2 }).run(request(['a', 'b', 'c', 'a']));
      expect(events.filter((event) => event === 'decode a begins')).toHaveLength(1);
      expect(events).toEqual(expect.arrayContaining(['predict a,a begins', 'predict b,c begins']));
    });

    it('tells each of them their error', async () => {
      const { events, stages } = recorder();
      const results = await runner(stages).run(request(['damaged', 'a', 'damaged']));
      expect(results).toEqual([
        { error: expect.objectContaining({ code: 'unprocessable', message: 'instances[0]: damaged' }) },
        { result: 1 },
        { error: expect.objectContaining({ code: 'unprocessable', message: 'instances[2]: damaged' }) },
      ]);
      expect(events.filter((event) => event === 'decode damaged begins')).toHaveLength(1);
    });
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

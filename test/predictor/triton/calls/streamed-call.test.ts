import { ServiceError } from '../../../../src/errors.js';
import type { TritonInferRequest, TritonStreamMessage } from '../../../../src/predictor/triton/inference.js';
import type { TransportCall, TritonTransport } from '../../../../src/predictor/triton/transport.js';
import { echoOf, facesRequest, firstOf, literalClient, waitingInfer } from '../../../helpers/literal-transport.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';
import { recordingLogger } from '../triton-setup.js';

type InferStream = TritonTransport['inferStream'];

const messageOf = (request: TritonInferRequest, isFinal = true): TritonStreamMessage => {
  return { id: request.id ?? '', isFinal, result: echoOf(request) };
};

/** A transport's stream that answers each request once; and whether it was left. */
function echoingStream() {
  const state = { opened: 0, left: 0 };
  const inferStream: InferStream = async function* (requests) {
    state.opened++;
    try {
      for await (const request of requests) yield messageOf(request);
    } finally {
      state.left++;
    }
  };
  return { inferStream, state };
}

/** A transport's stream that answers once and then says no more, whatever happens. */
function silentStream() {
  const signals: AbortSignal[] = [];
  const inferStream: InferStream = async function* (requests, { signal }) {
    signals.push(signal);
    for await (const request of requests) {
      yield messageOf(request, false);
      await new Promise(() => undefined);
    }
  };
  return { inferStream, signals };
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** Takes one item and leaves the loop. */
async function firstItemOf<T>(stream: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of stream) return item;
  return undefined;
}

const three = () => [1, 2, 3].map((first) => ({ ...facesRequest(first), id: `r${first}` }));

describe('inferStream()', () => {
  async function* oneByOne() {
    for (const request of three()) yield await Promise.resolve(request);
  }

  it.each([
    ['an array', three],
    ['an async iterable', oneByOne],
  ])('sends the requests of %s and gives the messages as they come', async (_, requests) => {
    const { inferStream, state } = echoingStream();
    const messages = await collect(literalClient({ inferStream }).inferStream(requests()));
    expect(messages.map(({ id }) => id)).toEqual(['r1', 'r2', 'r3']);
    expect(messages.map(({ result }) => result && firstOf(result))).toEqual([1, 2, 3]);
    expect(state).toEqual({ opened: 1, left: 1 });
  });

  it.each([
    ['a single request', facesRequest(), 'received Object; call inferDecoupled or infer for a single one'],
    ['nothing', undefined, 'The requests of a stream must be an iterable; received undefined'],
  ])('refuses %s in place of an iterable', async (_, requests, message) => {
    const { inferStream } = echoingStream();
    const error = await serviceErrorOf(collect(literalClient({ inferStream }).inferStream(requests as never)));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(message);
  });

  it.each([
    ['an error', new Error('my file is missing'), 'invalid_argument', 'The iterable of the requests failed'],
    ['a ServiceError', new ServiceError('not_found', 'no such file'), 'not_found', 'no such file'],
  ])('ends with %s that the iterable throws', async (_, thrown, code, message) => {
    const { inferStream, state } = echoingStream();
    async function* failing() {
      yield await Promise.resolve(facesRequest());
      throw thrown;
    }
    const error = await serviceErrorOf(collect(literalClient({ inferStream }).inferStream(failing())));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect([error, error.cause]).toContain(thrown);
    expect(state.left).toBe(1);
  });

  it('begins when it is read', async () => {
    const { inferStream, state } = echoingStream();
    const client = literalClient({ inferStream });
    client.inferStream(three());
    await new Promise((resolve) => setImmediate(resolve));
    expect(state.opened).toBe(0);
  });

  it('takes one place, given back at its end, however that comes', async () => {
    const { inferStream, state } = echoingStream();
    const client = literalClient({ inferStream }, { concurrency: 1, maxQueue: 0 });
    const stream = client.inferStream(three())[Symbol.asyncIterator]();
    await stream.next();
    expect((await serviceErrorOf(client.infer(facesRequest()))).code).toBe('resource_exhausted');
    await stream.return?.();
    expect((await client.infer(facesRequest())).outputs.size).toBe(1);

    expect((await firstItemOf(client.inferStream(three())))?.id).toBe('r1');
    expect((await client.infer(facesRequest())).outputs.size).toBe(1);

    const thrown = new Error('by the reader');
    const throwing = async () => {
      for await (const { id } of client.inferStream(three())) throw Object.assign(thrown, { id });
    };
    await expect(throwing()).rejects.toBe(thrown);
    expect((await client.infer(facesRequest())).outputs.size).toBe(1);
    expect(state).toEqual({ opened: 3, left: 3 });
  });

  it('waits for its place, and leaves the queue when it is aborted there', async () => {
    const { infer, room } = waitingInfer();
    const { inferStream, state } = echoingStream();
    const client = literalClient({ infer, inferStream }, { concurrency: 1 });
    const call = client.infer(facesRequest());
    await room.holds(1);
    const error = await serviceErrorOf(collect(client.inferStream(three(), { timeoutMs: 20 })));
    expect(error.message).toBe('The stream, waiting for a place, took longer than its limit of 20 ms');
    room.release();
    await call;
    expect(state.opened).toBe(0);
  });

  it.each([
    [
      'its time is over',
      () => ({ timeoutMs: 30 }),
      'deadline_exceeded',
      'The stream took longer than its limit of 30 ms',
    ],
    [
      'its signal is aborted',
      () => ({ signal: AbortSignal.timeout(30) }),
      'cancelled',
      'The caller cancelled the call',
    ],
  ])('ends when %s, though the transport does not, and gives its place back', async (_, options, code, message) => {
    const { inferStream, signals } = silentStream();
    const client = literalClient({ inferStream }, { concurrency: 1 });
    const error = await serviceErrorOf(collect(client.inferStream(three(), options())));
    expect(error).toMatchObject({ code, message });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect((await client.infer(facesRequest())).outputs.size).toBe(1);
  });

  it('gives the place of a stream that nobody reads to its end back when its time is over', async () => {
    const { inferStream } = silentStream();
    const client = literalClient({ inferStream }, { concurrency: 1 });
    await client.inferStream(three(), { timeoutMs: 30 })[Symbol.asyncIterator]().next();
    expect((await client.infer(facesRequest(), { timeoutMs: 5000 })).outputs.size).toBe(1);
  });

  it('ends with the client', async () => {
    const { inferStream } = silentStream();
    const client = literalClient({ inferStream });
    const stream = client.inferStream(three())[Symbol.asyncIterator]();
    await stream.next();
    const waiting = serviceErrorOf(stream.next());
    await client.close();
    expect(await waiting).toMatchObject({ code: 'unavailable', message: 'The predictor is closed' });
  });

  it('is not retried, and says in the log that the server is lost', async () => {
    const { lines, logger } = recordingLogger();
    let opened = 0;
    // eslint-disable-next-line require-yield -- it fails before its first message
    const inferStream: InferStream = async function* () {
      opened++;
      await Promise.resolve();
      throw new ServiceError('unavailable', 'The predictor cannot be reached', { isSafeToRetry: true });
    };
    const client = literalClient({ inferStream }, { logger, retries: { baseDelayMs: 1 } });
    expect((await serviceErrorOf(collect(client.inferStream(three())))).code).toBe('unavailable');
    expect(opened).toBe(1);
    expect(lines).toEqual(['warn: the predictor is unavailable']);
  });

  it('ends at a tensor that is none, whether requests are checked against their models or not', async () => {
    const { inferStream } = echoingStream();
    const client = literalClient({ inferStream }, { checksRequests: false });
    const inputs = { input: { datatype: 'FP32', shape: [5], data: new Float32Array(4) } } as const;
    const error = await serviceErrorOf(collect(client.inferStream([{ model: 'faces', inputs }])));
    expect(error.message).toBe('inputs.input.data must be 5 elements for the shape [5]; received 4');
  });

  it('ends at a request that its model would refuse, and at what the requests throw', async () => {
    const { inferStream } = echoingStream();
    const client = literalClient({ inferStream });
    const refused = await serviceErrorOf(collect(client.inferStream([facesRequest(), facesRequest(0, 9)])));
    expect(refused.code).toBe('invalid_argument');
    const failing = function* () {
      yield facesRequest();
      throw new ServiceError('not_found', 'no more pictures');
    };
    expect((await serviceErrorOf(collect(client.inferStream(failing())))).code).toBe('not_found');
  });
});

describe('inferDecoupled()', () => {
  const request = { ...facesRequest(), id: 'r' };
  const empty = { ...echoOf(request), outputs: new Map() };

  /** A client of a decoupled model that answers with these messages. */
  function decoupled(messages: readonly TritonStreamMessage[]) {
    const seen: TritonInferRequest[] = [];
    const inferStream: InferStream = async function* (requests) {
      for await (const received of requests) seen.push(received);
      yield* messages;
    };
    const modelConfig = () => Promise.resolve({ max_batch_size: 8, model_transaction_policy: { decoupled: true } });
    return { client: literalClient({ inferStream, modelConfig }), seen };
  }

  it('gives the results, and not the last message when that is empty', async () => {
    const result = echoOf(request);
    const { client, seen } = decoupled([
      { id: 'r', isFinal: false, result },
      { id: 'r', isFinal: false, result: empty },
      { id: 'r', isFinal: true, result: empty },
      { id: 'r', isFinal: false, result },
    ]);
    expect(await collect(client.inferDecoupled(request))).toEqual([result, empty]);
    expect(seen).toEqual([request]);
  });

  it('gives the last message when it has outputs', async () => {
    const { client } = decoupled([messageOf(request)]);
    expect(await collect(client.inferDecoupled(request))).toHaveLength(1);
  });

  it("throws the request's error", async () => {
    const error = new ServiceError('upstream_error', 'the model said no');
    const { client } = decoupled([messageOf(request, false), { id: 'r', isFinal: true, error }]);
    const results: unknown[] = [];
    const reading = async () => {
      for await (const result of client.inferDecoupled(request)) results.push(result);
    };
    expect(await serviceErrorOf(reading())).toBe(error);
    expect(results).toHaveLength(1);
  });

  it('is the way to a model that a call for one answer is refused', async () => {
    const { client } = decoupled([messageOf(request)]);
    expect((await serviceErrorOf(client.infer(request))).message).toContain('inferDecoupled');
  });
});

describe('generate() and generateStream()', () => {
  const prompt = { model: 'faces', payload: { text_input: 'Hello' } };

  it('take a place and a time limit as inference does', async () => {
    const seen: Pick<TransportCall, 'headers'>[] = [];
    const client = literalClient(
      {
        generate: async (request, call) => {
          seen.push({ headers: call.headers });
          return Promise.resolve({ ...request.payload });
        },
        generateStream: async function* () {
          yield { text_output: 'a' };
          await new Promise(() => undefined);
        },
      },
      { concurrency: 1, headers: { 'x-team': 'a' } },
    );
    const stream = client.generateStream(prompt, { timeoutMs: 60 })[Symbol.asyncIterator]();
    expect((await stream.next()).value).toEqual({ text_output: 'a' });
    const error = await serviceErrorOf(client.generate(prompt, { timeoutMs: 20 }));
    expect(error.message).toBe(
      'The generation by model faces, waiting for a place, took longer than its limit of 20 ms',
    );
    expect((await serviceErrorOf(stream.next())).message).toBe(
      'The generation by model faces took longer than its limit of 60 ms',
    );
    expect(await client.generate(prompt)).toEqual({ text_input: 'Hello' });
    expect(seen).toEqual([{ headers: { 'x-team': 'a' } }]);
  });
});

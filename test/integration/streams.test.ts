import { setTimeout as sleep } from 'node:timers/promises';
import { parsePredictorAddress } from '../../src/predictor/triton/address.js';
import { createGrpcChannel } from '../../src/predictor/triton/grpc/grpc-channel.js';
import { loadInferenceService } from '../../src/predictor/triton/grpc/grpc-service.js';
import { createGrpcStreams } from '../../src/predictor/triton/grpc/grpc-stream.js';
import { createHttpConnection } from '../../src/predictor/triton/http/http-connection.js';
import { createHttpGeneration } from '../../src/predictor/triton/http/http-generation.js';
import type {
  GenerateRequest,
  ParameterValue,
  TritonInferRequest,
  TritonStreamMessage,
} from '../../src/predictor/triton/inference.js';
import { createTensor } from '../../src/predictor/triton/tensors/create-tensor.js';
import { toNumbers, toStrings } from '../../src/predictor/triton/tensors/read-tensor.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { type OwnTriton, startOwnTriton, tritonAddress } from './real-triton.js';
import { aCall } from './triton-transport.js';

/** How long the server may take to tell the model that a request was cancelled. */
const NOTICE_LIMIT_MS = 5000;

const MEGABYTE = 1024 * 1024;

const service = loadInferenceService();

function grpcStreams(address: string) {
  const channel = createGrpcChannel(parsePredictorAddress(`grpc://${address}`), {
    connectTimeoutMs: 5000,
    maxAnswerBytes: Infinity,
  });
  return { ...createGrpcStreams(channel, service), close: () => channel.close() };
}

/** A request to the model repeat. */
function repeat(id: string, parameters: Record<string, ParameterValue>, text = 'hello'): TritonInferRequest {
  return { model: 'repeat', id, inputs: { text_input: createTensor('BYTES', [1], [text]) }, parameters };
}

/** A request to the model copy, which is not decoupled. */
function copy(id: string, values: readonly number[]): TritonInferRequest {
  return { model: 'copy', id, inputs: { INPUT0: createTensor('FP32', [values.length], values) } };
}

async function* requestsOf(...requests: readonly TritonInferRequest[]): AsyncGenerator<TritonInferRequest> {
  yield* requests;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/** The index that an answer of the model repeat holds; undefined where it holds none. */
function indexOf({ result }: TritonStreamMessage): number | undefined {
  const index = result?.outputs.get('index');
  return index && toNumbers(index)[0];
}

const countTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Waits until the model has noticed more cancelled requests than before. */
async function untilNoticed(noticed: () => Promise<number>, before: number): Promise<void> {
  const endsAt = Date.now() + NOTICE_LIMIT_MS;
  while ((await noticed()) <= before) {
    if (Date.now() > endsAt) throw new Error(`The model has noticed no cancellation for ${NOTICE_LIMIT_MS} ms`);
    await sleep(50);
  }
}

describe('A stream to a real Triton over grpc', () => {
  let streams: ReturnType<typeof grpcStreams>;
  beforeAll(() => {
    streams = grpcStreams(tritonAddress('grpc'));
  });
  afterAll(() => streams.close());

  const answersTo = (...requests: TritonInferRequest[]) =>
    collect(streams.inferStream(requestsOf(...requests), aCall()));

  /** How many cancelled requests the model has noticed so far. */
  const noticed = async () => {
    const [report] = await answersTo(repeat('report', { report: true }));
    return report === undefined ? -1 : (indexOf(report) ?? -1);
  };

  it('gives all answers of a decoupled model in their order, and then an empty last one', async () => {
    const messages = await answersTo(repeat('a', { times: 5 }, 'grüße'));
    expect(messages.map(indexOf)).toEqual([0, 1, 2, 3, 4, undefined]);
    expect(messages.map(({ isFinal }) => isFinal)).toEqual([false, false, false, false, false, true]);
    expect(messages.map(({ id }) => id)).toEqual(Array(6).fill('a'));
    const text = messages[0]?.result?.outputs.get('text_output');
    expect(text && toStrings(text)).toEqual(['grüße']);
    expect(messages[5]?.result).toMatchObject({ model: 'repeat', id: 'a', parameters: {} });
    expect(messages[5]?.result?.outputs.size).toBe(0);
  });

  it('knows the last answer where the model marks it', async () => {
    const messages = await answersTo(repeat('a', { times: 2, final_with_last: true }));
    expect(messages.map((message) => [indexOf(message), message.isFinal])).toEqual([
      [0, false],
      [1, true],
    ]);
  });

  it('gives a last answer alone where the model gives none', async () => {
    expect(await answersTo(repeat('a', { times: 0 }))).toMatchObject([{ id: 'a', isFinal: true, result: {} }]);
  });

  it('gives the outputs that were asked for alone, and the empty answer nonetheless', async () => {
    const messages = await answersTo({ ...repeat('a', {}), outputs: ['index'] });
    expect(messages.map(({ result }) => [...(result?.outputs.keys() ?? [])])).toEqual([['index'], []]);
  });

  it('answers many requests to a model that is not decoupled, each by its id', async () => {
    const messages = await answersTo(...countTo(200).map((index) => copy(`n${index}`, [index, -index])));
    expect(messages).toHaveLength(200);
    for (const { id, isFinal, result } of messages) {
      const output = result?.outputs.get('OUTPUT0');
      const index = Number(id.slice(1));
      expect([isFinal, output && toNumbers(output)]).toEqual([true, [index, -index]]);
    }
  });

  it('lets requests interleave, with and without ids of their own', async () => {
    const slow = { times: 5, delay_ms: 30 };
    const messages = await answersTo(repeat('', slow, 'first'), repeat('', slow, 'second'), repeat('x', slow));
    const texts = messages.flatMap(({ result }) => {
      const text = result?.outputs.get('text_output');
      return text === undefined ? [] : toStrings(text);
    });
    expect(texts).toHaveLength(15);
    expect(texts.indexOf('second')).toBeLessThan(texts.lastIndexOf('first'));
    expect(texts.indexOf('first')).toBeLessThan(texts.lastIndexOf('second'));
    expect(
      messages
        .filter(({ isFinal }) => isFinal)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['', '', 'x']);
  });

  it('takes a request that depends on the answer to the one before', async () => {
    const seen: (number | undefined)[] = [];
    const requests = async function* () {
      for (let times = 1; times <= 3; times++) {
        yield repeat('same', { times, final_with_last: true });
        while (seen.length < (times * (times + 1)) / 2) await sleep(1);
      }
    };
    for await (const message of streams.inferStream(requests(), aCall())) seen.push(indexOf(message));
    expect(seen).toEqual([0, 0, 1, 0, 1, 2]);
  });

  it.each([
    ['a model fails midway', repeat('bad', { times: 3, delay_ms: 10, fail_at: 1 }), 'failed at 1'],
    [
      'a model is unknown',
      { ...repeat('bad', {}), model: 'nobody' },
      "Request for unknown model: 'nobody' is not found",
    ],
    ['an input is missing', { ...repeat('bad', {}), inputs: {} }, 'expected 1 inputs but got 0 inputs'],
  ])('goes on with other requests when %s', async (_, bad, words) => {
    const messages = await answersTo(bad, repeat('good', { times: 5, delay_ms: 20 }));
    expect(messages.filter(({ id }) => id === 'good').map(indexOf)).toEqual([0, 1, 2, 3, 4, undefined]);
    const last = messages.filter(({ id }) => id === 'bad').at(-1);
    expect(last).toMatchObject({ isFinal: true, error: { code: 'upstream_error' } });
    expect(last?.error?.upstream?.text).toContain(words);
  });

  it('ends with the status of an error where that is asked for', async () => {
    const call = { ...aCall(), headers: { triton_grpc_error: 'true' } };
    const messages = streams.inferStream(requestsOf(repeat('a', { times: 3, fail_at: 1 })), call);
    expect(await serviceErrorOf(collect(messages))).toMatchObject({
      code: 'upstream_error',
      upstream: { status: 'INVALID_ARGUMENT', text: 'failed at 1' },
    });
  });

  it('keeps 1000 answers out of memory while they are not read', async () => {
    const text = 'x'.repeat(100_000);
    const before = process.memoryUsage().arrayBuffers;
    const indexes: (number | undefined)[] = [];
    let held = 0;
    for await (const message of streams.inferStream(requestsOf(repeat('a', { times: 1000 }, text)), aCall())) {
      indexes.push(indexOf(message));
      if (indexes.length > 1) continue;
      // The model needs less than that for all of them.
      await sleep(2000);
      held = process.memoryUsage().arrayBuffers - before;
    }
    expect(indexes).toEqual([...countTo(1000), undefined]);
    // Of 100 MB in all: 16 messages, and 4 MiB within HTTP/2.
    expect(held).toBeLessThan(15 * MEGABYTE);
  });

  it.each(['the loop is left', 'the signal is aborted', 'the time is over'])(
    'tells the model when %s',
    async (reason) => {
      const before = await noticed();
      const controller = new AbortController();
      const limitMs = reason === 'the time is over' ? 300 : 20_000;
      const call = { signal: controller.signal, remainingMs: () => limitMs, headers: {} };
      const read = async () => {
        for await (const message of streams.inferStream(requestsOf(repeat('a', { times: 500, delay_ms: 20 })), call)) {
          expect(message.id).toBe('a');
          if (reason === 'the loop is left') break;
          if (reason === 'the signal is aborted') controller.abort();
        }
      };
      const outcome = await read().catch((error: unknown) => error);
      const codes = { 'the signal is aborted': 'cancelled', 'the time is over': 'deadline_exceeded' };
      const code = codes[reason as keyof typeof codes] as string | undefined;
      if (code === undefined) expect(outcome).toBeUndefined();
      else expect(outcome).toMatchObject({ code });
      await untilNoticed(noticed, before);
    },
  );

  describe('whose server is killed', () => {
    let triton: OwnTriton;
    beforeAll(async () => {
      triton = await startOwnTriton({ from: ['test/fixtures/triton-models'] });
    }, 120_000);
    afterAll(() => triton.close());

    it('is unavailable, and answers again over the same channel after a restart', async () => {
      const own = grpcStreams(triton.address('grpc'));
      const messages = own.inferStream(requestsOf(repeat('a', { times: 500, delay_ms: 20 })), aCall());
      const read = messages[Symbol.asyncIterator]();
      await read.next();
      await triton.kill();
      const rest = async () => {
        while ((await read.next()).done !== true);
      };
      expect(await serviceErrorOf(rest())).toMatchObject({ code: 'unavailable', isSafeToRetry: false });
      await triton.restart();
      const again = async (): Promise<TritonStreamMessage[]> => {
        const answers = collect(own.inferStream(requestsOf(repeat('b', { times: 2 })), aCall()));
        return answers.catch(() => sleep(100).then(again));
      };
      expect((await again()).map(indexOf)).toEqual([0, 1, undefined]);
      own.close();
    }, 120_000);
  });
});

describe('The generate extension of a real Triton over http', () => {
  const options = { concurrency: 4, connectTimeoutMs: 5000, maxAnswerBytes: Infinity };
  let client: ReturnType<typeof createHttpGeneration>;
  let close: () => Promise<void>;
  beforeAll(() => {
    const connection = createHttpConnection(`http://${tritonAddress('http')}`, options);
    client = createHttpGeneration(connection, options);
    close = () => connection.close();
  });
  afterAll(() => close());

  const request = (payload: GenerateRequest['payload']): GenerateRequest => {
    return { model: 'repeat', payload: { text_input: 'grüße', ...payload } };
  };
  const answer = (index: number) => ({ model_name: 'repeat', model_version: '1', text_output: 'grüße', index });

  it('gives one answer', async () => {
    expect(await client.generate(request({}), aCall())).toEqual(answer(0));
    expect(await client.generate({ ...request({ id: 'a' }), version: '1' }, aCall())).toEqual({
      ...answer(0),
      id: 'a',
    });
  });

  it('gives an answer of a model that is not decoupled', async () => {
    const { OUTPUT0: output } = await client.generate({ model: 'copy', payload: { INPUT0: [1.5, 2] } }, aCall());
    expect(output).toEqual([1.5, 2]);
  });

  it.each([
    [{ times: 0 }, 200, 'UNKNOWN', 'generate expects model to produce exactly 1 response'],
    [{ times: 2 }, 200, 'UNKNOWN', 'generate expects model to produce exactly 1 response'],
    [{ fail_at: 0 }, 400, 'INVALID_ARGUMENT', 'failed at 0'],
    [{ text_input: undefined }, 400, 'INVALID_ARGUMENT', 'expected 1 inputs but got 0 inputs'],
  ])('throws the error that answers %j', async (payload, httpStatus, status, words) => {
    const error = await serviceErrorOf(client.generate(request(payload), aCall()));
    expect(error).toMatchObject({ code: 'upstream_error', upstream: { httpStatus, status } });
    expect(error.upstream?.text).toContain(words);
  });

  it.each([0, 1, 1000])('gives %i answers as they come, in their order', async (times) => {
    const answers = await collect(client.generateStream(request({ times }), aCall()));
    expect(answers).toEqual(countTo(times).map(answer));
  });

  it.each([
    [0, 400, 'INVALID_ARGUMENT'],
    [2, 200, 'UNKNOWN'],
  ])('throws the error that comes after %i answers', async (fail_at, httpStatus, status) => {
    const answers = client.generateStream(request({ times: 5, fail_at }), aCall())[Symbol.asyncIterator]();
    for (const index of countTo(fail_at)) expect(await answers.next()).toEqual({ done: false, value: answer(index) });
    expect(await serviceErrorOf(answers.next())).toMatchObject({
      code: 'upstream_error',
      message: `The predictor answered with an error for model repeat: failed at ${fail_at}`,
      upstream: { httpStatus, status, text: `failed at ${fail_at}` },
    });
  });

  it('throws the error of a model that is unknown', async () => {
    const error = await serviceErrorOf(collect(client.generateStream({ ...request({}), model: 'nobody' }, aCall())));
    expect(error).toMatchObject({ code: 'upstream_error', upstream: { httpStatus: 404, status: 'NOT_FOUND' } });
  });

  it('tells the model when the loop is left', async () => {
    const noticed = async () => Number((await client.generate(request({ report: true }), aCall()))['index']);
    const before = await noticed();
    for await (const { index } of client.generateStream(request({ times: 500, delay_ms: 20 }), aCall())) {
      expect(index).toBe(0);
      break;
    }
    await untilNoticed(noticed, before);
  });
});

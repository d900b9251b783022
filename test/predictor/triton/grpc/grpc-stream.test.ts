import { getEventListeners, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { ServiceError } from '../../../../src/errors.js';
import { parsePredictorAddress } from '../../../../src/predictor/triton/address.js';
import type { ConnectOptions } from '../../../../src/predictor/triton/connect-options.js';
import { createGrpcChannel } from '../../../../src/predictor/triton/grpc/grpc-channel.js';
import { loadInferenceService } from '../../../../src/predictor/triton/grpc/grpc-service.js';
import { createGrpcStreams } from '../../../../src/predictor/triton/grpc/grpc-stream.js';
import type { TritonInferRequest, TritonStreamMessage } from '../../../../src/predictor/triton/inference.js';
import type { TransportCall } from '../../../../src/predictor/triton/transport.js';
import { openDoor } from '../../../helpers/door.js';
import {
  answerSlowly,
  numberAnswer,
  requestsIn,
  type ServerStream,
  startFakeStreams,
} from '../../../helpers/fake-streams.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const service = loadInferenceService();
const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A client of a port. */
function clientOf(port: number, options: Partial<ConnectOptions> = {}) {
  const address = parsePredictorAddress(`grpc://127.0.0.1:${port}`);
  const channel = createGrpcChannel(address, { connectTimeoutMs: 5000, maxAnswerBytes: Infinity, ...options });
  ends.unshift(() => channel.close());
  return { ...createGrpcStreams(channel, service), close: () => channel.close() };
}

/** A client of a server that does so with every stream, behind a door that can be shut. */
async function connectedTo(serve: (stream: ServerStream) => Promise<void>) {
  const server = await startFakeStreams(serve);
  const door = await openDoor(server.port);
  ends.push(
    () => server.close(),
    () => door.close(),
  );
  return { ...clientOf(door.port), door };
}

/** Answers every request with its number, at once. */
async function answerEach(stream: ServerStream): Promise<void> {
  let count = 0;
  for await (const { id } of requestsIn(stream))
    await answerSlowly(stream, numberAnswer(id, count++, { isFinal: true }));
}

/** Waits until the client has broken the stream off. */
async function untilCancelled(stream: ServerStream): Promise<void> {
  if (!stream.cancelled) await once(stream, 'cancelled');
}

function call(
  options: { signal?: AbortSignal; limitMs?: number; headers?: Record<string, string> } = {},
): TransportCall {
  const { signal = new AbortController().signal, limitMs = 60_000, headers = {} } = options;
  return { signal, remainingMs: () => limitMs, headers };
}

function request(id: string, rest: Partial<TritonInferRequest> = {}): TritonInferRequest {
  return { model: 'counter', id, inputs: {}, ...rest };
}

/** Requests of the ids; it is noted when no more are wanted. */
function requestsOf(...ids: string[]) {
  const seen = { given: 0, isReturned: false };
  const requests = async function* () {
    try {
      for (const id of ids) {
        seen.given++;
        yield request(id);
      }
    } finally {
      seen.isReturned = true;
    }
  };
  return { requests: requests(), seen };
}

/** One request, and then none for good; it is noted when no more are wanted. */
function unending(id: string) {
  const seen = { isReturned: false };
  const results = [{ value: request(id) }];
  const requests: AsyncIterable<TritonInferRequest> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const next = results.shift();
        return next === undefined ? new Promise(() => undefined) : Promise.resolve({ done: false, ...next });
      },
      return: () => {
        seen.isReturned = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  return { requests, seen };
}

async function collect(messages: AsyncIterable<TritonStreamMessage>): Promise<TritonStreamMessage[]> {
  const collected: TritonStreamMessage[] = [];
  for await (const message of messages) collected.push(message);
  return collected;
}

/** What a count comes to once it has not changed for a while. */
async function settled(count: () => number): Promise<number> {
  let last = -1;
  while (last !== count()) {
    last = count();
    await sleep(150);
  }
  return last;
}

const ids = (messages: readonly TritonStreamMessage[]) => messages.map(({ id }) => id);

const numberOf = ({ result }: TritonStreamMessage) => {
  const tensor = result?.outputs.get('VALUE');
  return tensor?.datatype === 'FP32' ? tensor.data[0] : undefined;
};

const WENT_AWAY = { code: 'unavailable', message: 'The predictor went away while it worked on the call' };

describe('inferStream()', () => {
  it('gives the answers to requests as they come, each with its id', async () => {
    const { inferStream } = await connectedTo(async (stream) => {
      const asked: string[] = [];
      for await (const { id } of requestsIn(stream)) asked.push(id);
      for (const id of asked.reverse()) await answerSlowly(stream, numberAnswer(id, 1, { isFinal: true }));
    });
    const messages = await collect(inferStream(requestsOf('a', 'b', 'c').requests, call()));
    expect(ids(messages)).toEqual(['c', 'b', 'a']);
  });

  it('gives an answer before the next request is there', async () => {
    const { inferStream } = await connectedTo(answerEach);
    const answered: string[] = [];
    const requests = async function* () {
      yield request('a');
      while (answered.length === 0) await sleep(1);
      yield request('b');
    };
    for await (const { id } of inferStream(requests(), call())) answered.push(id);
    expect(answered).toEqual(['a', 'b']);
  });

  it('ends at once without requests', async () => {
    const { inferStream } = await connectedTo(answerEach);
    expect(await collect(inferStream(requestsOf().requests, call()))).toEqual([]);
  });

  it('reads all answers to the end after the last request', async () => {
    const { inferStream } = await connectedTo(async (stream) => {
      for await (const { id } of requestsIn(stream)) expect(id).toBe('a');
      for (let index = 0; index < 100; index++) {
        await answerSlowly(stream, numberAnswer('a', index, { isFinal: index === 99 }));
      }
    });
    const messages = await collect(inferStream(requestsOf('a').requests, call()));
    expect(messages.map(numberOf)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(messages.map(({ isFinal }) => isFinal).indexOf(true)).toBe(99);
  });

  it('goes on after the error of one request', async () => {
    const { inferStream } = await connectedTo(async (stream) => {
      for await (const { id } of requestsIn(stream)) {
        const answer = numberAnswer(id, 1, { isFinal: true });
        stream.write(id === 'bad' ? { error_message: 'no such model', infer_response: { id } } : answer);
      }
    });
    const messages = await collect(inferStream(requestsOf('bad', 'good').requests, call()));
    expect(messages).toMatchObject([
      { id: 'bad', isFinal: true, error: { upstream: { text: 'no such model' } } },
      { id: 'good', isFinal: true, result: {} },
    ]);
  });

  it('sends the headers', async () => {
    const sent: unknown[] = [];
    const { inferStream } = await connectedTo(async (stream) => {
      sent.push(stream.metadata.get('x-request-id'));
      await answerEach(stream);
    });
    await collect(inferStream(requestsOf('a').requests, call({ headers: { 'x-request-id': 'r1' } })));
    expect(sent).toEqual([['r1']]);
  });

  describe('waits', () => {
    const REQUEST_BYTES = 100_000;

    it('with the next requests while the server does not read', async () => {
      const gate = new AbortController();
      const { inferStream } = await connectedTo(async (stream) => {
        await once(gate.signal, 'abort');
        await answerEach(stream);
      });
      let taken = 0;
      const requests = async function* () {
        const data = new Float32Array(REQUEST_BYTES / 4);
        for (; taken < 100; taken++) {
          yield request(String(taken), { inputs: { VALUES: { datatype: 'FP32', shape: [data.length], data } } });
        }
      };
      const messages = collect(inferStream(requests(), call()));
      // What fits in the buffers of the sockets, HTTP/2 and the server's 16 messages.
      expect(await settled(() => taken)).toBeLessThan(50);
      gate.abort();
      expect(await messages).toHaveLength(100);
    });

    it('with the next answers while nobody reads them', async () => {
      let written = 0;
      const { inferStream } = await connectedTo(async (stream) => {
        const answer = numberAnswer('a', 0, { isFinal: false });
        const raw_output_contents = [Buffer.alloc(REQUEST_BYTES)];
        const outputs = [{ name: 'VALUE', datatype: 'FP32', shape: [REQUEST_BYTES / 4] }];
        for (; written < 1000; written++) {
          await answerSlowly(stream, { infer_response: { ...answer.infer_response, outputs, raw_output_contents } });
        }
        stream.write(numberAnswer('a', 1, { isFinal: true }));
      });
      const messages = inferStream(requestsOf('a').requests, call())[Symbol.asyncIterator]();
      await messages.next();
      // 16 messages here and there, 4 MiB within HTTP/2, and the buffers of the sockets.
      expect(await settled(() => written)).toBeLessThan(200);
      let count = 1;
      while ((await messages.next()).done !== true) count++;
      expect(count).toBe(1001);
    });
  });

  describe('cancels the call', () => {
    /** Answers the first request, and waits for the end. */
    async function cancellable() {
      const streams: ServerStream[] = [];
      const client = await connectedTo(async (stream) => {
        streams.push(stream);
        stream.on('data', ({ id }: { id: string }) => stream.write(numberAnswer(id, 1, { isFinal: false })));
        await untilCancelled(stream);
      });
      return { ...client, streams };
    }

    it.each([
      ['left', () => undefined],
      ['left by an error', () => new Error('the reader fails')],
    ])('when the loop is %s', async (_, failure) => {
      const { inferStream, streams } = await cancellable();
      const { requests, seen } = unending('a');
      const { signal } = new AbortController();
      const read = async () => {
        for await (const message of inferStream(requests, call({ signal }))) {
          expect(message.id).toBe('a');
          const error = failure();
          if (error !== undefined) throw error;
          break;
        }
      };
      await read().catch((error: unknown) => expect(error).toEqual(failure()));
      await Promise.all(streams.map(untilCancelled));
      expect(streams).toHaveLength(1);
      expect(seen.isReturned).toBe(true);
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    });

    it.each([
      ['the reason', new ServiceError('deadline_exceeded', 'The call took too long'), 'deadline_exceeded'],
      ['cancelled', undefined, 'cancelled'],
    ])('with the signal, and throws %s', async (_, reason, code) => {
      const { inferStream, streams } = await cancellable();
      const { requests, seen } = unending('a');
      const controller = new AbortController();
      const messages = inferStream(requests, call({ signal: controller.signal }))[Symbol.asyncIterator]();
      await messages.next();
      const end = serviceErrorOf(messages.next());
      controller.abort(reason);
      expect(await end).toMatchObject({ code });
      await Promise.all(streams.map(untilCancelled));
      expect(seen.isReturned).toBe(true);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    });

    it('with the signal, though more messages have come', async () => {
      const { inferStream } = await connectedTo(async (stream) => {
        for (let index = 0; index < 5; index++) stream.write(numberAnswer('a', index, { isFinal: false }));
        await untilCancelled(stream);
      });
      const controller = new AbortController();
      const messages = inferStream(unending('a').requests, call({ signal: controller.signal }))[Symbol.asyncIterator]();
      await messages.next();
      await sleep(50);
      controller.abort();
      expect(await serviceErrorOf(messages.next())).toMatchObject({ code: 'cancelled' });
    });

    it('when its time is over', async () => {
      const { inferStream, streams } = await cancellable();
      const error = await serviceErrorOf(collect(inferStream(unending('a').requests, call({ limitMs: 100 }))));
      expect(error).toMatchObject({
        code: 'deadline_exceeded',
        message: 'The call for the inference stream took longer than its limit',
      });
      await Promise.all(streams.map(untilCancelled));
    });

    it('with the error that the requests throw', async () => {
      const { inferStream, streams } = await cancellable();
      const failure = new Error('the camera is gone');
      const requests = async function* () {
        yield request('a');
        throw failure;
      };
      await expect(collect(inferStream(requests(), call()))).rejects.toBe(failure);
      await Promise.all(streams.map(untilCancelled));
    });

    it('when a request is wrong in itself', async () => {
      const { inferStream } = await cancellable();
      let isReturned = false;
      const requests = async function* () {
        try {
          yield request('a', { parameters: { timeout: 1 } });
        } finally {
          isReturned = true;
        }
      };
      expect(await serviceErrorOf(collect(inferStream(requests(), call())))).toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining('the name "timeout" is reserved by Triton'),
      });
      expect(isReturned).toBe(true);
    });

    it('when an answer belongs to no request', async () => {
      const { inferStream } = await connectedTo(async (stream) => {
        stream.write(numberAnswer('other', 1, { isFinal: true }));
        await untilCancelled(stream);
      });
      expect(await serviceErrorOf(collect(inferStream(unending('a').requests, call())))).toMatchObject({
        code: 'upstream_error',
        message: expect.stringContaining('it belongs to no request ("other")'),
      });
    });

    it('when the channel is closed', async () => {
      const { inferStream, close } = await cancellable();
      const messages = inferStream(unending('a').requests, call())[Symbol.asyncIterator]();
      await messages.next();
      const end = serviceErrorOf(messages.next());
      close();
      expect(await end).toMatchObject(WENT_AWAY);
    });
  });

  describe('throws what ends the stream', () => {
    /** Answers as many messages, then does something. */
    function answering(count: number, end: (stream: ServerStream) => unknown) {
      return connectedTo(async (stream) => {
        const [asked] = (await once(stream, 'data')) as [{ id: string }];
        for (let index = 0; index < count; index++) stream.write(numberAnswer(asked.id, index, { isFinal: false }));
        await end(stream);
      });
    }

    const failWith = (code: status, details: string) => () =>
      Promise.reject(Object.assign(new Error(details), { code, details }));

    it.each([
      [status.INVALID_ARGUMENT, 0, { code: 'upstream_error', isSafeToRetry: false }],
      [status.UNAVAILABLE, 0, { code: 'unavailable', isSafeToRetry: true }],
      [status.UNAVAILABLE, 1, { code: 'unavailable', isSafeToRetry: false }],
    ])('when it is of status %i after %i answers', async (code, count, expected) => {
      const { inferStream } = await answering(count, failWith(code, 'the queue is shut'));
      expect(await serviceErrorOf(collect(inferStream(unending('a').requests, call())))).toMatchObject({
        ...expected,
        message: 'The predictor answered with an error for the inference stream: the queue is shut',
        upstream: { status: status[code], text: 'the queue is shut' },
      });
    });

    it.each([
      [0, true],
      [2, false],
    ])('when the server goes away after %i answers', async (count, isSafeToRetry) => {
      const { inferStream, door } = await answering(count, untilCancelled);
      const { requests, seen } = unending('a');
      const messages = inferStream(requests, call())[Symbol.asyncIterator]();
      for (let index = 0; index < count; index++) await messages.next();
      const end = serviceErrorOf(messages.next());
      if (count === 0) await sleep(50);
      await door.close();
      expect(await end).toMatchObject({ ...WENT_AWAY, isSafeToRetry });
      expect(seen.isReturned).toBe(true);
    });

    it('when the server ends it before the last answer', async () => {
      const { inferStream } = await answering(1, () => undefined);
      const error = await serviceErrorOf(collect(inferStream(requestsOf('a').requests, call())));
      expect(error).toMatchObject({ ...WENT_AWAY, isSafeToRetry: false });
    });

    it('when the server ends it before the last request', async () => {
      const { inferStream } = await connectedTo(async () => undefined);
      const error = await serviceErrorOf(collect(inferStream(unending('a').requests, call())));
      expect(error).toMatchObject({ ...WENT_AWAY, isSafeToRetry: true });
    });

    it('when no server is there', async () => {
      const { inferStream, door } = await connectedTo(answerEach);
      await door.close();
      const { requests } = requestsOf('a');
      expect(await serviceErrorOf(collect(inferStream(requests, call())))).toMatchObject({
        code: 'unavailable',
        message: 'The predictor cannot be reached',
        isSafeToRetry: true,
      });
    });

    it('when the signal was aborted before', async () => {
      const { inferStream } = await connectedTo(answerEach);
      const reason = new ServiceError('cancelled', 'Never mind');
      const { requests, seen } = requestsOf('a');
      await expect(collect(inferStream(requests, call({ signal: AbortSignal.abort(reason) })))).rejects.toBe(reason);
      expect(seen.given).toBe(0);
    });
  });
});

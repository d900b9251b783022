import { parsePredictorAddress } from '../../../src/predictor/triton/address.js';
import { createTritonPredictor } from '../../../src/predictor/triton/triton-predictor.js';
import type { InferRequest, StreamedInferResponse } from '../../../src/predictor/predictor.js';
import { NO_SPAN } from '../../../src/observability/span.js';
import {
  numberAnswer,
  requestsIn,
  type ServerStream,
  startFakeStreams,
  type StreamedRequest,
} from '../../helpers/fake-streams.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';
import { recordingLogger } from './triton-setup.js';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The streams of a predictor whose server does so with every request. */
async function streamsTo(serve: (request: StreamedRequest, stream: ServerStream) => void) {
  const seen: StreamedRequest[] = [];
  const metadata: string[] = [];
  const server = await startFakeStreams(async (stream) => {
    metadata.push(String(stream.metadata.get('x-request-id')[0]));
    for await (const request of requestsIn(stream)) {
      seen.push(request);
      serve(request, stream);
    }
  });
  ends.push(() => server.close());
  const { logger } = recordingLogger();
  const options = { concurrency: 4, requestTimeoutMs: 10_000, logger };
  const predictor = await createTritonPredictor(parsePredictorAddress(`grpc://127.0.0.1:${server.port}`), options);
  ends.push(() => predictor.close());
  const collect = async (...requests: readonly InferRequest[]): Promise<StreamedInferResponse[]> => {
    const messages = predictor.inferStream?.(from(requests), {
      headers: { 'x-request-id': 'r-1' },
      span: NO_SPAN,
    });
    const collected: StreamedInferResponse[] = [];
    for await (const message of messages ?? []) collected.push(message);
    return collected;
  };
  return { collect, seen, metadata };
}

async function* from(requests: readonly InferRequest[]): AsyncGenerator<InferRequest> {
  yield* requests;
}

const request = (rest: Partial<InferRequest> = {}): InferRequest => ({ model: 'counter', inputs: new Map(), ...rest });

/** A last answer that says no more. */
const emptyFinal = (id: string) => ({
  infer_response: { id, parameters: { triton_final_response: { bool_param: true } } },
});

/** Each message as its id, its number, and whether it is the last. */
const shortly = (messages: readonly StreamedInferResponse[]) =>
  messages.map(({ id, response, error }) => [
    id,
    error?.message ?? response?.outputs.get('VALUE')?.data[0],
    response?.parameters?.['triton_final_response'],
  ]);

describe('inferStream()', () => {
  it('gives any number of messages to a request, each with its id and whether it is the last', async () => {
    const { collect, seen, metadata } = await streamsTo(({ id }, stream) => {
      for (const count of [1, 2, 3]) stream.write(numberAnswer(id, count, { isFinal: count === 3 }));
    });
    const parameters = { times: 3, priority: 1 };
    const messages = await collect(request({ id: 'a', version: '2', parameters }));
    expect(shortly(messages)).toEqual([
      ['a', 1, false],
      ['a', 2, false],
      ['a', 3, true],
    ]);
    expect(seen).toMatchObject([
      {
        model_name: 'counter',
        model_version: '2',
        id: 'a',
        parameters: { times: { int64_param: '3' }, priority: { int64_param: '1' } },
      },
    ]);
    expect(metadata).toEqual(['r-1']);
  });

  it('keeps the messages of requests without an id apart, and gives them without one', async () => {
    const waiting: string[] = [];
    const { collect } = await streamsTo(({ id }, stream) => {
      waiting.unshift(id);
      if (waiting.length < 2) return;
      // In the other order.
      for (const [index, known] of waiting.entries()) stream.write(numberAnswer(known, index, { isFinal: true }));
    });
    const messages = await collect(request(), request({ id: '' }));
    expect(new Set(waiting).size).toBe(2);
    expect(waiting).not.toContain('');
    expect(shortly(messages)).toEqual([
      ['', 0, true],
      ['', 1, true],
    ]);
  });

  it('gives a last message that is empty only to a request that asks for it', async () => {
    const { collect } = await streamsTo(({ id }, stream) => {
      stream.write(numberAnswer(id, 1, { isFinal: false }));
      stream.write(emptyFinal(id));
    });
    const parameters = { triton_enable_empty_final_response: true };
    const messages = await collect(request({ id: 'silent' }), request({ id: 'told', parameters }));
    expect(shortly(messages)).toEqual([
      ['silent', 1, false],
      ['told', 1, false],
      ['told', undefined, true],
    ]);
  });

  it("gives one request's error as a message with the server's words", async () => {
    const { collect } = await streamsTo(({ id }, stream) => {
      const refusal = { error_message: 'no such model: /mnt/models/counter', infer_response: { id } };
      stream.write(id === 'bad' ? refusal : numberAnswer(id, 1, { isFinal: true }));
    });
    const [bad, good] = await collect(request({ id: 'bad' }), request({ id: 'good' }));
    expect(bad).toMatchObject({
      id: 'bad',
      error: { code: 'upstream_error', upstream: { status: 'UNKNOWN', text: 'no such model: /mnt/models/counter' } },
    });
    expect(bad?.error?.message).not.toContain('/mnt');
    expect(good).toMatchObject({ id: 'good', response: { parameters: { triton_final_response: true } } });
  });

  it('ends with a request that is wrong in itself', async () => {
    const { collect } = await streamsTo(({ id }, stream) => stream.write(numberAnswer(id, 1, { isFinal: true })));
    const error = await serviceErrorOf(collect(request({ id: 'a', parameters: { priority: 'high' } })));
    expect(error).toMatchObject({
      code: 'invalid_argument',
      message: 'parameters.priority must be an unsigned 64-bit integer; received "high"',
    });
  });

  it('is not there over HTTP', async () => {
    const { logger } = recordingLogger();
    const options = { concurrency: 1, requestTimeoutMs: 1000, logger };
    const predictor = await createTritonPredictor(parsePredictorAddress('http://127.0.0.1:1'), options);
    ends.push(() => predictor.close());
    expect(predictor.inferStream).toBeUndefined();
  });
});

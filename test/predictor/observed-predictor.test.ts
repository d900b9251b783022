import { ServiceError } from '../../src/errors.js';
import type { CountedPredictorCall, Metrics } from '../../src/observability/metrics.js';
import { NO_SPAN, type Span, type SpanAttributes } from '../../src/observability/span.js';
import { createPredictorObserver } from '../../src/predictor/observed-predictor.js';
import type { CallOptions, InferRequest, Predictor, StreamedInferResponse } from '../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { createWaitingRoom } from '../helpers/waiting-room.js';

const request: InferRequest = {
  model: 'faces',
  inputs: new Map<string, AnyTensor>([
    ['image', float32Tensor([1, 4], new Float32Array(4))],
    ['name', { datatype: 'BYTES', shape: [1], data: [Buffer.from('abc')] }],
  ]),
};
/** Four floats, and three bytes behind their length. */
const REQUEST_BYTES = 16 + 4 + 3;

/** A predictor of literals; what else a test needs it gives itself. */
function predictorOf(calls: Partial<Predictor>): Predictor {
  return { address: 'grpc://triton:8001', ...calls } as Predictor;
}

/** An observed predictor, and what was counted of it. */
function observed(calls: Partial<Predictor>) {
  const counted: (Omit<CountedPredictorCall, 'seconds'> & { seconds?: number })[] = [];
  const gauges = new Map<string, () => number>();
  const metrics: Pick<Metrics, 'countPredictorCall' | 'showGauge'> = {
    countPredictorCall: (call) => void counted.push(call),
    showGauge: (name, _, read) => void gauges.set(name, read),
  };
  const predictor = createPredictorObserver({ metrics })(predictorOf(calls));
  return { predictor, counted, inFlight: () => gauges.get('predictor_calls_in_flight')?.() };
}

interface RecordedSpan {
  readonly name: string;
  readonly attributes: Record<string, unknown>;
  readonly kind: string | undefined;
  /** Each time it was ended, by which error. */
  readonly ends: unknown[];
}

/** A span whose children are written down; each has headers of its own. */
function recordingSpan() {
  const children: RecordedSpan[] = [];
  const child = (name: string, attributes: SpanAttributes = {}, kind?: 'internal' | 'client'): Span => {
    const recorded: RecordedSpan = { name, attributes: { ...attributes }, kind, ends: [] };
    children.push(recorded);
    const number = children.length;
    return {
      child,
      set: (more) => void Object.assign(recorded.attributes, more),
      end: (error) => void recorded.ends.push(error),
      headers: () => ({ traceparent: `00-trace-${number}` }),
    };
  };
  return { span: { ...NO_SPAN, child, headers: () => ({ traceparent: '00-parent' }) }, children };
}

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function collect<T>(items: AsyncIterable<T> | undefined): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items ?? []) collected.push(item);
  return collected;
}

const response = { outputs: new Map() };
const failure = new ServiceError('unavailable', 'The predictor cannot be reached');

describe('createPredictorObserver()', () => {
  describe('infer()', () => {
    it('gives the answer, and counts the call by its model with the bytes of its tensors and its time', async () => {
      const { predictor, counted } = observed({ infer: () => Promise.resolve(response) });
      expect(await predictor.infer(request)).toBe(response);
      expect(counted).toEqual([{ model: 'faces', code: 'ok', bytes: REQUEST_BYTES, seconds: expect.any(Number) }]);
      expect(counted[0]?.seconds).toBeLessThan(5);
    });

    it.each([
      [failure, 'unavailable'],
      [new TypeError('a mistake of ours'), 'internal'],
    ])('counts a call that fails with %s, and fails alike', async (error, code) => {
      const { predictor, counted, inFlight } = observed({ infer: () => Promise.reject(error) });
      await expect(predictor.infer(request)).rejects.toBe(error);
      expect(counted).toMatchObject([{ model: 'faces', code }]);
      expect(inFlight()).toBe(0);
    });

    it('shows how many calls are under way', async () => {
      const room = createWaitingRoom();
      const { predictor, inFlight } = observed({ infer: () => room.enter().then(() => response) });
      expect(inFlight()).toBe(0);
      const calls = [1, 2, 3].map(() => predictor.infer(request));
      await room.holds(3);
      expect(inFlight()).toBe(3);
      room.release();
      await Promise.all(calls);
      expect(inFlight()).toBe(0);
    });

    it('has a span of its own, by whose headers the predictor goes on', async () => {
      const given: (CallOptions | undefined)[] = [];
      const { predictor } = observed({
        infer: (_, options) => {
          given.push(options);
          return Promise.resolve(response);
        },
      });
      const { span, children } = recordingSpan();
      const { signal } = new AbortController();
      await predictor.infer(request, { signal, span, headers: { traceparent: '00-client', 'x-request-id': 'r-1' } });
      expect(children).toEqual([
        {
          name: 'infer faces',
          kind: 'client',
          attributes: {
            'rpc.system.name': 'grpc',
            'rpc.method': 'inference.GRPCInferenceService/ModelInfer',
            'server.address': 'triton',
            'server.port': 8001,
            'inference.model': 'faces',
            'inference.sent_bytes': REQUEST_BYTES,
          },
          ends: [undefined],
        },
      ]);
      expect(given[0]).toMatchObject({ signal, headers: { traceparent: '00-trace-1', 'x-request-id': 'r-1' } });
    });

    it('ends its span with the error', async () => {
      const { predictor } = observed({ infer: () => Promise.reject(failure) });
      const { span, children } = recordingSpan();
      await serviceErrorOf(predictor.infer(request, { span }));
      expect(children[0]?.ends).toEqual([failure]);
    });

    it.each([
      ['http://triton:80', { 'http.request.method': 'POST', 'server.address': 'triton', 'server.port': 80 }],
      ['https://[::1]:8000', { 'http.request.method': 'POST', 'server.address': '::1', 'server.port': 8000 }],
      ['embedded', {}],
    ])('says of %s what its span may say', async (address, attributes) => {
      const { predictor } = observed({ address, infer: () => Promise.resolve(response) });
      const { span, children } = recordingSpan();
      await predictor.infer(request, { span });
      const own = { 'inference.model': 'faces', 'inference.sent_bytes': REQUEST_BYTES };
      expect(children[0]?.attributes).toEqual({ ...attributes, ...own });
    });

    it.each([
      ['no options', undefined],
      ['no span', { headers: { a: 'b' } }],
      ['a span that traces nothing', { headers: { a: 'b' }, span: NO_SPAN }],
    ])('hands %s on as they are', async (_, options) => {
      const given: unknown[] = [];
      const { predictor } = observed({
        infer: (_request, own) => {
          given.push(own);
          return Promise.resolve(response);
        },
      });
      await predictor.infer(request, options);
      expect(given).toEqual([options]);
      expect(given[0]).toBe(options);
    });
  });

  describe('inferStream()', () => {
    const messages: StreamedInferResponse[] = [
      { id: 'a', response },
      { id: 'b', error: failure },
    ];
    /** Takes every request, and then gives the messages. */
    const inferStream: Predictor['inferStream'] = async function* (requests) {
      for await (const { model } of requests) expect(model).toBe('faces');
      yield* messages;
    };

    it('gives the messages, and counts the stream with the bytes of all its requests', async () => {
      const { predictor, counted, inFlight } = observed({ inferStream });
      const { span, children } = recordingSpan();
      const stream = predictor.inferStream?.(from([request, request]), { span });
      expect(await collect(stream)).toEqual(messages);
      expect(counted).toMatchObject([{ model: 'faces', code: 'ok', bytes: 2 * REQUEST_BYTES }]);
      expect(children).toMatchObject([
        {
          name: 'infer stream',
          attributes: {
            'rpc.method': 'inference.GRPCInferenceService/ModelStreamInfer',
            'inference.model': 'faces',
            'inference.sent_bytes': 2 * REQUEST_BYTES,
          },
          ends: [undefined],
        },
      ]);
      expect(inFlight()).toBe(0);
    });

    it('counts one that fails', async () => {
      const { predictor, counted } = observed({
        inferStream: async function* () {
          yield* messages;
          throw failure;
        },
      });
      expect(await serviceErrorOf(collect(predictor.inferStream?.(from([request]))))).toBe(failure);
      expect(counted).toMatchObject([{ model: '', code: 'unavailable', bytes: 0 }]);
    });

    it('counts one whose reader leaves, and leaves the predictor’s', async () => {
      let hasLeft = false;
      const { predictor, counted, inFlight } = observed({
        inferStream: async function* () {
          try {
            yield* messages;
          } finally {
            hasLeft = true;
          }
        },
      });
      for await (const message of predictor.inferStream?.(from([request])) ?? []) {
        expect(message).toBe(messages[0]);
        expect(inFlight()).toBe(1);
        break;
      }
      expect(hasLeft).toBe(true);
      expect(counted).toMatchObject([{ code: 'cancelled' }]);
      expect(inFlight()).toBe(0);
    });
  });

  describe('v1', () => {
    it.each(['predict', 'explain'] as const)('counts and traces %s', async (verb) => {
      const answer = { predictions: [1] };
      const calls = { [verb]: (model: string, body: unknown) => Promise.resolve({ model, body, answer }) };
      const { predictor, counted } = observed({ address: 'http://sklearn:8080', v1: calls as never });
      const { span, children } = recordingSpan();
      const body = Buffer.from('{}');
      expect(await predictor.v1?.[verb]('iris', body, { span })).toEqual({ model: 'iris', body, answer });
      await predictor.v1?.[verb]('iris', { instances: [] });
      expect(counted).toMatchObject([
        { model: 'iris', code: 'ok', bytes: 2 },
        { model: 'iris', code: 'ok', bytes: 0 },
      ]);
      expect(children).toMatchObject([
        { name: `${verb} iris`, kind: 'client', attributes: { 'http.request.method': 'POST' } },
      ]);
    });
  });

  it('leaves everything else as it is, and adds nothing', () => {
    const others = { modelInfo: () => Promise.reject(failure), close: () => Promise.resolve() };
    const { predictor } = observed(others);
    expect(predictor).toMatchObject({ address: 'grpc://triton:8001', ...others });
    expect(Object.keys(predictor).filter((name) => ['inferStream', 'v1', 'repository'].includes(name))).toEqual([]);
  });
});

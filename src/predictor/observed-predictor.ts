import { type ErrorCode, toServiceError } from '../errors.js';
import type { Metrics } from '../observability/metrics.js';
import { NO_SPAN, type SpanAttributes } from '../observability/span.js';
import { byteLengthOf } from '../oip/tensor-bytes.js';
import type { CallOptions, InferRequest, Predictor, V1Calls } from './predictor.js';

/** What is counted of a call once it is over. */
interface Counted {
  /** The model's name on the predictor. */
  readonly model: string;
  /** Of the tensors sent. */
  readonly bytes: number;
}

/** A call that is under way. */
interface ObservedCall {
  /** What the predictor is to be given: the call's own, with the headers of its span. */
  readonly options: CallOptions | undefined;
  /** @param code what came of it; `error` is what it threw */
  end(counted: Counted, code: 'ok' | ErrorCode, error?: unknown): void;
}

/** The gRPC service of the Open Inference Protocol. */
const SERVICE = 'inference.GRPCInferenceService';

/** The address of a predictor on the network; IPv6 stands in brackets. */
const ADDRESS = /^(\w+):\/\/\[?(.+?)\]?:(\d+)$/;

/** Gives a predictor whose calls are seen, in place of one whose calls are not. */
export type ObservePredictor = (predictor: Predictor) => Predictor;

/**
 * Makes what watches the predictors of the process: each infer, V1 call and stream is counted, is among the calls in
 * flight, and has a span of its own within the caller's, by whose headers the predictor goes on with the trace. A stream
 * that its reader leaves is counted as `cancelled`.
 */
export function createPredictorObserver({
  metrics,
}: {
  metrics: Pick<Metrics, 'countPredictorCall' | 'showGauge'>;
}): ObservePredictor {
  const inFlight: InFlight = { calls: 0 };
  metrics.showGauge(
    'predictor_calls_in_flight',
    'calls to the predictors that are under way or wait',
    () => inFlight.calls,
  );
  return (predictor) => observe(predictor, { metrics, inFlight });
}

/** How many calls are under way, over all predictors. */
interface InFlight {
  calls: number;
}

function observe(
  predictor: Predictor,
  { metrics, inFlight }: { metrics: Pick<Metrics, 'countPredictorCall'>; inFlight: InFlight },
): Predictor {
  const begin = (name: string, attributes: SpanAttributes, options: CallOptions | undefined): ObservedCall => {
    const span = options?.span?.child(name, attributes, 'client') ?? NO_SPAN;
    const startedAt = performance.now();
    inFlight.calls++;
    return {
      // Most calls are not traced.
      options: span === NO_SPAN ? options : { ...options, span, headers: { ...options?.headers, ...span.headers() } },
      end: ({ model, bytes }, code, error) => {
        inFlight.calls--;
        metrics.countPredictorCall({ model, code, seconds: (performance.now() - startedAt) / 1000, bytes });
        span.set({ 'inference.model': model, 'inference.sent_bytes': bytes });
        span.end(error);
      },
    };
  };

  const observed = async <T>(
    call: ObservedCall,
    counted: Counted,
    work: (options: CallOptions | undefined) => Promise<T>,
  ): Promise<T> => {
    try {
      const result = await work(call.options);
      call.end(counted, 'ok');
      return result;
    } catch (error) {
      call.end(counted, toServiceError(error).code, error);
      throw error;
    }
  };

  const attributes = attributesOf(predictor.address);
  const { inferStream, v1 } = predictor;
  return {
    ...predictor,
    infer: (request, options) => {
      const call = begin(`infer ${request.model}`, attributes.infer, options);
      const counted = { model: request.model, bytes: bytesOf(request) };
      return observed(call, counted, (ownOptions) => predictor.infer(request, ownOptions));
    },
    ...(inferStream !== undefined && {
      inferStream: async function* (requests, options) {
        const call = begin('infer stream', attributes.stream, options);
        const counted = { model: '', bytes: 0 };
        let code: 'ok' | ErrorCode = 'cancelled';
        let failure: unknown;
        try {
          yield* inferStream(counting(requests, counted), call.options);
          code = 'ok';
        } catch (error) {
          code = toServiceError(error).code;
          failure = error;
          throw error;
        } finally {
          call.end(counted, code, failure);
        }
      },
    }),
    ...(v1 !== undefined && { v1: observedV1(v1) }),
  };

  function observedV1(calls: V1Calls): V1Calls {
    const observedVerb =
      (verb: 'predict' | 'explain'): V1Calls['predict'] =>
      (model, body, options) => {
        const call = begin(`${verb} ${model}`, attributes.infer, options);
        const counted = { model, bytes: body instanceof Uint8Array ? body.byteLength : 0 };
        return observed(call, counted, (ownOptions) => calls[verb](model, body, ownOptions));
      };
    return { predict: observedVerb('predict'), explain: observedVerb('explain') };
  }
}

/** The same requests; the first one's model, and the bytes of all, are noted. */
async function* counting(
  requests: AsyncIterable<InferRequest>,
  counted: { model: string; bytes: number },
): AsyncGenerator<InferRequest> {
  for await (const request of requests) {
    if (counted.model === '') counted.model = request.model;
    counted.bytes += bytesOf(request);
    yield request;
  }
}

function bytesOf({ inputs }: InferRequest): number {
  let bytes = 0;
  for (const tensor of inputs.values()) bytes += byteLengthOf(tensor);
  return bytes;
}

/**
 * What the spans of a predictor's calls have in common, by OpenTelemetry's semantic conventions for gRPC and HTTP; nothing
 * of one inside this process.
 */
function attributesOf(address: string): Readonly<Record<'infer' | 'stream', SpanAttributes>> {
  const [, scheme, host, port] = ADDRESS.exec(address) ?? [];
  if (scheme === undefined || host === undefined) return { infer: {}, stream: {} };
  const server = { 'server.address': host, 'server.port': Number(port) };
  if (scheme.startsWith('http')) return { infer: { 'http.request.method': 'POST', ...server }, stream: server };
  const rpc = (method: string) => ({ 'rpc.system.name': 'grpc', 'rpc.method': `${SERVICE}/${method}`, ...server });
  return { infer: rpc('ModelInfer'), stream: rpc('ModelStreamInfer') };
}

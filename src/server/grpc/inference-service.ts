import type { handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { ServiceError } from '../../errors.js';
import { decodeInferRequest } from '../../oip/grpc/infer-request-codec.js';
import { encodeInferResponse } from '../../oip/grpc/infer-response-codec.js';
import { inferOnce } from './infer-once.js';
import { metadataRpcs } from './metadata-rpcs.js';
import { repositoryRpcs } from './repository-rpcs.js';
import { MODEL_INFER } from './rpc-names.js';
import type { GeneralMethod } from './services.js';
import { modelStreamInfer, type StreamOptions } from './stream-infer.js';
import { type Answer, type RpcCodec, unary } from './unary.js';

/** What the service of inference is made with. */
export interface InferenceServiceOptions extends StreamOptions {
  /** Whether models may be listed with their state, loaded and unloaded. */
  readonly enableAdmin: boolean;
}

/**
 * Makes the rpcs of the Open Inference Protocol; those that only a predictor can answer say so.
 * @param methods the service's, by their names
 */
export function inferenceService(
  methods: Readonly<Record<string, GeneralMethod>>,
  options: InferenceServiceOptions,
): UntypedServiceImplementation {
  const { dataPlane, enableAdmin } = options;
  const general: Readonly<Record<string, Answer<never, object>>> = {
    ...metadataRpcs(dataPlane),
    ...repositoryRpcs(dataPlane, { isEnabled: enableAdmin }),
  };
  const handlers = Object.entries(methods).map(([name, method]): [string, handleUnaryCall<Buffer, Buffer>] => {
    const codec: RpcCodec<never, object> = generalCodec(method);
    return [name, unary(codec, options, general[name] ?? notServed(name))];
  });
  const inferCodec = { decode: decodeInferRequest, encode: encodeInferResponse };
  return {
    ...Object.fromEntries(handlers),
    ModelInfer: unary(inferCodec, options, (message, state) => {
      return inferOnce(message, dataPlane, { state, rpc: MODEL_INFER });
    }),
    ModelStreamInfer: modelStreamInfer(options),
  };
}

/** Messages as their proto says, of which the loader knows no types. */
function generalCodec<Request>(method: GeneralMethod): RpcCodec<Request, object> {
  return { decode: (bytes) => method.requestDeserialize(bytes) as Request, encode: method.responseSerialize };
}

function notServed(name: string): Answer<object, never> {
  return () => {
    throw new ServiceError('unimplemented', `${name} is not served here; ask the predictor itself`);
  };
}

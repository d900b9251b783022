import type { AdministrationRpcs } from './administration-rpcs.js';
import { encodeInferRequest, piecesOfInferRequest } from '../../../oip/grpc/infer-request-codec.js';
import { decodeInferResponse, decodeStreamResponse } from '../../../oip/grpc/infer-response-codec.js';
import { loadInferenceProto } from '../../../oip/grpc/inference-proto.js';
import type { InferenceRpcs } from './inference-rpcs.js';

/** The rpcs of `inference.GRPCInferenceService`. */
export type InferenceService = AdministrationRpcs & InferenceRpcs;

/** `inference.GRPCInferenceService`, as a client calls it. */
export function loadInferenceService(): InferenceService {
  // The loader knows messages as objects only; the interfaces above repeat the proto.
  const { ModelInfer, ModelStreamInfer, ...others } = loadInferenceProto()[
    'inference.GRPCInferenceService'
  ] as unknown as InferenceService;
  const requestSerialize = encodeInferRequest;
  return {
    ...others,
    ModelInfer: {
      ...ModelInfer,
      requestSerialize,
      piecesOfRequest: piecesOfInferRequest,
      responseDeserialize: decodeInferResponse,
    },
    ModelStreamInfer: { ...ModelStreamInfer, requestSerialize, responseDeserialize: decodeStreamResponse },
  };
}

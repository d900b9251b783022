import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import type { AdministrationRpcs } from './administration-rpcs.js';
import { encodeInferRequest, piecesOfInferRequest } from '../../../oip/grpc/infer-request-codec.js';
import { decodeInferResponse, decodeStreamResponse } from '../../../oip/grpc/infer-response-codec.js';
import type { InferenceRpcs } from './inference-rpcs.js';

/** The same place for the sources and for what is built from them. */
const PROTO = new URL('../../../../protos/grpc_service.proto', import.meta.url);

/** The rpcs of `inference.GRPCInferenceService`. */
export type InferenceService = AdministrationRpcs & InferenceRpcs;

/** Loads `inference.GRPCInferenceService`; takes some 50 ms, so once per predictor. */
export function loadInferenceService(): InferenceService {
  const options = { keepCase: true, longs: String, enums: String, defaults: true };
  const definition = loadSync(fileURLToPath(PROTO), options);
  // The loader knows messages as objects only; the interfaces above repeat the proto.
  const { ModelInfer, ModelStreamInfer, ...others } = definition[
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

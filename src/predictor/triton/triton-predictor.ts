import { isTrue, type NetworkPredictorOptions, toCallOptions, toClientOptions } from '../network-predictor.js';
import type { Predictor } from '../predictor.js';
import type { PredictorAddress } from './address.js';
import { createTritonClient } from './create-triton-client.js';
import { createPredictorRepository } from './predictor-repository.js';
import { toInferResponse, toTritonRequest } from './predictor-request.js';
import { createPredictorStream } from './predictor-stream.js';

/**
 * A Triton server, or another that speaks the Open Inference Protocol, as a predictor. It has streams over gRPC alone.
 * @throws ServiceError `invalid_argument` for options that are none
 */
export function createTritonPredictor(address: PredictorAddress, options: NetworkPredictorOptions): Predictor {
  const client = createTritonClient(address, toClientOptions(options));
  return {
    address: client.address,
    infer: async (request, call) => toInferResponse(await client.infer(toTritonRequest(request), toCallOptions(call))),
    ...(address.protocol === 'grpc-v2' && { inferStream: createPredictorStream(client) }),
    modelInfo: (model, call) => client.modelInfo(model, toCallOptions(call)),
    isModelReady: (model, call) => isTrue(client.isModelReady(model, toCallOptions(call)), call),
    isServerReady: (call) => isTrue(client.isServerReady(toCallOptions(call)), call),
    repository: createPredictorRepository(client),
    close: () => client.close(),
  };
}

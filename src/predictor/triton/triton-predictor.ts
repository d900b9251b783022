import { isTrue, type NetworkPredictorOptions, toCallOptions, toClientOptions } from '../network-predictor.js';
import type { Predictor } from '../predictor.js';
import { assertTlsFits, type PredictorAddress } from './address.js';
import type { CompleteClientOptions } from './client-options.js';
import { completeOptions } from './complete-options.js';
import { createClientOver } from './create-client-over.js';
import { createPredictorRepository } from './predictor-repository.js';
import { toInferResponse, toTritonRequest } from './predictor-request.js';
import { createPredictorStream } from './predictor-stream.js';
import type { TritonTransport } from './transport.js';

/**
 * A Triton server, or another that speaks the Open Inference Protocol, as a predictor. It has streams over gRPC alone.
 * @throws ServiceError `invalid_argument` for options that are none
 */
export async function createTritonPredictor(
  address: PredictorAddress,
  options: NetworkPredictorOptions,
): Promise<Predictor> {
  const complete = completeOptions(toClientOptions(options));
  assertTlsFits(complete.tls, address);
  const client = createClientOver(await openTransport(address, complete), complete);
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

/** Loads the protocol that is spoken, and not the other: what gRPC's needs takes a tenth of a second. */
async function openTransport(address: PredictorAddress, options: CompleteClientOptions): Promise<TritonTransport> {
  if (address.protocol === 'v2')
    return (await import('./http/http-transport.js')).createHttpTransport(address, options);
  return (await import('./grpc/grpc-transport.js')).createGrpcTransport(address, options);
}

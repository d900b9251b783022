import { formatPredictorAddress, type PredictorAddress } from '../address.js';
import { subjectOf } from '../answer.js';
import type { ConnectOptions } from '../connect-options.js';
import { failingStream, noSuchCall } from '../no-such-call.js';
import type { TritonTransport } from '../transport.js';
import { createGrpcAdministration } from './grpc-administration.js';
import { createGrpcChannel } from './grpc-channel.js';
import { loadInferenceService } from './grpc-service.js';
import { createGrpcStreams } from './grpc-stream.js';
import { fromInferMessage, toInferMessage } from './infer-messages.js';

/** Triton's gRPC protocol with raw contents both ways. */
export function createGrpcTransport(address: PredictorAddress, options: ConnectOptions): TritonTransport {
  const service = loadInferenceService();
  const channel = createGrpcChannel(address, options);
  return {
    address: formatPredictorAddress(address),
    ...createGrpcAdministration(channel, service),
    infer: async (request, call) => {
      const message = toInferMessage(request, call.remainingMs);
      const answer = await channel.call(service.ModelInfer, message, { ...call, subject: subjectOf(request) });
      return fromInferMessage(request, answer);
    },
    ...createGrpcStreams(channel, service),
    generate: () => Promise.reject(noSuchCall('generate', 'HTTP')),
    generateStream: () => failingStream(noSuchCall('generateStream', 'HTTP')),
    close: () => {
      channel.close();
      return Promise.resolve();
    },
  };
}

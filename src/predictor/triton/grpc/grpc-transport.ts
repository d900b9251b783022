import { status } from '@grpc/grpc-js';
import { ServiceError } from '../../../errors.js';
import { formatPredictorAddress, type PredictorAddress } from '../address.js';
import { subjectOf } from '../answer.js';
import { createGrpcChannel } from './grpc-channel.js';
import { fromInferMessage, fromMetadataMessage, toInferMessage } from './infer-messages.js';
import { loadInferenceService } from './grpc-service.js';
import { toModelInfo } from '../models/model-info.js';
import type { ConnectOptions } from '../connect-options.js';
import type { PredictorTransport, TransportCall } from '../transport.js';

/** Triton's gRPC protocol with raw contents both ways, over one channel. */
export function createGrpcTransport(address: PredictorAddress, options: ConnectOptions): PredictorTransport {
  const service = loadInferenceService();
  const channel = createGrpcChannel(address, options);

  const maxBatchSize = async (model: string, subject: string, call: TransportCall) => {
    try {
      const { config } = await channel.call(service.ModelConfig, { name: model }, { ...call, subject });
      return config?.max_batch_size ?? 0;
    } catch (error) {
      if (isUnimplemented(error)) return undefined;
      throw error;
    }
  };

  return {
    address: formatPredictorAddress(address),
    infer: async (request, call) => {
      const options = { ...call, subject: subjectOf(request) };
      const message = await channel.call(service.ModelInfer, toInferMessage(request, call.remainingMs), options);
      return fromInferMessage(request, message);
    },
    modelInfo: async (model, call) => {
      const subject = subjectOf({ model });
      const message = await channel.call(service.ModelMetadata, { name: model }, { ...call, subject });
      return toModelInfo(model, fromMetadataMessage(message), await maxBatchSize(model, subject, call));
    },
    isModelReady: async (model, call) => {
      const options = { ...call, subject: subjectOf({ model }) };
      return (await channel.call(service.ModelReady, { name: model }, options)).ready;
    },
    isServerReady: async (call) => {
      return (await channel.call(service.ServerReady, {}, { ...call, subject: 'its readiness' })).ready;
    },
    close: () => {
      channel.close();
      return Promise.resolve();
    },
  };
}

/** Whether a server that speaks the protocol, but is no Triton, lacks this rpc. */
function isUnimplemented(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === status.UNIMPLEMENTED;
}

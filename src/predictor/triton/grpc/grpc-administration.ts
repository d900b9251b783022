import type { TritonAdministration } from '../administration.js';
import type { TransportCall } from '../transport.js';
import type { AdministrationRpcs } from './administration-rpcs.js';
import type { GrpcChannel } from './grpc-channel.js';
import { createGrpcMetadata } from './grpc-metadata.js';
import { createGrpcRepository } from './grpc-repository.js';
import { createGrpcSettings } from './grpc-settings.js';
import { createGrpcSharedMemory } from './grpc-shared-memory.js';
import { createGrpcStatistics } from './grpc-statistics.js';

/** Everything that can be asked of a Triton server besides inference, over gRPC. */
export function createGrpcAdministration(
  channel: GrpcChannel,
  service: AdministrationRpcs,
): TritonAdministration<[call: TransportCall]> {
  return {
    ...createGrpcMetadata(channel, service),
    ...createGrpcRepository(channel, service),
    ...createGrpcStatistics(channel, service),
    ...createGrpcSettings(channel, service),
    ...createGrpcSharedMemory(channel, service),
  };
}

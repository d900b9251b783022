import { assertName } from '../names.js';
import { parseAnswer } from '../parse-answer.js';
import {
  assertCudaRegion,
  assertSystemRegion,
  cudaRegionsSchema,
  systemRegionsSchema,
} from '../shared-memory/regions.js';
import { regionSubject } from '../subjects.js';
import type { SharedMemoryCalls } from '../transport.js';
import type { AdministrationRpcs } from './administration-rpcs.js';
import type { GrpcChannel } from './grpc-channel.js';

/** The regions of shared memory that a server reads inputs from and writes outputs to. */
export function createGrpcSharedMemory(channel: GrpcChannel, service: AdministrationRpcs): SharedMemoryCalls {
  return {
    systemSharedMemory: async (name, call) => {
      const subject = regionSubject('system', name);
      const answer = await channel.call(service.SystemSharedMemoryStatus, oneOrAll(name), { ...call, subject });
      return parseAnswer(Object.values(answer.regions), systemRegionsSchema, subject);
    },
    registerSystemSharedMemory: async (region, call) => {
      assertSystemRegion(region);
      const { name, key, offset = 0, byteSize } = region;
      const request = { name, key, offset, byte_size: byteSize };
      const subject = regionSubject('system', name);
      await channel.call(service.SystemSharedMemoryRegister, request, { ...call, subject });
    },
    unregisterSystemSharedMemory: async (name, call) => {
      const subject = regionSubject('system', name);
      await channel.call(service.SystemSharedMemoryUnregister, oneOrAll(name), { ...call, subject });
    },
    cudaSharedMemory: async (name, call) => {
      const subject = regionSubject('cuda', name);
      const answer = await channel.call(service.CudaSharedMemoryStatus, oneOrAll(name), { ...call, subject });
      return parseAnswer(Object.values(answer.regions), cudaRegionsSchema, subject);
    },
    registerCudaSharedMemory: async (region, call) => {
      assertCudaRegion(region);
      const { name, rawHandle, deviceId, byteSize } = region;
      const request = { name, raw_handle: rawHandle, device_id: deviceId, byte_size: byteSize };
      await channel.call(service.CudaSharedMemoryRegister, request, { ...call, subject: regionSubject('cuda', name) });
    },
    unregisterCudaSharedMemory: async (name, call) => {
      const subject = regionSubject('cuda', name);
      await channel.call(service.CudaSharedMemoryUnregister, oneOrAll(name), { ...call, subject });
    },
  };
}

/** '' stands for all regions. */
function oneOrAll(name: string | undefined): { name: string } {
  if (name === undefined) return { name: '' };
  assertName('name', name);
  return { name };
}

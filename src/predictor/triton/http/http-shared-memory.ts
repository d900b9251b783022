import {
  assertCudaRegion,
  assertSystemRegion,
  cudaRegionsSchema,
  systemRegionsSchema,
} from '../shared-memory/regions.js';
import { regionSubject } from '../subjects.js';
import type { SharedMemoryCalls, TransportCall } from '../transport.js';
import type { HttpConnection } from './http-connection.js';
import { ask, tell } from './json-calls.js';
import { regionPath } from './paths.js';

/** The regions of shared memory that a server reads inputs from and writes outputs to. */
export function createHttpSharedMemory(connection: HttpConnection): SharedMemoryCalls {
  const post = async (kind: 'system' | 'cuda', action: Action, call: TransportCall) => {
    const { name, verb, body } = action;
    const path = `${regionPath(kind, name)}/${verb}`;
    await tell(connection, { method: 'POST', path, body }, { ...call, subject: regionSubject(kind, name) });
  };
  return {
    systemSharedMemory: async (name, call) => {
      const path = `${regionPath('system', name)}/status`;
      const request = { method: 'GET', path, schema: systemRegionsSchema } as const;
      return ask(connection, request, { ...call, subject: regionSubject('system', name) });
    },
    registerSystemSharedMemory: async (region, call) => {
      assertSystemRegion(region);
      const { name, key, offset = 0, byteSize } = region;
      await post('system', { name, verb: 'register', body: { key, offset, byte_size: byteSize } }, call);
    },
    unregisterSystemSharedMemory: (name, call) => post('system', { name, verb: 'unregister' }, call),
    cudaSharedMemory: async (name, call) => {
      const path = `${regionPath('cuda', name)}/status`;
      const request = { method: 'GET', path, schema: cudaRegionsSchema } as const;
      return ask(connection, request, { ...call, subject: regionSubject('cuda', name) });
    },
    registerCudaSharedMemory: async (region, call) => {
      assertCudaRegion(region);
      const { name, rawHandle, deviceId, byteSize } = region;
      const b64 = Buffer.from(rawHandle).toString('base64');
      const body = { raw_handle: { b64 }, device_id: deviceId, byte_size: byteSize };
      await post('cuda', { name, verb: 'register', body }, call);
    },
    unregisterCudaSharedMemory: (name, call) => post('cuda', { name, verb: 'unregister' }, call),
  };
}

interface Action {
  readonly name: string | undefined;
  readonly verb: 'register' | 'unregister';
  readonly body?: unknown;
}

import * as z from 'zod';
import { excerpt, ServiceError } from '../../../errors.js';
import type { CudaRegion, SystemRegion } from '../administration.js';
import { assertName } from '../names.js';
import { assertUnsigned } from '../parameters.js';
import { wireInteger } from '../parse-answer.js';

/** Triton's Python backend keeps the keys that begin so for itself (kTritonSharedMemoryRegionPrefix). */
const RESERVED_KEY = /^\/?triton_python_backend_shm_region_/;

/** The size of a cudaIpcMemHandle_t (CUDA runtime, CUDA_IPC_HANDLE_SIZE). */
const CUDA_HANDLE_BYTES = 64;

/** The system regions that are registered, of either protocol; in the order of their names. */
export const systemRegionsSchema: z.ZodType<readonly Required<SystemRegion>[]> = z
  .array(
    z
      .object({ name: z.string(), key: z.string(), offset: wireInteger, byte_size: wireInteger })
      .transform(({ name, key, offset, byte_size }) => ({ name, key, offset, byteSize: byte_size })),
  )
  .transform(byName);

/** The CUDA regions that are registered, of either protocol; in the order of their names. */
export const cudaRegionsSchema: z.ZodType<readonly Omit<CudaRegion, 'rawHandle'>[]> = z
  .array(
    z
      .object({ name: z.string(), device_id: wireInteger, byte_size: wireInteger })
      .transform(({ name, device_id, byte_size }) => ({ name, deviceId: device_id, byteSize: byte_size })),
  )
  .transform(byName);

/**
 * Refuses a region that cannot be registered.
 * @throws ServiceError `invalid_argument`
 */
export function assertSystemRegion({ name, key, offset = 0, byteSize }: SystemRegion): void {
  assertName('name', name);
  assertName('key', key);
  if (RESERVED_KEY.test(key)) {
    const message = `key must not begin with triton_python_backend_shm_region_, which is Triton's own; received ${excerpt(key)}`;
    throw new ServiceError('invalid_argument', message);
  }
  assertUnsigned('offset', offset);
  assertUnsigned('byteSize', byteSize);
}

/**
 * Refuses a region that cannot be registered.
 * @throws ServiceError `invalid_argument`
 */
export function assertCudaRegion({ name, rawHandle, deviceId, byteSize }: CudaRegion): void {
  assertName('name', name);
  if (rawHandle.byteLength !== CUDA_HANDLE_BYTES) {
    const message = `rawHandle must be the ${CUDA_HANDLE_BYTES} bytes of a cudaIpcMemHandle_t; received ${rawHandle.byteLength}`;
    throw new ServiceError('invalid_argument', message);
  }
  assertUnsigned('deviceId', deviceId);
  assertUnsigned('byteSize', byteSize);
}

function byName<Region extends { readonly name: string }>(regions: readonly Region[]): readonly Region[] {
  return [...regions].sort((a, b) => (a.name < b.name ? -1 : 1));
}

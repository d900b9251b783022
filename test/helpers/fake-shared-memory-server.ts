import { outputsOf } from '../../src/predictor/triton/upstream-error.js';
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';
import { abortReason } from '../../src/concurrency/deadline.js';
import { ServiceError } from '../../src/errors.js';
import { inputsOf, requestedSlice } from '../../src/predictor/triton/answer.js';
import type { RegionSlice, SharedTensor, TritonInferRequest } from '../../src/predictor/triton/inference.js';
import type { WrappedClient } from '../../src/predictor/triton/shared-memory/shared-memory-client.js';
import { bytesOfTensor, tensorOfBytes } from '../../src/oip/tensor-bytes.js';
import type { AnyTensor } from '../../src/tensor.js';

/** What the fake may be told to do. */
interface FakeBehaviour {
  /** Refuses every registration with these words, status and code. */
  refusal?: ServiceError;
  /** Refuses every inference so, before it reads its regions. */
  inferFailure?: ServiceError;
  /** Held back until it resolves: the model's work, which goes on when its call is cancelled. */
  work?: Promise<void>;
  version?: string;
  outputShape?: readonly number[];
}

/** A client of a server that gives its inputs back as outputs of the same names, over regions in a directory. */
export interface FakeSharedMemoryServer {
  readonly client: WrappedClient;
  readonly behaviour: FakeBehaviour;
  /** The requests as they came. */
  readonly requests: TritonInferRequest[];
  /** The names of the regions that are registered. */
  regions(): string[];
  /** How many registrations there were. */
  readonly registered: number;
  /** Forgets every region. */
  restart(): void;
}

/** Says no as Triton does. */
export function tritonError(status: string, text: string): ServiceError {
  return new ServiceError('upstream_error', `The predictor answered with an error: ${text}`, {
    upstream: { status, text },
  });
}

/** Makes the fake; it maps regions by opening their files, so it keeps them as a server does when they lose their name. */
export function createFakeSharedMemoryServer(directory: string): FakeSharedMemoryServer {
  const regions = new Map<string, number>();
  const inUse = new Map<string, number>();
  const requests: TritonInferRequest[] = [];
  const behaviour: FakeBehaviour = {};
  let registered = 0;

  const descriptorOf = (region: string) => {
    const descriptor = regions.get(region);
    if (descriptor === undefined) {
      throw tritonError('NOT_FOUND', `Unable to find shared memory region: '${region}'`);
    }
    return descriptor;
  };
  const read = (tensor: AnyTensor | SharedTensor) => {
    if (!('sharedMemory' in tensor)) return bytesOfTensor(tensor);
    const { region, offset, byteSize } = tensor.sharedMemory;
    const bytes = new Uint8Array(byteSize);
    readSync(descriptorOf(region), bytes, 0, byteSize, offset);
    return bytes;
  };
  const regionsOf = (request: TritonInferRequest) => {
    const slices: (RegionSlice | undefined)[] = [
      ...inputsOf(request).map(([, tensor]) => ('sharedMemory' in tensor ? tensor.sharedMemory : undefined)),
      ...inputsOf(request).map(([name]) => requestedSlice(request, name)),
    ];
    return new Set(slices.flatMap((slice) => (slice === undefined ? [] : [slice.region])));
  };
  const execute = async (request: TritonInferRequest) => {
    if (behaviour.inferFailure !== undefined) throw behaviour.inferFailure;
    const used = regionsOf(request);
    for (const region of used) descriptorOf(region);
    for (const region of used) inUse.set(region, (inUse.get(region) ?? 0) + 1);
    try {
      const inputs = inputsOf(request).map(([name, tensor]) => ({ name, tensor, bytes: read(tensor) }));
      await behaviour.work;
      const outputs = new Map<string, AnyTensor>();
      const sharedOutputs = new Map<string, SharedTensor>();
      for (const { name, tensor, bytes } of inputs) {
        const { datatype } = tensor;
        const shape = behaviour.outputShape ?? tensor.shape;
        const slice = requestedSlice(request, name);
        if (slice === undefined) {
          outputs.set(name, tensorOfBytes({ name, datatype, shape }, bytes, outputsOf('the fake')));
          continue;
        }
        if (bytes.byteLength > slice.byteSize) {
          const given = `specified with the request for output '${name}' (${slice.byteSize} bytes)`;
          const text = `shared memory size ${given} should be at least ${bytes.byteLength} bytes to hold the results`;
          throw tritonError('INTERNAL', text);
        }
        const descriptor = regions.get(slice.region);
        if (descriptor !== undefined) writeSync(descriptor, bytes, 0, bytes.byteLength, slice.offset);
        sharedOutputs.set(name, { datatype, shape, sharedMemory: slice });
      }
      return { model: request.model, version: '1', id: '', outputs, sharedOutputs, parameters: {} };
    } finally {
      for (const region of used) inUse.set(region, (inUse.get(region) ?? 0) - 1);
    }
  };

  const client: WrappedClient = {
    address: 'fake://server',
    serverMetadata: () =>
      Promise.resolve({ name: 'triton', version: behaviour.version ?? '2.51.0', extensions: ['system_shared_memory'] }),
    modelInfo: (model) => {
      const name = typeof model === 'string' ? model : model.model;
      const tensors = [
        { name: 'BATCHED', datatype: 'FP32' as const, shape: [-1, 10_000] },
        { name: 'VARIABLE', datatype: 'FP32' as const, shape: [-1, -1] },
        { name: 'TEXTS', datatype: 'BYTES' as const, shape: [-1, 1] },
      ];
      return Promise.resolve({
        name,
        inputs: tensors,
        outputs: tensors,
        maxBatchSize: 8,
        versions: ['1'],
        platform: '',
      });
    },
    registerSystemSharedMemory: async ({ name, key, byteSize }) => {
      await Promise.resolve();
      if (behaviour.refusal !== undefined) throw behaviour.refusal;
      const file = path.join(directory, key);
      if (statSync(file).size !== byteSize) throw tritonError('INVALID_ARGUMENT', 'the region ends too early');
      regions.set(name, openSync(file, 'r+'));
      registered += 1;
    },
    unregisterSystemSharedMemory: async (name = '') => {
      await Promise.resolve();
      if ((inUse.get(name) ?? 0) > 0) {
        throw tritonError('INTERNAL', `Cannot unregister shared memory region '${name}', it is currently in use.`);
      }
      const descriptor = regions.get(name);
      if (descriptor !== undefined) closeSync(descriptor);
      regions.delete(name);
    },
    infer: (request, { signal } = {}) => {
      requests.push(request);
      return new Promise((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(abortReason(signal)), { once: true });
        execute(request).then(resolve, reject);
      });
    },
  };
  return {
    client,
    behaviour,
    requests,
    regions: () => [...regions.keys()],
    get registered() {
      return registered;
    },
    restart: () => {
      for (const descriptor of regions.values()) closeSync(descriptor);
      regions.clear();
    },
  };
}

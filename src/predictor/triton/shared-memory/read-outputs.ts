import { type AnyTensor, elementCount, TYPED_ARRAYS } from '../../../tensor.js';
import { subjectOf } from '../answer.js';
import type { SharedTensor, TritonInferRequest, TritonInferResult } from '../inference.js';
import { frontOfElements, tensorOfBytes } from '../../../oip/tensor-bytes.js';
import { invalidAnswer, outputsOf } from '../upstream-error.js';
import type { CallPlan, Place } from './call-plan.js';
import type { OutputBuffers } from './output-buffers.js';

/** In the buffer that a result's outputs share, each begins at a multiple of the largest element's size. */
const ALIGNMENT = 8;

/** The answer of a call, some of whose outputs came through shared memory. */
export interface SharedMemoryInferResult extends TritonInferResult {
  /**
   * Gives the memory of those outputs back for later results: the tensors must not be looked at any more. Without it
   * the garbage collector takes them in its time. Safe to call twice.
   */
  release(): void;
}

/**
 * Reads the outputs that a call's plan has in the region, each in one go, into one buffer; the tensors are views on it.
 * @param result what the server answered to the plan's request
 * @throws ServiceError `upstream_error` when an output does not fit into its place
 */
export function readOutputs(
  request: TritonInferRequest,
  result: TritonInferResult,
  source: { plan: CallPlan; region: { read(target: Uint8Array, position: number): void }; buffers: OutputBuffers },
): SharedMemoryInferResult {
  const { plan, region, buffers } = source;
  const subject = subjectOf(request);
  const found = [...plan.outputs].flatMap(([name, place]) => {
    const tensor = result.sharedOutputs.get(name);
    return tensor === undefined ? [] : [{ name, tensor, place, byteSize: sizeIn(place, { name, tensor, subject }) }];
  });
  const buffer = buffers.take(found.reduce((sum, { byteSize }) => sum + padded(byteSize), 0));
  const read = new Map<string, AnyTensor>();
  let offset = 0;
  for (const { name, tensor, place, byteSize } of found) {
    const { datatype, shape } = tensor;
    const bytes = buffer.subarray(offset, offset + byteSize);
    offset += padded(byteSize);
    region.read(bytes, place.offset);
    const written = datatype === 'BYTES' ? frontOfElements(bytes, elementCount(shape)) : bytes;
    read.set(name, tensorOfBytes({ name, datatype, shape }, written, outputsOf(subject)));
  }
  let isReleased = false;
  return {
    ...result,
    ...merge(request, result, read),
    release: () => {
      if (!isReleased) buffers.giveBack(buffer);
      isReleased = true;
    },
  };
}

/** What is to be read of a place: as much as the tensor takes; of BYTES, whose size nobody says, all of it. */
function sizeIn(place: Place, output: { name: string; tensor: SharedTensor; subject: string }): number {
  const { name, tensor, subject } = output;
  if (tensor.datatype === 'BYTES') return place.byteSize;
  const byteSize = elementCount(tensor.shape) * TYPED_ARRAYS[tensor.datatype].BYTES_PER_ELEMENT;
  if (byteSize <= place.byteSize) return byteSize;
  throw invalidAnswer(subject, `output ${name} takes ${byteSize} bytes, and its place has ${place.byteSize}`);
}

/** The outputs in the order asked for, and those that are left in regions of the caller's own. */
function merge(
  { outputs = [] }: TritonInferRequest,
  result: TritonInferResult,
  read: ReadonlyMap<string, AnyTensor>,
): Pick<TritonInferResult, 'outputs' | 'sharedOutputs'> {
  if (read.size === 0) return result;
  const names = outputs.map((output) => (typeof output === 'string' ? output : output.name));
  const merged = names.flatMap((name) => {
    const tensor = read.get(name) ?? result.outputs.get(name);
    return tensor === undefined ? [] : [[name, tensor] as const];
  });
  return {
    outputs: new Map(merged),
    sharedOutputs: new Map([...result.sharedOutputs].filter(([name]) => !read.has(name))),
  };
}

function padded(byteSize: number): number {
  return Math.ceil(byteSize / ALIGNMENT) * ALIGNMENT;
}

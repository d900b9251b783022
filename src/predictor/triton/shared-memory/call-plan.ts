import type { AnyTensor } from '../../../tensor.js';
import { inputsOf } from '../answer.js';
import type { InferInput, RegionSlice, TritonInferRequest } from '../inference.js';
import { assertTensor } from '../tensors/check-tensor.js';
import { byteLengthOf, bytesOfTensor } from '../../../oip/tensor-bytes.js';

/** Tensors begin at multiples of it: whole cache lines, and aligned for every datatype and instruction. */
const ALIGNMENT = 64;

/** Where a tensor lies in the region of its call; bytes. */
export type Place = Pick<RegionSlice, 'offset' | 'byteSize'>;

/** Which tensors of a call go through a region, and where in it they lie. */
export interface CallPlan {
  /** The region's size. */
  readonly byteSize: number;
  /** The outputs that the server writes to the region, by name. */
  readonly outputs: ReadonlyMap<string, Place>;
  /** Writes the inputs to the region, each in one go. */
  writeInputs(region: { write(bytes: Uint8Array, position: number): void }): void;
  /** The request with slices of the region in place of the tensors. */
  requestWith(region: { readonly name: string }): TritonInferRequest;
}

/**
 * Plans a call: the inputs of at least `minBytes`, and those outputs that are asked for by name and whose size is known
 * and as large. Undefined when none is.
 * @param options.outputByteSizes the most that each output takes, by name; without one an output comes with the message
 * @throws ServiceError `invalid_argument` for an input that is none
 */
export function planCall(
  request: TritonInferRequest,
  options: { minBytes: number; outputByteSizes: ReadonlyMap<string, number> },
): CallPlan | undefined {
  const { outputByteSizes } = options;
  // A slice without bytes is refused (Triton: Invalid offset + byte size).
  const minBytes = Math.max(options.minBytes, 1);
  const inputs = new Map<string, { place: Place; tensor: AnyTensor }>();
  const outputs = new Map<string, Place>();
  let end = 0;
  const reserve = (byteSize: number): Place => {
    const offset = end;
    end = Math.ceil((offset + byteSize) / ALIGNMENT) * ALIGNMENT;
    return { offset, byteSize };
  };
  for (const [name, tensor] of inputsOf(request)) {
    if ('sharedMemory' in tensor) continue;
    assertTensor(name, tensor);
    const byteSize = byteLengthOf(tensor);
    if (byteSize >= minBytes) inputs.set(name, { place: reserve(byteSize), tensor });
  }
  for (const name of plainOutputs(request)) {
    const byteSize = outputByteSizes.get(name) ?? 0;
    if (byteSize >= minBytes) outputs.set(name, reserve(byteSize));
  }
  if (end === 0) return undefined;

  return {
    byteSize: end,
    outputs,
    writeInputs: (region) => {
      for (const { place, tensor } of inputs.values()) region.write(bytesOfTensor(tensor), place.offset);
    },
    requestWith: ({ name: region }) => {
      const toInput = ([name, tensor]: readonly [string, InferInput]): [string, InferInput] => {
        const { datatype, shape } = tensor;
        const place = inputs.get(name)?.place;
        return [name, place === undefined ? tensor : { datatype, shape, sharedMemory: { region, ...place } }];
      };
      const toOutput = (output: NonNullable<TritonInferRequest['outputs']>[number]) => {
        const name = typeof output === 'string' ? output : output.name;
        const place = outputs.get(name);
        return place === undefined ? output : { name, sharedMemory: { region, ...place } };
      };
      return {
        ...request,
        inputs: new Map(inputsOf(request).map(toInput)),
        ...(request.outputs !== undefined && { outputs: request.outputs.map(toOutput) }),
      };
    },
  };
}

/** The names of the outputs that are asked for as they are: not classified, nor in a region of the caller's own. */
export function plainOutputs({ outputs = [] }: TritonInferRequest): string[] {
  return outputs.flatMap((output) => {
    if (typeof output === 'string') return [output];
    return output.classification === undefined && output.sharedMemory === undefined ? [output.name] : [];
  });
}

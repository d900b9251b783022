import { elementCount, TYPED_ARRAYS } from '../../../tensor.js';
import type { ModelInfo, TensorMetadata } from '../../predictor.js';
import { inputsOf } from '../answer.js';
import type { TritonInferRequest } from '../inference.js';

/**
 * How many bytes the outputs of a model will take, by name; without those that nobody knows before: BYTES, and shapes
 * with another unknown dimension than the batch, which is the inputs'.
 */
export function knownOutputSizes(info: ModelInfo, request: TritonInferRequest): Map<string, number> {
  const [firstInput] = inputsOf(request);
  const batch = info.maxBatchSize > 0 ? firstInput?.[1].shape[0] : undefined;
  const sizes = new Map<string, number>();
  for (const output of info.outputs) {
    const byteSize = sizeOf(output, batch);
    if (byteSize !== undefined) sizes.set(output.name, byteSize);
  }
  return sizes;
}

function sizeOf({ datatype, shape }: TensorMetadata, batch: number | undefined): number | undefined {
  const [first, ...rest] = shape;
  const dims = batch === undefined || first !== -1 ? shape : [batch, ...rest];
  if (datatype === 'BYTES' || dims.some((dim) => dim < 0)) return undefined;
  return elementCount(dims) * TYPED_ARRAYS[datatype].BYTES_PER_ELEMENT;
}

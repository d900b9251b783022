import type * as runtimeModule from 'onnxruntime-node';
import type { Tensor as RuntimeTensor } from 'onnxruntime-node';
import { ServiceError } from '../../errors.js';
import { type AnyTensor, type FixedDatatype, TYPED_ARRAYS } from '../../tensor.js';
import type { ModelSpec, TensorSpec } from './model-spec.js';

/** The runtime's module, loaded by the worker since it is an optional dependency. */
export type Runtime = typeof runtimeModule;

/** What the runtime calls each datatype; it has no typed array for BF16. */
export const RUNTIME_TYPES = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  BF16: undefined,
  FP32: 'float32',
  FP64: 'float64',
} as const satisfies Record<FixedDatatype, RuntimeTensor.Type | undefined>;

/**
 * Hands a tensor to the runtime, on the same memory, in the shape that the ONNX model wants.
 * @param tensor checked against `input`
 */
export function toRuntimeTensor(
  runtime: Runtime,
  place: { spec: ModelSpec; input: TensorSpec },
  tensor: AnyTensor,
): RuntimeTensor {
  const { spec, input } = place;
  const type = RUNTIME_TYPES[input.datatype];
  if (type === undefined || tensor.datatype === 'BYTES') {
    throw new ServiceError('upstream_error', `the embedded runtime has no tensors of ${tensor.datatype}`);
  }
  return new runtime.Tensor(type, tensor.data, reshaped(spec, input.reshape, tensor.shape));
}

/** Takes a result from the runtime, on the same memory, in the shape that callers are told of. */
export function fromRuntimeTensor(spec: ModelSpec, output: TensorSpec, result: RuntimeTensor): AnyTensor {
  const values = result.data as Exclude<RuntimeTensor['data'], string[]>;
  const TypedArray = TYPED_ARRAYS[output.datatype];
  return {
    datatype: output.datatype,
    shape: reshaped(spec, output.reshape === undefined ? undefined : output.dims, result.dims),
    // A view of the datatype's own array: newer runtimes give Float16Array where ours is the bit pattern.
    data: new TypedArray(values.buffer as ArrayBuffer, values.byteOffset, values.length),
  } as AnyTensor;
}

/** The shape with other dimensions behind the batch; as it is when there are none to put there. */
function reshaped(spec: ModelSpec, dims: readonly number[] | undefined, shape: readonly number[]): readonly number[] {
  if (dims === undefined) return shape;
  return spec.maxBatchSize > 0 ? [...shape.slice(0, 1), ...dims] : dims;
}

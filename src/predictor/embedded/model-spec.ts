import type { FixedDatatype } from '../../tensor.js';

/** One input or output as config.pbtxt describes it. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: FixedDatatype;
  /** As callers see it, without the batch dimension; -1 is any size. */
  readonly dims: readonly number[];
  /** What the ONNX model sees in place of `dims`, where that differs; every dimension is known. */
  readonly reshape: readonly number[] | undefined;
}

/** What the embedded runtime needs to know of a model. */
export interface ModelSpec {
  readonly name: string;
  /** 0 when the model does not batch; else every shape begins with the batch dimension. */
  readonly maxBatchSize: number;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** The full shape of a tensor, with -1 for the batch dimension where the model batches. */
export function fullShape(spec: ModelSpec, dims: readonly number[]): readonly number[] {
  return spec.maxBatchSize > 0 ? [-1, ...dims] : dims;
}

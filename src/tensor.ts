import { internalError } from './errors.js';

/** In-memory form of each datatype of the Open Inference Protocol and Triton. FP16 and BF16 are kept as bit patterns. */
interface DataOf {
  BOOL: Uint8Array;
  UINT8: Uint8Array;
  UINT16: Uint16Array;
  UINT32: Uint32Array;
  UINT64: BigUint64Array;
  INT8: Int8Array;
  INT16: Int16Array;
  INT32: Int32Array;
  INT64: BigInt64Array;
  FP16: Uint16Array;
  BF16: Uint16Array;
  FP32: Float32Array;
  FP64: Float64Array;
  BYTES: readonly Uint8Array[];
}

/** A datatype's name as it stands on the wire. */
export type Datatype = keyof DataOf;

/** A datatype whose elements all have the same size. */
export type FixedDatatype = Exclude<Datatype, 'BYTES'>;

/**
 * A dense array in row-major order: `data.length` is the product of `shape`.
 * `data` may be a view on a received buffer; whoever keeps a tensor beyond the call copies it.
 */
export interface Tensor<D extends Datatype = Datatype> {
  readonly datatype: D;
  readonly shape: readonly number[];
  readonly data: DataOf[D];
}

/** The tensor of any datatype, told apart by `datatype`. */
export type AnyTensor = { [D in Datatype]: Tensor<D> }[Datatype];

/** The typed array that holds each datatype of fixed element size. */
export const TYPED_ARRAYS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const satisfies Record<FixedDatatype, unknown>;

/** Every datatype there is. */
export const DATATYPES: readonly Datatype[] = [...(Object.keys(TYPED_ARRAYS) as FixedDatatype[]), 'BYTES'];

/** Whether a string names a datatype. */
export function isDatatype(name: string): name is Datatype {
  return name === 'BYTES' || Object.hasOwn(TYPED_ARRAYS, name);
}

/** The number of elements that a shape holds; 1 for a scalar's empty shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/**
 * Makes an FP32 tensor.
 * @throws ServiceError `internal` when the data's length is not the product of the shape: our own mistake, not a client's.
 */
export function float32Tensor(shape: readonly number[], data: Float32Array): Tensor<'FP32'> {
  if (data.length !== elementCount(shape)) {
    throw internalError(new RangeError(`${data.length} values do not fill the shape [${shape.join(',')}]`));
  }
  return { datatype: 'FP32', shape, data };
}

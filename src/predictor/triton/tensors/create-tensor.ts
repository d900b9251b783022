import { excerpt, ServiceError } from '../../../errors.js';
import { type Datatype, type FixedDatatype, type Tensor, TYPED_ARRAYS } from '../../../tensor.js';
import { kindOf } from '../kind-of.js';
import { toBfloat16 } from './bfloat16.js';
import { assertCount, assertDatatype, assertShape } from './check-tensor.js';
import { toFloat16 } from './float16.js';

/** What a tensor of each datatype can be made of. */
export interface TensorValues {
  /** Bytes are 0 or 1. */
  BOOL: Uint8Array | readonly boolean[];
  UINT8: Uint8Array | readonly number[];
  UINT16: Uint16Array | readonly number[];
  UINT32: Uint32Array | readonly number[];
  /** Numbers only up to 2^53 - 1, as those above are not exact. */
  UINT64: BigUint64Array | readonly (bigint | number)[];
  INT8: Int8Array | readonly number[];
  INT16: Int16Array | readonly number[];
  INT32: Int32Array | readonly number[];
  /** Numbers only within ±(2^53 - 1), as those beyond are not exact. */
  INT64: BigInt64Array | readonly (bigint | number)[];
  /** A Uint16Array holds bit patterns; anything else values, which are rounded to the nearest, ties to even. */
  FP16: Uint16Array | Float32Array | readonly number[];
  /** A Uint16Array holds bit patterns; anything else values, which are rounded to the nearest, ties to even. */
  BF16: Uint16Array | Float32Array | readonly number[];
  FP32: Float32Array | readonly number[];
  FP64: Float64Array | readonly number[];
  /** Strings go as UTF-8. */
  BYTES: readonly (string | Uint8Array)[];
}

/** A datatype of whole numbers. */
type IntegerDatatype = Exclude<FixedDatatype, 'BOOL' | 'FP16' | 'BF16' | 'FP32' | 'FP64'>;

const NARROW = { FP16: toFloat16, BF16: toBfloat16 } as const;

/**
 * Makes a tensor. A typed array of the datatype's own kind is taken as it is, without a copy or a look at its
 * elements; anything else is converted. Numbers too large for a float datatype become infinite (IEEE 754).
 * @param shape dimensions of 0 or more, row-major; [] for a single value
 * @throws ServiceError `invalid_argument` when the values do not fill the shape or one is not of the datatype
 */
export function createTensor<D extends Datatype>(
  datatype: D,
  shape: readonly number[],
  values: TensorValues[D],
): Tensor<D> {
  assertDatatype('datatype', datatype);
  assertShape('shape', shape);
  assertFlat(datatype, values);
  assertCount('values', values.length, shape);
  // One datatype, and the data made for it: the compiler sees two unions.
  return { datatype, shape, data: dataOf(datatype, values) as Tensor<D>['data'] };
}

function assertFlat(datatype: Datatype, values: unknown): void {
  if (typeof values !== 'object' || values === null) throw wrongKind(datatype, values);
  if (!Array.isArray(values) || !Array.isArray(values[0])) return;
  throw new ServiceError('invalid_argument', 'values must be flat, row after row; received lists within a list');
}

function dataOf(datatype: Datatype, values: TensorValues[Datatype]): Tensor['data'] {
  if (datatype !== 'BYTES' && values instanceof TYPED_ARRAYS[datatype]) return values;
  if ((datatype === 'FP16' || datatype === 'BF16') && values instanceof Float32Array) return NARROW[datatype](values);
  if (!Array.isArray(values)) throw wrongKind(datatype, values);
  switch (datatype) {
    case 'BYTES':
      return Array.from(values, toBytes);
    case 'BOOL':
      return Uint8Array.from(values, toBit);
    case 'FP16':
    case 'BF16':
      return NARROW[datatype](Array.from(values, toNumber));
    case 'FP32':
      return Float32Array.from(values, toNumber);
    case 'FP64':
      return Float64Array.from(values, toNumber);
    default:
      return integersOf(datatype, values);
  }
}

/** Typed arrays wrap or cut off what they cannot hold: a value that they give back unchanged is in their range. */
function integersOf(datatype: IntegerDatatype, values: readonly unknown[]): Tensor['data'] {
  const data = new TYPED_ARRAYS[datatype](values.length);
  const isWide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  const kept: Record<number, number | bigint> = data;
  for (const [index, value] of values.entries()) {
    const integer = isWide && typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
    if (typeof integer === (isWide ? 'bigint' : 'number')) kept[index] = integer as number | bigint;
    if (kept[index] !== integer) throw wrongValue(index, `an integer ${rangeOf(datatype)}`, value);
  }
  return data;
}

function toNumber(value: unknown, index: number): number {
  if (typeof value === 'number') return value;
  throw wrongValue(index, 'a number', value);
}

function toBit(value: unknown, index: number): number {
  if (typeof value === 'boolean') return Number(value);
  throw wrongValue(index, 'true or false', value);
}

function toBytes(value: unknown, index: number): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (value instanceof Uint8Array) return value;
  throw wrongValue(index, 'a string or a Uint8Array', value);
}

function rangeOf(datatype: IntegerDatatype): string {
  const bits = BigInt(8 * TYPED_ARRAYS[datatype].BYTES_PER_ELEMENT);
  const [min, max] = datatype.startsWith('U') ? [0n, 2n ** bits - 1n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
  return `from ${min} to ${max}`;
}

function wrongValue(index: number, expected: string, received: unknown): ServiceError {
  const shown = typeof received === 'string' ? JSON.stringify(excerpt(received)) : excerpt(String(received));
  return new ServiceError('invalid_argument', `values[${index}] must be ${expected}; received ${shown}`);
}

function wrongKind(datatype: Datatype, received: unknown): ServiceError {
  const own = datatype === 'BYTES' ? '' : ` or ${TYPED_ARRAYS[datatype].name}`;
  const message = `values must be an Array${own} for ${datatype}; received ${kindOf(received)}`;
  return new ServiceError('invalid_argument', message);
}

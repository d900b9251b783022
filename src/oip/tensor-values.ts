import { excerpt } from '../errors.js';
import { type AnyTensor, elementCount, type FixedDatatype, TYPED_ARRAYS } from '../tensor.js';
import { shapeText, type TensorHead } from './tensor-head.js';
import type { TensorSide } from './tensor-side.js';

/**
 * The tensor in a list of values, as it stands in a message without binary data: JSON's numbers, booleans and
 * strings, or gRPC's typed contents. 64-bit integers may be digits in a string; as JSON numbers they are exact up
 * to 2^53. FP16 and BF16 have no such form.
 * @throws ServiceError the side's own when the values do not fill the shape or are not of the datatype
 */
export function tensorOfValues(head: TensorHead, values: readonly unknown[], side: TensorSide): AnyTensor {
  const { name, datatype, shape } = head;
  if (values.length !== elementCount(shape)) {
    const holds = `shape ${shapeText(shape)} holds ${elementCount(shape)}`;
    throw side.invalid(`${side.noun} ${excerpt(name)} has ${values.length} values, but ${holds}`);
  }
  try {
    if (datatype === 'BYTES') return { datatype, shape, data: values.map(toBytes) };
    // One datatype, and the array made for it: the compiler sees two unions.
    return { datatype, shape, data: typedArray(datatype, values) } as AnyTensor;
  } catch (error) {
    throw side.invalid(`${side.noun} ${excerpt(name)} has values that are not of datatype ${datatype}`, error);
  }
}

function typedArray(datatype: FixedDatatype, values: readonly unknown[]): AnyTensor['data'] {
  switch (datatype) {
    case 'FP16':
    case 'BF16':
      throw new TypeError(`${datatype} has no form but bytes`);
    case 'INT64':
      return BigInt64Array.from(values, toBigInt);
    case 'UINT64':
      return BigUint64Array.from(values, toBigInt);
    default: {
      const constructor: { from(values: ArrayLike<number>): AnyTensor['data'] } = TYPED_ARRAYS[datatype];
      return constructor.from(values.map(toNumber));
    }
  }
}

function toNumber(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  throw new TypeError(`a number is expected, not ${typeof value}`);
}

function toBigInt(value: unknown): bigint {
  if (typeof value === 'number' || typeof value === 'string') return BigInt(value);
  throw new TypeError(`an integer is expected, not ${typeof value}`);
}

function toBytes(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`a string is expected, not ${typeof value}`);
}

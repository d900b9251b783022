import { excerpt } from '../errors.js';
import { type AnyTensor, elementCount, type FixedDatatype, TYPED_ARRAYS } from '../tensor.js';
import { shapeText, type TensorHead } from './tensor-head.js';
import type { TensorSide } from './tensor-side.js';

const { BOOL, UINT8, UINT16, UINT32, INT8, INT16, INT32 } = TYPED_ARRAYS;
const SMALL_INTEGERS = { BOOL, UINT8, UINT16, UINT32, INT8, INT16, INT32 } as const;

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
    case 'FP32':
    case 'FP64':
      return TYPED_ARRAYS[datatype].from(values.map(toNumber));
    default:
      return integers(datatype, values);
  }
}

/** Typed arrays wrap or cut off what they cannot hold: a value that they give back unchanged is in their range. */
function integers(datatype: keyof typeof SMALL_INTEGERS, values: readonly unknown[]): AnyTensor['data'] {
  const data = new SMALL_INTEGERS[datatype](values.length);
  for (let index = 0; index < data.length; index++) {
    const value = toNumber(values[index]);
    data[index] = value;
    const isTruth = datatype !== 'BOOL' || value === 0 || value === 1;
    if (data[index] !== value || !isTruth) throw new TypeError(`${datatype} does not hold ${value}`);
  }
  return data;
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

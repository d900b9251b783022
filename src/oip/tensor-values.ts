import { excerpt, type ServiceError } from '../errors.js';
import { type AnyTensor, elementCount, type FixedDatatype, TYPED_ARRAYS } from '../tensor.js';
import { shapeText, type TensorHead } from './tensor-head.js';
import type { TensorSide } from './tensor-side.js';

/** A 64-bit integer as text. It has 20 digits at most; more would only take long to be read. */
const DIGITS = /^-?\d{1,20}$/;

/** What a typed array is to those who fill it. */
interface Elements<Element> {
  readonly length: number;
  [index: number]: Element;
}

/** Where elements come from. */
interface Source<Element> {
  readonly values: readonly unknown[];
  /** One value as an element; undefined when it is none. */
  readonly read: (value: unknown) => Element | undefined;
  /** The error of the value at an index. */
  readonly wrong: (index: number) => ServiceError;
}

/**
 * The tensor in a list of values, as it stands in a message without binary data: JSON's numbers, booleans and
 * strings, or gRPC's typed contents. 64-bit integers may be digits in a string; as JSON numbers they are exact up
 * to 2^53. FP16 and BF16 have no such form.
 * @throws ServiceError the side's own when the values do not fill the shape, or one is not of the datatype: of another
 * type, a fraction, out of the integer's range
 */
export function tensorOfValues(head: TensorHead, values: readonly unknown[], side: TensorSide): AnyTensor {
  const { datatype, shape } = head;
  const invalid = (problem: string) => side.invalid(`${side.noun} ${excerpt(head.name)} has ${problem}`);
  if (values.length !== elementCount(shape)) {
    throw invalid(`${values.length} values, but shape ${shapeText(shape)} holds ${elementCount(shape)}`);
  }
  if (datatype === 'FP16' || datatype === 'BF16') {
    throw invalid(`values that are not of datatype ${datatype}, which has no form but bytes`);
  }
  const wrong = (index: number) =>
    invalid(`values that are not of datatype ${datatype}: [${index}] is ${shown(values[index])}`);
  if (datatype === 'BYTES') return { datatype, shape, data: fill([], { values, read: toBytes, wrong }) };
  // One datatype, and the array made for it: the compiler sees two unions.
  return { datatype, shape, data: typedArray(datatype, { values, wrong }) } as AnyTensor;
}

function typedArray(
  datatype: Exclude<FixedDatatype, 'FP16' | 'BF16'>,
  { values, wrong }: Pick<Source<unknown>, 'values' | 'wrong'>,
): AnyTensor['data'] {
  const { length } = values;
  switch (datatype) {
    case 'FP32':
    case 'FP64':
      return fill(new TYPED_ARRAYS[datatype](length), { values, read: toNumber, wrong });
    case 'INT64':
      return fillExactly(new BigInt64Array(length), { values, read: toBigInt, wrong });
    case 'UINT64':
      return fillExactly(new BigUint64Array(length), { values, read: toBigInt, wrong });
    case 'BOOL':
      return fill(new Uint8Array(length), { values, read: toTruth, wrong });
    default:
      return fillExactly(new TYPED_ARRAYS[datatype](length), { values, read: toNumber, wrong });
  }
}

function fill<Element, Data extends Elements<Element>>(data: Data, { values, read, wrong }: Source<Element>): Data {
  for (let index = 0; index < values.length; index++) {
    const element = read(values[index]);
    if (element === undefined) throw wrong(index);
    data[index] = element;
  }
  return data;
}

/** Typed arrays wrap or cut off what they cannot hold: an integer that they give back unchanged is in their range. */
function fillExactly<Element, Data extends Elements<Element>>(data: Data, source: Source<Element>): Data {
  const { values, read, wrong } = source;
  for (let index = 0; index < values.length; index++) {
    const element = read(values[index]);
    if (element === undefined) throw wrong(index);
    data[index] = element;
    if (data[index] !== element) throw wrong(index);
  }
  return data;
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : undefined;
}

function toTruth(value: unknown): number | undefined {
  const number = toNumber(value);
  return number === 0 || number === 1 ? number : undefined;
}

function toBigInt(value: unknown): bigint | undefined {
  const isInteger = typeof value === 'string' ? DIGITS.test(value) : Number.isInteger(value);
  return isInteger ? BigInt(value as string | number) : undefined;
}

function toBytes(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  return value instanceof Uint8Array ? value : undefined;
}

/** A value for messages. Numbers alone are shown as they are: what else there may be is long, or a client's secret. */
function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return value === null ? 'null' : typeof value;
}

import { excerpt, ServiceError } from '../../../errors.js';
import { type AnyTensor, elementCount, isDatatype, TYPED_ARRAYS } from '../../../tensor.js';
import { kindOf } from '../kind-of.js';
import type { InferInput, RegionSlice, SharedTensor } from '../inference.js';

/** The length of a BYTES element stands in 32 bits on the wire (binary tensor data extension). */
const MAX_ELEMENT_BYTES = 2 ** 32 - 1;

/**
 * Checks that an input is one: a known datatype, a shape, and exactly the data that the shape holds. A server may trust
 * the shape: Triton 2.51 ends its process when one element is declared as [100000,100000].
 * @param name the input's, for messages
 * @throws ServiceError `invalid_argument`
 */
export function assertTensor(name: string, input: InferInput): void {
  if (name === '') throw new ServiceError('invalid_argument', 'inputs: the name of an input must not be empty');
  const field = `inputs.${excerpt(name)}`;
  assertObject(field, input, '{ datatype, shape, data } or { datatype, shape, sharedMemory }');
  assertDatatype(`${field}.datatype`, input.datatype);
  assertShape(`${field}.shape`, input.shape);
  if ('sharedMemory' in input) assertSharedData(`${field}.sharedMemory`, input);
  else assertData(`${field}.data`, input);
}

/**
 * Checks that a datatype is known, as an untyped caller's may not be.
 * @param field what the message calls the datatype
 * @throws ServiceError `invalid_argument`
 */
export function assertDatatype(field: string, datatype: unknown): void {
  if (typeof datatype === 'string' && isDatatype(datatype)) return;
  const known = [...Object.keys(TYPED_ARRAYS), 'BYTES'].join(', ');
  throw refusal(field, `one of ${known}`, typeof datatype === 'string' ? JSON.stringify(datatype) : kindOf(datatype));
}

/**
 * Checks that every dimension is a whole number, 0 or more, and that their product is exact.
 * @param field what the message calls the shape
 * @throws ServiceError `invalid_argument`
 */
export function assertShape(field: string, shape: readonly number[]): void {
  const isShape = Array.isArray(shape) && shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0);
  if (isShape && Number.isSafeInteger(elementCount(shape))) return;
  throw refusal(
    field,
    'dimensions of 0 or more, with a product below 2^53',
    Array.isArray(shape) ? `[${shape.join(',')}]` : kindOf(shape),
  );
}

/**
 * Checks how many values there are.
 * @param field what the message calls the values
 * @throws ServiceError `invalid_argument`
 */
export function assertCount(field: string, count: number, shape: readonly number[]): void {
  const expected = elementCount(shape);
  if (count === expected) return;
  throw refusal(field, `${expected} elements for the shape [${excerpt(shape.join(','))}]`, `${count}`);
}

function assertData(field: string, { datatype, shape, data }: AnyTensor): void {
  if (datatype !== 'BYTES') {
    const kind = TYPED_ARRAYS[datatype];
    if (!(data instanceof kind)) throw refusal(field, `of type ${kind.name} for ${datatype}`, kindOf(data));
    assertCount(field, data.length, shape);
    return;
  }
  if (!Array.isArray(data)) throw refusal(field, 'an array of Uint8Arrays for BYTES', kindOf(data));
  assertCount(field, data.length, shape);
  for (const [index, element] of data.entries()) {
    if (!(element instanceof Uint8Array)) throw refusal(`${field}[${index}]`, 'a Uint8Array', kindOf(element));
    if (element.byteLength > MAX_ELEMENT_BYTES) {
      throw refusal(`${field}[${index}]`, `at most ${MAX_ELEMENT_BYTES} bytes`, `${element.byteLength}`);
    }
  }
}

function assertSharedData(field: string, { datatype, shape, sharedMemory }: SharedTensor): void {
  assertObject(field, sharedMemory, '{ region, offset, byteSize }');
  assertSlice(field, sharedMemory);
  if (datatype === 'BYTES') return;
  const expected = elementCount(shape) * TYPED_ARRAYS[datatype].BYTES_PER_ELEMENT;
  if (sharedMemory.byteSize === expected) return;
  const takes = `${expected} for ${datatype} of the shape [${excerpt(shape.join(','))}]`;
  throw refusal(`${field}.byteSize`, takes, `${sharedMemory.byteSize}`);
}

function assertSlice(field: string, { region, offset, byteSize }: RegionSlice): void {
  if (region === '') throw refusal(`${field}.region`, 'the name of a registered region', '""');
  if (typeof region !== 'string') throw refusal(`${field}.region`, 'text', kindOf(region));
  for (const [key, value] of Object.entries({ offset, byteSize })) {
    if (!Number.isSafeInteger(value) || value < 0) throw refusal(`${field}.${key}`, 'a number of bytes', `${value}`);
  }
}

function assertObject(field: string, value: object, expected: string): void {
  const given: unknown = value;
  if (typeof given !== 'object' || given === null) throw refusal(field, expected, kindOf(given));
}

function refusal(field: string, expected: string, received: string): ServiceError {
  return new ServiceError('invalid_argument', `${field} must be ${expected}; received ${excerpt(received)}`);
}

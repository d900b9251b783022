import { excerpt, type ServiceError } from '../errors.js';
import { elementCount, type AnyTensor, type FixedDatatype, TYPED_ARRAYS } from '../tensor.js';
import { shapeText, type TensorHead } from './tensor-head.js';
import type { TensorSide } from './tensor-side.js';

/** Each element of a BYTES tensor stands behind its length, an unsigned 32-bit number. */
const LENGTH_BYTES = 4;

/** What all typed arrays' constructors have in common. */
interface TypedArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): AnyTensor['data'];
}

/**
 * A tensor's bytes as they stand on the wire: row-major, little-endian, as typed arrays are on every platform that Node
 * supports. A view on the tensor's data; only BYTES are copied, once, so that many short strings make one write.
 */
export function bytesOfTensor(tensor: AnyTensor): Uint8Array {
  if (tensor.datatype === 'BYTES') return joinElements(tensor.data, byteLengthOf(tensor));
  const { buffer, byteOffset, byteLength } = tensor.data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** How many bytes a tensor takes on the wire. */
export function byteLengthOf(tensor: AnyTensor): number {
  if (tensor.datatype !== 'BYTES') return tensor.data.byteLength;
  return tensor.data.reduce((sum, element) => sum + LENGTH_BYTES + element.byteLength, 0);
}

/**
 * The front of a region's bytes that holds so many elements of a BYTES tensor; all of them where they end too early. An
 * answer tells the number of the elements, and not where in its region they end.
 */
export function frontOfElements(bytes: Uint8Array, count: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = 0;
  for (let index = 0; index < count && end + LENGTH_BYTES <= bytes.byteLength; index++) {
    end += LENGTH_BYTES + view.getUint32(end, true);
  }
  return bytes.subarray(0, end);
}

/**
 * The tensor in a message's bytes: a view on them where they lie aligned for their datatype, else a copy.
 * @throws ServiceError the side's own when the bytes do not fill the shape exactly
 */
export function tensorOfBytes(head: TensorHead, bytes: Uint8Array, side: TensorSide): AnyTensor {
  const { datatype, shape } = head;
  if (datatype === 'BYTES') return { datatype, shape, data: splitElements(head, bytes, side) };
  const expected = elementCount(shape) * TYPED_ARRAYS[datatype].BYTES_PER_ELEMENT;
  if (bytes.byteLength !== expected) {
    throw wrongSize(head, { bytes, takes: `takes ${expected}`, side });
  }
  // One datatype, and the array made for it: the compiler sees two unions.
  return { datatype, shape, data: typedArray(datatype, bytes) } as AnyTensor;
}

function typedArray(datatype: FixedDatatype, bytes: Uint8Array): AnyTensor['data'] {
  const constructor: TypedArrayConstructor = TYPED_ARRAYS[datatype];
  const aligned = bytes.byteOffset % constructor.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new constructor(aligned.buffer, aligned.byteOffset, aligned.byteLength / constructor.BYTES_PER_ELEMENT);
}

function joinElements(elements: readonly Uint8Array[], byteLength: number): Uint8Array {
  const joined = new Uint8Array(byteLength);
  const view = new DataView(joined.buffer);
  let offset = 0;
  for (const element of elements) {
    view.setUint32(offset, element.byteLength, true);
    joined.set(element, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + element.byteLength;
  }
  return joined;
}

/** In memory an element takes many times its bytes on the wire, so that no more are made than the shape holds. */
function splitElements(head: TensorHead, bytes: Uint8Array, side: TensorSide): Uint8Array[] {
  const count = elementCount(head.shape);
  if (count * LENGTH_BYTES > bytes.byteLength) {
    throw wrongSize(head, { bytes, takes: `takes ${count * LENGTH_BYTES} or more`, side });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Uint8Array[] = [];
  let offset = 0;
  for (let index = 0; index < count; index++) {
    const start = offset + LENGTH_BYTES;
    const end = start <= bytes.byteLength ? start + view.getUint32(offset, true) : Infinity;
    if (end > bytes.byteLength) {
      throw side.invalid(`${side.noun} ${excerpt(head.name)} ends within element ${index}`);
    }
    elements.push(bytes.subarray(start, end));
    offset = end;
  }
  if (offset < bytes.byteLength) {
    throw wrongSize(head, { bytes, takes: `takes ${offset} for its ${count} elements`, side });
  }
  return elements;
}

function wrongSize(head: TensorHead, found: { bytes: Uint8Array; takes: string; side: TensorSide }): ServiceError {
  const { bytes, takes, side } = found;
  const tensor = `${head.datatype} of shape ${shapeText(head.shape)}`;
  return side.invalid(`${side.noun} ${excerpt(head.name)} has ${bytes.byteLength} bytes, but ${tensor} ${takes}`);
}

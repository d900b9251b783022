import type { WireTensor } from './fake-models.js';

/** The values of a tensor on the wire, one by one, by DataView alone: a second way beside the one under test. */
export function valuesOf({ datatype, bytes }: WireTensor): (number | bigint | boolean | Buffer)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const every = <T>(size: number, read: (at: number) => T) =>
    Array.from({ length: bytes.length / size }, (_, i) => read(i * size));
  switch (datatype) {
    case 'BOOL':
      return every(1, (at) => view.getUint8(at) === 1);
    case 'UINT8':
      return every(1, (at) => view.getUint8(at));
    case 'UINT16':
      return every(2, (at) => view.getUint16(at, true));
    case 'UINT32':
      return every(4, (at) => view.getUint32(at, true));
    case 'UINT64':
      return every(8, (at) => view.getBigUint64(at, true));
    case 'INT8':
      return every(1, (at) => view.getInt8(at));
    case 'INT16':
      return every(2, (at) => view.getInt16(at, true));
    case 'INT32':
      return every(4, (at) => view.getInt32(at, true));
    case 'INT64':
      return every(8, (at) => view.getBigInt64(at, true));
    case 'FP32':
      return every(4, (at) => view.getFloat32(at, true));
    case 'FP64':
      return every(8, (at) => view.getFloat64(at, true));
    case 'BYTES':
      return elementsOf(bytes);
    default:
      return [];
  }
}

function elementsOf(bytes: Buffer): Buffer[] {
  const elements: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    elements.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return elements;
}

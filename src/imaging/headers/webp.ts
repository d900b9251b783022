import type { SizeReader } from './size-reader.js';

const FOURTEEN_BITS = 0x3fff;

/** The first chunk after `RIFF….WEBP` is lossy, lossless or extended: RFC 9649, 2.5 to 2.7. */
export const readWebpSize: SizeReader = (bytes) => {
  const chunk = bytes.toString('latin1', 12, 16);
  if (chunk === 'VP8 ') {
    // RFC 6386, 9.1: frame tag, start code, then 14 bits of size and 2 of scale for each side
    return { widthPx: bytes.readUInt16LE(26) & FOURTEEN_BITS, heightPx: bytes.readUInt16LE(28) & FOURTEEN_BITS };
  }
  if (chunk === 'VP8L') {
    const bits = bytes.readUInt32LE(21);
    return { widthPx: 1 + (bits & FOURTEEN_BITS), heightPx: 1 + ((bits >>> 14) & FOURTEEN_BITS) };
  }
  if (chunk === 'VP8X') return { widthPx: 1 + bytes.readUIntLE(24, 3), heightPx: 1 + bytes.readUIntLE(27, 3) };
  throw new RangeError('the first chunk is no picture');
};

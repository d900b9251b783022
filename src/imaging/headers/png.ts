import type { SizeReader } from './size-reader.js';

/** The first chunk is IHDR: PNG specification, 11.2.1. */
export const readPngSize: SizeReader = (bytes) => {
  if (bytes.toString('latin1', 12, 16) !== 'IHDR') throw new RangeError('the first chunk is not IHDR');
  return { widthPx: bytes.readUInt32BE(16), heightPx: bytes.readUInt32BE(20) };
};

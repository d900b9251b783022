import type { SizeReader } from './size-reader.js';

/** The logical screen: GIF89a specification, section 18. */
export const readGifSize: SizeReader = (bytes) => ({ widthPx: bytes.readUInt16LE(6), heightPx: bytes.readUInt16LE(8) });

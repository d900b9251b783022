import type { SizeReader } from './size-reader.js';

/** TIFF 6.0, section 2 (entries of an image file directory) and section 8 (tags). */
const ENTRY_BYTES = 12;
const TAG_WIDTH = 256;
const TAG_HEIGHT = 257;
const TYPE_SHORT = 3;
const TYPE_LONG = 4;

/** Looks through the entries of the first directory, which is the picture that is decoded. */
export const readTiffSize: SizeReader = (bytes) => {
  const isLittleEndian = bytes.readUInt8(0) === 0x49;
  const u16 = (at: number) => (isLittleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number) => (isLittleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const directory = u32(4);
  const entries = u16(directory);

  const find = (tag: number): number => {
    for (let i = 0; i < entries; i++) {
      const at = directory + 2 + i * ENTRY_BYTES;
      if (u16(at) !== tag) continue;
      const type = u16(at + 2);
      if (type === TYPE_SHORT) return u16(at + 8);
      if (type === TYPE_LONG) return u32(at + 8);
    }
    throw new RangeError(`no tag ${tag}`);
  };
  return { widthPx: find(TAG_WIDTH), heightPx: find(TAG_HEIGHT) };
};

import { readExifOrientation } from '../../../src/imaging/headers/exif-orientation.js';

const EXIF = 'Exif\0\0';

/** A directory of two entries, the second of them the orientation. */
function segment({ isLittleEndian = true, type = 3, value = 6, prefix = EXIF } = {}): Buffer {
  const tiff = Buffer.alloc(8 + 2 + 2 * 12);
  const u16 = (at: number, number: number) =>
    isLittleEndian ? tiff.writeUInt16LE(number, at) : tiff.writeUInt16BE(number, at);
  tiff.write(isLittleEndian ? 'II' : 'MM', 0, 'latin1');
  u16(2, 42);
  if (isLittleEndian) tiff.writeUInt32LE(8, 4);
  else tiff.writeUInt32BE(8, 4);
  u16(8, 2);
  u16(10, 0x0100);
  u16(22, 0x0112);
  u16(24, type);
  u16(30, value);
  return Buffer.concat([Buffer.from(prefix, 'latin1'), tiff]);
}

describe('readExifOrientation()', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('reads %i in both byte orders', (value) => {
    expect(readExifOrientation(segment({ value }))).toBe(value);
    expect(readExifOrientation(segment({ value, isLittleEndian: false }))).toBe(value);
  });

  it.each([0, 9, 0xffff])('passes over %i, which is none', (value) => {
    expect(readExifOrientation(segment({ value }))).toBeUndefined();
  });

  it('passes over a value of another type', () => {
    expect(readExifOrientation(segment({ type: 4 }))).toBeUndefined();
  });

  it('passes over a segment that is not of EXIF', () => {
    expect(readExifOrientation(segment({ prefix: 'http:\0' }))).toBeUndefined();
  });

  it('passes over a directory that ends early, at any byte', () => {
    const whole = segment();
    for (let length = 0; length < EXIF.length + 8 + 2 + 12 + 10; length++) {
      expect(readExifOrientation(whole.subarray(0, length))).toBeUndefined();
    }
  });
});

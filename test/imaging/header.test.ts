import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { ServiceError } from '../../src/errors.js';
import { type PictureHeader, readHeader } from '../../src/imaging/header.js';
import type { PictureFormat } from '../../src/imaging/picture-format.js';
import { ENCODERS, onePlainPng, quarters } from '../helpers/make-pictures.js';

const ACCEPTED = 'not a picture of an accepted format (JPEG, PNG, WebP, GIF, TIFF, AVIF)';
const LIMITS = { maxPixels: 50_000_000 };
const SIZE = { widthPx: 301, heightPx: 77 };
const FORMATS = Object.keys(ENCODERS) as PictureFormat[];

function encode(format: PictureFormat, widthPx: number, heightPx: number): Promise<Buffer> {
  return ENCODERS[format](quarters(widthPx, heightPx)).toBuffer();
}

function failure(bytes: Uint8Array, limits = LIMITS): Pick<ServiceError, 'code' | 'message'> {
  try {
    readHeader(bytes, limits);
  } catch (error) {
    const { code, message } = error as ServiceError;
    return { code, message };
  }
  throw new Error('readHeader accepts it');
}

/** A picture with something in between. */
async function insert(format: PictureFormat, at: number, piece: Buffer): Promise<Buffer> {
  const bytes = await encode(format, SIZE.widthPx, SIZE.heightPx);
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

/** An AVIF with empty boxes behind its first one, `ftyp`. */
async function insertBoxes(count: number): Promise<Buffer> {
  const ftypBytes = (await encode('avif', SIZE.widthPx, SIZE.heightPx)).readUInt32BE(0);
  return insert('avif', ftypBytes, repeated(Buffer.from('\0\0\0\x08free', 'latin1'), count));
}

function repeated(piece: Buffer, count: number): Buffer {
  return Buffer.alloc(piece.length * count, piece);
}

/** A TIFF of nothing but a header and one directory. */
function tiff(entries: readonly (readonly [tag: number, type: number, value: number])[], isBigEndian = false): Buffer {
  const bytes = Buffer.alloc(10 + entries.length * 12);
  const put16 = (value: number, at: number) =>
    isBigEndian ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at);
  const put32 = (value: number, at: number) =>
    isBigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at);
  bytes.write(isBigEndian ? 'MM' : 'II', 'latin1');
  put16(42, 2);
  put32(8, 4);
  put16(entries.length, 8);
  entries.forEach(([tag, type, value], i) => {
    const at = 10 + i * 12;
    put16(tag, at);
    put16(type, at + 2);
    put32(1, at + 4);
    if (type === 3) put16(value, at + 8);
    else put32(value, at + 8);
  });
  return bytes;
}

describe('readHeader()', () => {
  it.each(FORMATS)('reads the size of a %s', async (format) => {
    const expected: PictureHeader = { format, widthPx: 301, heightPx: 77, pixels: 23_177 };
    expect(readHeader(await encode(format, 301, 77), LIMITS)).toEqual(expected);
  });

  it.each([
    ['lossy', { quality: 80 }],
    ['lossless', { lossless: true }],
  ])('reads the size of a %s WebP', async (_, options) => {
    const bytes = await quarters(301, 77).webp(options).toBuffer();
    expect(readHeader(bytes, LIMITS)).toMatchObject({ widthPx: 301, heightPx: 77 });
  });

  it('reads the size of an extended WebP', async () => {
    const bytes = await quarters(301, 77)
      .withExif({ IFD0: { Artist: 'none' } })
      .webp()
      .toBuffer();
    expect(bytes.toString('latin1', 12, 16)).toBe('VP8X');
    expect(readHeader(bytes, LIMITS)).toMatchObject({ widthPx: 301, heightPx: 77 });
  });

  it('reads the size of a progressive JPEG with much in front of its frame header', async () => {
    const exif = { IFD0: { ImageDescription: 'x'.repeat(60_000) } };
    const bytes = await quarters(301, 77).withExif(exif).withIccProfile('p3').jpeg({ progressive: true }).toBuffer();
    expect(readHeader(bytes, LIMITS)).toMatchObject({ widthPx: 301, heightPx: 77 });
  });

  it('passes over stray and fill bytes between the segments of a JPEG', async () => {
    const bytes = await encode('jpeg', 301, 77);
    const second = 4 + bytes.readUInt16BE(4);
    const stray = Buffer.from([0, 1, 2, 0xff, 0xff]);
    const strayed = Buffer.concat([bytes.subarray(0, second), stray, bytes.subarray(second)]);
    expect(readHeader(strayed, LIMITS)).toMatchObject({ widthPx: 301, heightPx: 77 });
  });

  it.each([
    ['large segments', Buffer.concat([Buffer.from([0xff, 0xe2, 0xff, 0xff]), Buffer.alloc(0xfffd)]), 300],
    ['small segments', Buffer.from([0xff, 0xe1, 0, 2]), 4000],
    ['fill bytes', Buffer.from([0xff]), 4000],
  ])('passes over many %s in a JPEG', async (_, piece, count) => {
    expect(readHeader(await insert('jpeg', 2, repeated(piece, count)), LIMITS)).toMatchObject(SIZE);
  });

  it.each([
    ['segments', Buffer.from([0xff, 0xe1, 0, 2])],
    ['fill bytes', Buffer.from([0xff])],
    ['stuffed bytes', Buffer.from([0xff, 0])],
    ['restart markers', Buffer.from([0xff, 0xd0])],
  ])('refuses a JPEG with thousands of %s in front of its frame header', async (_, piece) => {
    const message = 'truncated or damaged header of the JPEG picture';
    expect(failure(await insert('jpeg', 2, repeated(piece, 4096)))).toEqual({ code: 'unprocessable', message });
  });

  it('passes over some boxes of an AVIF', async () => {
    expect(readHeader(await insertBoxes(4000), LIMITS)).toMatchObject(SIZE);
  });

  it('refuses an AVIF with thousands of boxes', async () => {
    const message = 'truncated or damaged header of the AVIF picture';
    expect(failure(await insertBoxes(4096))).toEqual({ code: 'unprocessable', message });
  });

  it.each([false, true])('reads a TIFF of either byte order (big-endian: %j)', (isBigEndian) => {
    const bytes = tiff([[256, 3, 301], [257, 4, 77]], isBigEndian); // prettier-ignore
    expect(readHeader(bytes, LIMITS)).toMatchObject({ format: 'tiff', widthPx: 301, heightPx: 77 });
  });

  it('takes the directory of a TIFF at its word, not what follows it', () => {
    const after = tiff([[256, 4, 1], [257, 4, 1]]).subarray(10); // prettier-ignore
    const bytes = Buffer.concat([tiff([[256, 4, 60_000], [257, 4, 60_000]]), after]); // prettier-ignore
    expect(failure(bytes).code).toBe('payload_too_large');
  });

  it('reads the stored size of a picture that lies on its side', () => {
    const bytes = readFileSync(new URL('../../samples/faces/exif6.jpg', import.meta.url));
    expect(readHeader(bytes, LIMITS)).toMatchObject({ format: 'jpeg', pixels: 160_000 });
  });

  it('takes a picture of exactly the most pixels', () => {
    expect(readHeader(onePlainPng(100, 100), { maxPixels: 10_000 }).pixels).toBe(10_000);
  });

  it('refuses one of more, naming size and limit', () => {
    expect(failure(onePlainPng(20_000, 20_000))).toEqual({
      code: 'payload_too_large',
      message: 'the picture has 20000×20000 = 400000000 pixels; the limit is 50000000 pixels',
    });
  });

  it.each([
    ['SVG', '<?xml version="1.0"?><!-- drawn --><svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'],
    ['PDF', '%PDF-1.7'],
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic'],
    ['JSON', ' {"data": {"item": "x"}}'],
    ['HTML', '<!DOCTYPE html><title>404</title>'],
    ['BMP', 'BM\x46\0\0\0\0\0\0\0\x36\0\0\0'],
    ['BigTIFF', 'II+\0\x08\0\0\0'],
    ['JPEG XL', '\xff\n\0'],
    ['Photoshop', '8BPS\0\x01'],
  ])('names %s, which is not accepted', (name, text) => {
    const message = `${ACCEPTED}: it looks like ${name}`;
    expect(failure(Buffer.from(text, 'latin1'))).toEqual({ code: 'unprocessable', message });
  });

  it.each([[''], ['hello'], ['\0'.repeat(100)], ['RIFF\0\0\0\0AVI LIST'], ['\0\0\0\x1cftypisom\0\0\0\0mp41']])(
    'refuses %j',
    (text) => {
      expect(failure(Buffer.from(text, 'latin1'))).toEqual({ code: 'unprocessable', message: ACCEPTED });
    },
  );

  it.each(FORMATS)(
    'never fails otherwise than with a ServiceError on a %s cut anywhere in its header',
    async (format) => {
      const bytes = await encode(format, 40, 30);
      for (let length = 0; length < Math.min(bytes.length, 600); length++) {
        try {
          expect(readHeader(bytes.subarray(0, length), LIMITS)).toMatchObject({ widthPx: 40, heightPx: 30 });
        } catch (error) {
          expect(error).toMatchObject({ name: 'ServiceError', code: 'unprocessable' });
        }
      }
    },
  );

  it.each([
    ['JPEG', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(30_000_000)])],
    ['JPEG', Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(30_000_000, 0xff)])],
    ['JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2, 0xff, 0xc0, 0, 11, 8, 0, 9, 0, 9])],
    ['TIFF', tiff([[256, 4, 10]])],
    ['TIFF', tiff([[256, 2, 10], [257, 4, 10]])], // prettier-ignore
    ['PNG', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\x04CgBI\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1')],
    ['WebP', Buffer.from('RIFF\0\0\0\0WEBPICCP\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1')],
    ['AVIF', Buffer.from('\0\0\0\x10ftypavif\0\0\0\0\0\0\0\x04meta', 'latin1')],
  ])('refuses a damaged %s header', (name, bytes) => {
    const message = `truncated or damaged header of the ${name} picture`;
    expect(failure(bytes)).toEqual({ code: 'unprocessable', message });
  });

  it.each([
    ['TIFF', tiff([[256, 4, 10], [257, 4, 0]])], // prettier-ignore
    ['GIF', Buffer.from('GIF89a\x0a\0\0\0', 'latin1')],
  ])('refuses a %s without pixels', (name, bytes) => {
    expect(failure(bytes)).toEqual({ code: 'unprocessable', message: `the ${name} picture has no pixels: 10×0` });
  });

  it.each([
    [1, 65_535, undefined],
    [1, 65_536, 'the picture has 1×65536 pixels; a side may have at most 65535'],
    [65_536, 1, 'the picture has 65536×1 pixels; a side may have at most 65535'],
  ])('bounds the sides, not only their product: %i×%i', (widthPx, heightPx, message) => {
    const read = () => readHeader(onePlainPng(widthPx, heightPx), { maxPixels: 50_000_000 });
    if (message === undefined) expect(read()).toMatchObject({ widthPx, heightPx });
    else expect(read).toThrow(message);
  });

  it('takes the largest size that an AVIF declares', async () => {
    const bytes = await encode('avif', 64, 48);
    const at = bytes.indexOf('ispe');
    bytes.writeUInt32BE(0xffffffff, at + 8);
    expect(failure(bytes).message).toBe('the picture has 4294967295×48 pixels; a side may have at most 65535');
  });

  it.each(FORMATS)('agrees with libvips on a %s', async (format) => {
    const bytes = await encode(format, 123, 45);
    const { width, height } = await sharp(bytes).metadata();
    expect(readHeader(bytes, LIMITS)).toMatchObject({ widthPx: width, heightPx: height });
  });
});

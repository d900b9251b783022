import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { decodePicture } from '../../src/imaging/decode.js';
import { createPixelKernels } from '../../src/imaging/pixel-kernels.js';
import { decodePng } from '../../src/imaging/png.js';
import { seededRandom } from '../helpers/seeded-random.js';

const kernels = createPixelKernels();
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const GREY = 0;
const RGB = 2;
const PALETTE = 3;
const GREY_ALPHA = 4;
const RGBA = 6;
const CHANNELS: Readonly<Record<number, number>> = { [GREY]: 1, [RGB]: 3, [PALETTE]: 1, [GREY_ALPHA]: 2, [RGBA]: 4 };

function chunk(type: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(content.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

interface Made {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly colourType: number;
  /** Of each row; by turns. */
  readonly filters: readonly number[];
  readonly depth?: number;
  readonly interlace?: number;
  readonly extra?: readonly Buffer[];
  readonly parts?: number;
  readonly alpha?: number;
  readonly colours?: number;
}

/** A PNG of random bytes, whose rows say that they are filtered so: what they come to, any decoder knows alike. */
function makePng({
  widthPx,
  heightPx,
  colourType,
  filters,
  depth = 8,
  interlace = 0,
  extra = [],
  ...rest
}: Made): Buffer {
  const { parts = 1, alpha, colours = 256 } = rest;
  const random = seededRandom(widthPx * 1000 + heightPx);
  const channels = CHANNELS[colourType] ?? 0;
  const rows = Array.from({ length: heightPx }, (_, y) => {
    const filter = filters[y % filters.length] ?? 0;
    const row = Array.from({ length: widthPx * channels }, (__, x) => {
      if (colourType === PALETTE) return filter === 0 ? Math.floor(random() * colours) : 0;
      const isAlpha = channels === 4 && x % 4 === 3;
      // The same alpha in each pixel: what a filter predicts from the pixel to the left, or above, is right at once.
      if (isAlpha && alpha !== undefined) return filter === 0 || (filter === 1 && x === 3) ? alpha : 0;
      return Math.floor(random() * 256);
    });
    return Buffer.from([filter, ...row]);
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header.set([depth, colourType, 0, 0, interlace], 8);
  const data = deflateSync(Buffer.concat(rows));
  const size = Math.ceil(data.length / parts);
  const pieces = Array.from({ length: parts }, (_, i) => chunk('IDAT', data.subarray(i * size, (i + 1) * size)));
  const palette =
    colourType === PALETTE ? [chunk('PLTE', Buffer.from(Array.from({ length: 768 }, () => random() * 256)))] : [];
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    ...palette,
    ...extra,
    ...pieces,
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function decode(bytes: Uint8Array) {
  kernels.reset();
  const picture = decodePng(kernels, bytes);
  if (picture === undefined) return undefined;
  const { widthPx, heightPx, address } = picture;
  return {
    widthPx,
    heightPx,
    data: Buffer.from(kernels.memory.buffer.slice(address, address + widthPx * heightPx * 3)),
  };
}

async function byLibvips(bytes: Uint8Array) {
  const { width, height } = await sharp(bytes).metadata();
  const { widthPx, heightPx, data } = await decodePicture(bytes, new Uint8Array(width * height * 3));
  return { widthPx, heightPx, data: Buffer.from(data) };
}

const SIZES = [
  [1, 1],
  [7, 9],
  [33, 17],
  [64, 5],
] as const;

describe('decodePng()', () => {
  it.each([
    ['grey', GREY],
    ['RGB', RGB],
  ])('gives the pixels of libvips for %s, with each filter', async (_, colourType) => {
    for (const [widthPx, heightPx] of SIZES) {
      for (const filters of [[0], [1], [2], [3], [4], [4, 3, 2, 1, 0, 1, 2, 3, 4]]) {
        const bytes = makePng({ widthPx, heightPx, colourType, filters });
        expect(decode(bytes)).toEqual(await byLibvips(bytes));
      }
    }
  });

  it('gives the pixels of libvips for a palette', async () => {
    const bytes = makePng({ widthPx: 33, heightPx: 17, colourType: PALETTE, filters: [0, 1] });
    expect(decode(bytes)).toEqual(await byLibvips(bytes));
  });

  it('gives the pixels of libvips for RGBA that is opaque', async () => {
    const bytes = makePng({ widthPx: 33, heightPx: 17, colourType: RGBA, filters: [0, 1, 2], alpha: 255 });
    expect(decode(bytes)).toEqual(await byLibvips(bytes));
  });

  it('joins the parts of the data, and passes over chunks that do not change the pixels', async () => {
    const extra = [chunk('tEXt', Buffer.from('Comment\0hello')), chunk('gAMA', Buffer.from([0, 0, 0xb1, 0x8f]))];
    const bytes = makePng({ widthPx: 40, heightPx: 30, colourType: RGB, filters: [4, 2], parts: 3, extra });
    expect(decode(bytes)).toEqual(await byLibvips(bytes));
  });

  const plain = { widthPx: 9, heightPx: 9, colourType: RGB, filters: [0] };
  it.each([
    ['RGBA that is not opaque', makePng({ ...plain, colourType: RGBA, alpha: 254 })],
    ['grey with alpha', makePng({ ...plain, colourType: GREY_ALPHA })],
    ['16 bits', makePng({ ...plain, depth: 16 })],
    ['an interlaced picture', makePng({ ...plain, interlace: 1 })],
    ['transparent colours', makePng({ ...plain, extra: [chunk('tRNS', Buffer.alloc(6))] })],
    ['an orientation', makePng({ ...plain, extra: [chunk('eXIf', Buffer.alloc(8))] })],
    ['a filter that there is not', makePng({ ...plain, filters: [5] })],
    ['a palette that is missing', makePng({ ...plain, colourType: PALETTE }).fill(0x41, 37, 41)],
    ['a truncated picture', makePng(plain).subarray(0, -20)],
    ['a picture without its end', makePng(plain).subarray(0, -12)],
    ['no more than the signature', SIGNATURE],
  ])('leaves to libvips %s', (_, bytes) => {
    expect(decode(bytes)).toBeUndefined();
  });

  it('leaves to libvips numbers beyond the palette', () => {
    const whole = makePng({ ...plain, colourType: PALETTE });
    const short = chunk('PLTE', Buffer.alloc(30));
    const from = whole.indexOf('PLTE') - 4;
    expect(decode(Buffer.concat([whole.subarray(0, from), short, whole.subarray(from + 780)]))).toBeUndefined();
  });

  it('never makes more than the header says', () => {
    const bytes = makePng({ ...plain, heightPx: 900 });
    const header = Buffer.from(bytes.subarray(16, 29));
    header.writeUInt32BE(9, 4);
    const bomb = Buffer.concat([bytes.subarray(0, 8), chunk('IHDR', header), bytes.subarray(33)]);
    expect(decode(bomb)).toBeUndefined();
    header.writeUInt32BE(60_000, 0);
    header.writeUInt32BE(60_000, 4);
    const huge = Buffer.concat([bytes.subarray(0, 8), chunk('IHDR', header), bytes.subarray(33)]);
    expect(decode(huge)).toBeUndefined();
  });

  it('gives libvips’s pixels or none for what was changed at random', async () => {
    const random = seededRandom(7);
    const bytes = makePng({ widthPx: 20, heightPx: 20, colourType: RGB, filters: [4, 3, 1] });
    let decoded = 0;
    for (let run = 0; run < 1500; run++) {
      const changed = Buffer.from(bytes);
      for (let change = 0; change <= random() * 3; change++)
        changed[Math.floor(random() * changed.length)] = random() * 256;
      const own = decode(changed);
      if (own === undefined) continue;
      decoded++;
      expect(own).toEqual(await byLibvips(changed));
    }
    expect(decoded).toBeGreaterThan(0);
  });
});

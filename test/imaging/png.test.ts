import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants, deflateSync } from 'node:zlib';
import { decodePicture } from '../../src/imaging/decode.js';
import { readHeader } from '../../src/imaging/header.js';
import { createPixelKernels, MAX_SCRATCH_BYTES } from '../../src/imaging/pixel-kernels.js';
import { decodePng } from '../../src/imaging/png.js';
import {
  makePng,
  PNG_SIGNATURE,
  pngChunk,
  pngHeader,
  type PngParts,
  pngRowBytes,
  withRightChecksums,
} from '../helpers/make-png.js';
import { onePlainPng } from '../helpers/make-pictures.js';
import { seededRandom } from '../helpers/seeded-random.js';

const kernels = createPixelKernels();

const GREY = 0;
const RGB = 2;
const PALETTE = 3;
const GREY_ALPHA = 4;
const RGBA = 6;

const ROOT = new URL('../../', import.meta.url);
const TRACKED = execFileSync('git', ['ls-files', '*.png'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');

/** Neighbours of what the kernels take at once: 16 bytes, and 8, 5 and 4 pixels. */
const WIDTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33];

function decode(bytes: Uint8Array) {
  kernels.reset();
  const picture = decodePng(kernels, bytes);
  if (picture === undefined) return undefined;
  const { widthPx, heightPx, address } = picture;
  const data = Buffer.from(kernels.memory.buffer.slice(address, address + widthPx * heightPx * 3));
  return { widthPx, heightPx, data };
}

type Decoded = ReturnType<typeof decode>;

/** Whether libvips makes the same of the bytes; the first byte that it does not, and none of the others. */
async function expectByLibvips(bytes: Uint8Array, own: Decoded = decode(bytes)): Promise<void> {
  const { pixels } = readHeader(bytes, { maxPixels: 10_000_000 });
  const expected = await decodePicture(bytes, new Uint8Array(pixels * 3));
  expect([own?.widthPx, own?.heightPx]).toEqual([expected.widthPx, expected.heightPx]);
  expect(own?.data.findIndex((value, i) => value !== expected.data[i])).toBe(-1);
}

/** Steep and level places by turns, so that each predictor is the nearest somewhere. */
function samplesOf(parts: Omit<PngParts, 'samples'>, random = seededRandom(parts.widthPx)): Buffer {
  let value = 0;
  const step = () => (random() < 0.1 ? random() * 256 : random() * 9 - 4);
  return Buffer.from(Array.from({ length: pngRowBytes(parts) * parts.heightPx }, () => (value += step())));
}

function randomBytes(byteLength: number, random = seededRandom(byteLength)): Buffer {
  return Buffer.from(Array.from({ length: byteLength }, () => random() * 256));
}

function make(parts: Omit<PngParts, 'samples'> & { samples?: Uint8Array }): Buffer {
  return makePng({ samples: samplesOf(parts), ...parts });
}

const plte = (colours: number) => pngChunk('PLTE', randomBytes(3 * colours));
const trns = (...content: number[]) => pngChunk('tRNS', Buffer.from(content));

describe('decodePng() of each kind', () => {
  it.each(TRACKED)('gives the pixels of libvips for %s', async (file) => {
    const bytes = readFileSync(new URL(file, ROOT));
    await expectByLibvips(bytes);
  });

  describe.each([
    ['grey', GREY],
    ['RGB', RGB],
    ['grey with alpha', GREY_ALPHA],
    ['RGBA', RGBA],
  ])('%s', (_, colourType) => {
    it.each([[[0]], [[1]], [[2]], [[3]], [[4]], [[4, 3, 2, 1, 0, 1, 2, 3, 4]]])(
      'gives the pixels of libvips with filters %j',
      async (filters) => {
        for (const widthPx of WIDTHS) {
          const bytes = make({ widthPx, heightPx: 20, colourType, filters });
          await expectByLibvips(bytes);
        }
      },
    );
  });

  it.each([GREY_ALPHA, RGBA])('lays each value of each alpha on white for colour type %d', async (colourType) => {
    const channels = colourType === RGBA ? 4 : 2;
    const samples = Buffer.alloc(65_536 * channels);
    for (let i = 0; i < 65_536; i++) {
      const value = i & 255;
      samples.set([value, (value + 85) & 255, 255 - value].slice(0, channels - 1), i * channels);
      samples[i * channels + channels - 1] = i >> 8;
    }
    const bytes = make({ widthPx: 256, heightPx: 256, colourType, samples });
    await expectByLibvips(bytes);
  });

  it.each([1, 2, 4, 8])('gives the pixels of libvips for a palette of %d bits', async (depth) => {
    for (const widthPx of WIDTHS) {
      for (const transparency of [[], [trns(0, 128)]]) {
        const before = [plte(1 << depth), ...transparency];
        const bytes = make({ widthPx, heightPx: 9, colourType: PALETTE, depth, filters: [0, 1, 2, 4], before });
        await expectByLibvips(bytes);
      }
    }
  });

  it.each([1, 2, 4])('gives the pixels of libvips for grey of %d bits', async (depth) => {
    for (const widthPx of WIDTHS) {
      for (const before of [[], [trns(0, (1 << depth) - 1)]]) {
        const bytes = make({ widthPx, heightPx: 9, colourType: GREY, depth, filters: [0, 1, 2, 3, 4], before });
        await expectByLibvips(bytes);
      }
    }
  });

  it('makes a transparent grey white', async () => {
    const bytes = make({
      widthPx: 3,
      heightPx: 1,
      colourType: GREY,
      samples: Buffer.of(6, 7, 8),
      before: [trns(0, 7)],
    });
    expect([...(decode(bytes)?.data ?? [])]).toEqual([6, 6, 6, 255, 255, 255, 8, 8, 8]);
    await expectByLibvips(bytes);
  });

  it('makes a transparent colour white', async () => {
    const samples = Buffer.of(1, 2, 3, 1, 2, 4, 1, 2, 3);
    const before = [trns(0, 1, 0, 2, 0, 3)];
    const bytes = make({ widthPx: 3, heightPx: 1, colourType: RGB, samples, before });
    expect([...(decode(bytes)?.data ?? [])]).toEqual([255, 255, 255, 1, 2, 4, 255, 255, 255]);
    await expectByLibvips(bytes);
  });
});

describe('decodePng() of each stream', () => {
  const size = { widthPx: 120, heightPx: 90, colourType: RGB, filters: [4, 3, 1, 2] };

  it.each([
    ['stored blocks', { level: 0 }],
    ['fixed codes', { strategy: constants.Z_FIXED }],
    ['literals alone', { strategy: constants.Z_HUFFMAN_ONLY }],
    ['runs', { strategy: constants.Z_RLE }],
    ['many blocks', { memLevel: 1 }],
    ['the best compression', { level: 9 }],
  ])('gives the pixels of libvips for %s', async (_, options) => {
    const bytes = make({ ...size, compress: (rows) => deflateSync(rows, options) });
    await expectByLibvips(bytes);
  });

  it.each([1, 2, 3, 4, 5, 7, 9, 12, 15, 16, 40])('repeats what lies %d pixels back', async (period) => {
    const samples = Buffer.from(Array.from({ length: 200 * 3 * 4 }, (_, i) => (Math.floor(i / 3) % period) * 17));
    const bytes = make({ widthPx: 200, heightPx: 4, colourType: RGB, samples });
    await expectByLibvips(bytes);
  });

  it('joins the parts of a stream', async () => {
    const bytes = make({ ...size, pieces: 7 });
    await expectByLibvips(bytes);
  });

  it('decodes a part of a larger buffer', async () => {
    const bytes = make(size);
    const larger = Buffer.concat([Buffer.alloc(13, 7), bytes, Buffer.alloc(5, 7)]);
    const part = new Uint8Array(larger.buffer, larger.byteOffset + 13, bytes.length);
    await expectByLibvips(bytes, decode(part));
  });

  it.each([
    ['texts', [pngChunk('tEXt', Buffer.from('Comment\0hello')), pngChunk('zTXt', Buffer.from('a\0\0damaged'))]],
    ['the scale of light', [pngChunk('gAMA', Buffer.from([0, 1, 0x86, 0xa0]))]],
    ['the kind of colours', [pngChunk('cICP', Buffer.from([9, 16, 0, 1]))]],
    ['a damaged colour profile', [pngChunk('iCCP', Buffer.alloc(5))]],
    ['the significant bits', [pngChunk('sBIT', Buffer.from([5, 5, 5]))]],
    ['a background', [pngChunk('bKGD', Buffer.alloc(6))]],
    ['a suggested palette', [plte(5)]],
    ['an animation', [pngChunk('acTL', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0])), pngChunk('fcTL', Buffer.alloc(26))]],
    ['what nobody knows', [pngChunk('abCd', Buffer.alloc(9))]],
  ])('passes over %s, as libvips does', async (_, extra) => {
    const bytes = make({ ...size, before: extra, after: extra.filter((each) => !each.includes('PLTE')) });
    const own = decode(bytes);
    expect(own?.data.equals(decode(make(size))?.data ?? Buffer.alloc(0))).toBe(true);
    await expectByLibvips(bytes, own);
  });
});

describe('decodePng() of what it leaves to libvips', () => {
  const plain = { widthPx: 9, heightPx: 9, colourType: RGB };
  const whole = make(plain);
  const iend = pngChunk('IEND', Buffer.alloc(0));
  const stream = deflateSync(Buffer.alloc(28 * 9));
  const ofChunks = (...chunks: Buffer[]) => Buffer.concat([PNG_SIGNATURE, ...chunks]);
  const ihdr = pngChunk('IHDR', pngHeader(plain));
  const idat = pngChunk('IDAT', stream);
  const text = pngChunk('tEXt', Buffer.from('a\0b'));
  const paletted = (...before: Buffer[]) => make({ ...plain, colourType: PALETTE, before });

  it('decodes what the cases below are made of', () => {
    expect(decode(whole)).toBeDefined();
    expect(decode(ofChunks(ihdr, text, idat, iend))).toBeDefined();
    expect(decode(paletted(plte(256)))).toBeDefined();
  });

  it.each([
    ['16 bits', make({ ...plain, depth: 16 })],
    ['an interlaced picture', make({ ...plain, interlace: 1 })],
    ['a depth that there is not', make({ ...plain, depth: 4 })],
    ['a colour type that there is not', make({ ...plain, colourType: 1, samples: Buffer.alloc(9) })],
    ['an orientation', make({ ...plain, before: [pngChunk('eXIf', Buffer.alloc(8))] })],
    ['a filter that there is not', make({ ...plain, filters: [5] })],
    ['no more than the signature', PNG_SIGNATURE],
    ['another signature', Buffer.concat([Buffer.from('\x89PNG\n'), whole.subarray(5)])],
    ['a header that is too short', ofChunks(pngChunk('IHDR', pngHeader(plain).subarray(1)), idat, iend)],
    ['a header that does not come first', ofChunks(text, ihdr, idat, iend)],
    ['two headers', ofChunks(ihdr, ihdr, idat, iend)],
    ['no header', ofChunks(idat, iend)],
    ['no data', ofChunks(ihdr, iend)],
    ['no end', ofChunks(ihdr, idat)],
    ['data in two places', ofChunks(ihdr, idat, text, pngChunk('IDAT', Buffer.alloc(0)), iend)],
    ['an unknown chunk that is important', ofChunks(ihdr, pngChunk('ABCD', Buffer.alloc(3)), idat, iend)],
    ['a chunk whose type is no word', ofChunks(ihdr, pngChunk('a\x01Cd', Buffer.alloc(3)), idat, iend)],
    ['a chunk of the reserved kind', ofChunks(ihdr, pngChunk('abcd', Buffer.alloc(3)), idat, iend)],
    ['a palette that is missing', paletted()],
    ['an empty palette', paletted(plte(0))],
    ['two palettes', paletted(plte(256), plte(256))],
    ['a palette behind the data', ofChunks(ihdr, idat, plte(5), iend)],
    ['a palette of thirds of colours', paletted(pngChunk('PLTE', Buffer.alloc(767)))],
    ['more colours than 256', paletted(plte(257))],
    ['very many colours', paletted(plte(500_000))],
    ['more colours than 4 bits count', make({ ...plain, colourType: PALETTE, depth: 4, before: [plte(17)] })],
    ['numbers beyond the palette', paletted(plte(3))],
    ['more alphas than colours', paletted(plte(256), trns(...randomBytes(257)))],
    ['alphas before their colours', paletted(trns(1), plte(256))],
    ['a transparent grey of one byte', make({ ...plain, colourType: GREY, before: [trns(7)] })],
    ['a transparent grey above 8 bits', make({ ...plain, colourType: GREY, before: [trns(1, 7)] })],
    ['a transparent colour of a grey', make({ ...plain, before: [trns(0, 7)] })],
    ['a transparent colour above 8 bits', make({ ...plain, before: [trns(0, 7, 1, 7, 0, 7)] })],
    ['two transparent colours', make({ ...plain, before: [trns(0, 7, 0, 7, 0, 7), trns(0, 7, 0, 7, 0, 7)] })],
    ['a transparent colour of RGBA', make({ ...plain, colourType: RGBA, before: [trns(0, 7, 0, 7, 0, 7)] })],
    ['a transparent colour behind the data', make({ ...plain, after: [trns(0, 7, 0, 7, 0, 7)] })],
  ])('is undefined for %s', (_, bytes) => {
    expect(decode(bytes)).toBeUndefined();
  });

  it('is undefined for what is truncated at any byte', () => {
    for (let length = 0; length < whole.length; length++) expect(decode(whole.subarray(0, length))).toBeUndefined();
  });

  it('is undefined for a stream that is truncated at any byte', () => {
    for (let length = 0; length < stream.length; length++) {
      expect(decode(ofChunks(ihdr, pngChunk('IDAT', stream.subarray(0, length)), iend))).toBeUndefined();
    }
  });

  it('is undefined when a bit of a chunk is wrong', () => {
    for (let at = PNG_SIGNATURE.length; at < whole.length; at++) {
      const wrong = Buffer.from(whole);
      wrong.writeUInt8(wrong.readUInt8(at) ^ 4, at);
      expect(decode(wrong)).toBeUndefined();
    }
  });

  it.each([
    ['a byte less', 28 * 9 - 1],
    ['a byte more', 28 * 9 + 1],
    ['a thousand times as much', 28 * 9 * 1000],
  ])('is undefined for %s than the header says', (_, byteLength) => {
    const idatOf = pngChunk('IDAT', deflateSync(Buffer.alloc(byteLength)));
    expect(decode(ofChunks(ihdr, idatOf, iend))).toBeUndefined();
  });

  it('asks for no memory where the header says more than there is room for', () => {
    const own = createPixelKernels();
    const before = own.memory.buffer.byteLength;
    const header = pngChunk('IHDR', pngHeader({ ...plain, widthPx: 65_535, heightPx: 65_535 }));
    expect(decodePng(own, ofChunks(header, idat, iend))).toBeUndefined();
    expect(own.memory.buffer.byteLength).toBe(before);
  });

  it('decodes as large a picture as the memory holds, and none that is larger', () => {
    // A byte of each row's filter, one of grey and three of RGB; the compressed stream is what is between both.
    const fits = Math.floor(MAX_SCRATCH_BYTES / 4001) - 40;
    expect(decode(onePlainPng(1000, fits))).toMatchObject({ widthPx: 1000, heightPx: fits });
    expect(decode(onePlainPng(1000, fits + 40))).toBeUndefined();
  });
});

describe('decodePng() of what was changed at random', () => {
  const SOURCES = [
    make({ widthPx: 20, heightPx: 20, colourType: RGB, filters: [4, 3, 1] }),
    make({ widthPx: 21, heightPx: 9, colourType: RGBA, filters: [2, 4], pieces: 3 }),
    make({ widthPx: 13, heightPx: 9, colourType: PALETTE, depth: 4, before: [plte(16), trns(9, 99)] }),
    make({ widthPx: 13, heightPx: 9, colourType: GREY, depth: 2, before: [trns(0, 1)] }),
    make({ widthPx: 13, heightPx: 9, colourType: GREY_ALPHA, compress: (rows) => deflateSync(rows, { level: 0 }) }),
  ];

  it.each([
    ['as it is', (bytes: Buffer) => bytes],
    ['with right checksums', withRightChecksums],
  ])('gives the pixels of libvips or none, %s', async (_, mend) => {
    const random = seededRandom(11);
    let decoded = 0;
    for (let run = 0; run < 5000; run++) {
      const changed = Buffer.from(SOURCES[run % SOURCES.length] ?? '');
      const changes = 1 + Math.floor(random() * 3);
      for (let i = 0; i < changes; i++) changed[Math.floor(random() * changed.length)] = random() * 256;
      const bytes = mend(changed);
      const own = decode(bytes);
      if (own === undefined) continue;
      decoded++;
      await expectByLibvips(bytes, own);
    }
    expect(decoded).toBeGreaterThan(0);
  });
});

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { createFullJpegDecoder, ROWS_OVERRUN_BYTES } from '../../src/imaging/full-jpeg.js';
import { createPixelKernels, MAX_SCRATCH_BYTES } from '../../src/imaging/pixel-kernels.js';
import { makeJpeg, type Sampling } from '../helpers/make-jpegs.js';
import { quarters } from '../helpers/make-pictures.js';
import { seededRandom } from '../helpers/seeded-random.js';

const kernels = createPixelKernels();
const decoder = createFullJpegDecoder(kernels);

/** libjpeg-turbo overflows differently on other processors, for which it has other code. */
const itOnX64 = process.arch === 'x64' ? it : it.skip;

const SAMPLES = new URL('../../samples/faces/', import.meta.url);
/** All but the one of four inks, which is left to libvips. */
const SAMPLE_NAMES = readdirSync(SAMPLES).filter((name) => name.endsWith('.jpg') && name !== 'cmyk.jpg');

function sample(name: string): Buffer {
  return readFileSync(new URL(name, SAMPLES));
}

/** Made by scripts/make-full-jpeg-fixtures.py. */
const PILLOW = JSON.parse(readFileSync(new URL('../fixtures/full-jpeg/pillow.json', import.meta.url), 'utf8')) as {
  cases: { name: string; jpeg: string; sha256: string }[];
};

/** The pixels that libvips gives, which decodes by mozjpeg, a descendant of libjpeg-turbo; as stored, not turned. */
async function pixelsOfLibvips(bytes: Uint8Array): Promise<Buffer> {
  return sharp(bytes, { failOn: 'error', ignoreIcc: true }).toColourspace('srgb').raw().toBuffer();
}

function pixels(bytes: Uint8Array): Buffer | undefined {
  const picture = decoder.decode(bytes);
  return picture && Buffer.from(picture.data);
}

/** Faster than a matcher, which compares element by element. */
function areEqual(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a !== undefined && b !== undefined && a.equals(b);
}

const WHOLE: Sampling = [1, 1];
const SAMPLINGS: [string, Sampling[]][] = [
  ['4:4:4', [WHOLE, WHOLE, WHOLE]],
  ['4:2:2', [[2, 1], WHOLE, WHOLE]],
  ['4:4:0', [[1, 2], WHOLE, WHOLE]],
  ['4:2:0', [[2, 2], WHOLE, WHOLE]],
  ['4:1:1', [[4, 1], WHOLE, WHOLE]],
  ['4:1:0', [[4, 2], WHOLE, WHOLE]],
  ['a quarter of the height', [[1, 4], WHOLE, WHOLE]],
  ['a third of the width', [[3, 1], WHOLE, WHOLE]],
  ['a third of the height', [[1, 3], WHOLE, WHOLE]],
  [
    'colour differences that differ',
    [
      [2, 2],
      [2, 1],
      [1, 2],
    ],
  ],
  ['luminance at half the size', [WHOLE, [2, 2], WHOLE]],
  [
    'three components of 2×1',
    [
      [2, 1],
      [2, 1],
      [2, 1],
    ],
  ],
  ['grey', [WHOLE]],
  ['grey of 2×2', [[2, 2]]],
];
const SIZES = [
  [1, 1],
  [2, 3],
  [3, 2],
  [5, 17],
  [16, 16],
  [33, 17],
  [100, 75],
] as const;

describe('createFullJpegDecoder().decode()', () => {
  it.each(SAMPLE_NAMES)('gives the pixels of libvips for %s', async (name) => {
    const bytes = sample(name);
    expect(areEqual(pixels(bytes), await pixelsOfLibvips(bytes))).toBe(true);
  });

  it.each(SAMPLINGS)('gives the pixels of libvips for %s in all sizes', async (_, samplings) => {
    for (const [widthPx, heightPx] of SIZES) {
      for (const restartInterval of [0, 1, 3]) {
        const bytes = makeJpeg({ widthPx, heightPx, samplings, restartInterval, seed: widthPx });
        expect(areEqual(pixels(bytes), await pixelsOfLibvips(bytes))).toBe(true);
      }
    }
  });

  it.each(PILLOW.cases)('gives the pixels of Pillow for $name', ({ jpeg, sha256 }) => {
    const data = pixels(Buffer.from(jpeg, 'base64')) ?? '';
    expect(createHash('sha256').update(data).digest('hex')).toBe(sha256);
  });

  it('leaves red, green and blue as they are stored', async () => {
    const bytes = makeJpeg({ widthPx: 40, heightPx: 20, samplings: [WHOLE, WHOLE, WHOLE], isRgb: true });
    expect(areEqual(pixels(bytes), await pixelsOfLibvips(bytes))).toBe(true);
    expect(bytes.includes('R')).toBe(true);
  });

  it('takes quantisers of 16 bits', () => {
    const recipe = { widthPx: 40, heightPx: 20, samplings: [WHOLE] };
    expect(pixels(makeJpeg({ ...recipe, has16BitQuantisers: true }))).toEqual(pixels(makeJpeg(recipe)));
  });

  itOnX64.each([10, 36, 200, 5000])(
    'overflows as libjpeg-turbo does with quantisers %d times too large',
    async (coarseness) => {
      const recipe = { widthPx: 200, heightPx: 100, samplings: [WHOLE, WHOLE, WHOLE], has16BitQuantisers: true };
      const bytes = makeJpeg({ ...recipe, coarseness });
      expect(areEqual(pixels(bytes), await pixelsOfLibvips(bytes))).toBe(true);
    },
  );

  it('gives a picture as stored, with its size, place and orientation', () => {
    const picture = decoder.decode(sample('exif6.jpg'));
    expect(picture).toMatchObject({ widthPx: 400, heightPx: 400, orientation: 6 });
    expect(picture?.data.byteOffset).toBe(picture?.address);
    expect(picture?.data).toHaveLength(400 * 400 * 3);
  });

  it('decodes bytes that are a part of a larger buffer', () => {
    const bytes = sample('jpeg_q5.jpg');
    const larger = Buffer.concat([Buffer.alloc(13), bytes, Buffer.alloc(5)]);
    expect(areEqual(pixels(larger.subarray(13, 13 + bytes.length)), pixels(bytes))).toBe(true);
  });

  it('decodes the same picture to the same pixels after another, whole or damaged', () => {
    const bytes = sample('jpeg_q5.jpg');
    const first = pixels(bytes);
    decoder.decode(sample('noise.jpg'));
    decoder.decode(damagedAt(sample('noise.jpg'), 5000));
    expect(areEqual(pixels(bytes), first)).toBe(true);
  });

  it('writes nowhere behind its picture', () => {
    for (const [, samplings] of SAMPLINGS) {
      const bytes = makeJpeg({ widthPx: 33, heightPx: 17, samplings });
      const { address, data } = decoder.decode(bytes) ?? { address: NaN, data: [] };
      const guard = new Uint8Array(kernels.memory.buffer, address + data.length + ROWS_OVERRUN_BYTES).fill(0xa5);
      decoder.decode(bytes);
      expect(guard.every((value) => value === 0xa5)).toBe(true);
    }
  });

  it.each([
    ['progressive', async () => quarters().jpeg({ progressive: true }).toBuffer()],
    ['of four inks', () => sample('cmyk.jpg')],
    ['no JPEG', async () => quarters().png().toBuffer()],
    ['enlarged by a fraction', () => makeJpeg({ widthPx: 9, heightPx: 9, samplings: [[3, 1], [2, 1], WHOLE] })],
    ['of more pixels than there is memory', () => withSize(sample('grey.jpg'), 20_000, MAX_SCRATCH_BYTES / 60_000)],
    ['without a marker at its end', () => sample('jpeg_q5.jpg').subarray(0, -2)],
    ['with stray bytes before the marker at its end', () => withStrayBytes(sample('jpeg_q5.jpg'))],
    ['without its restart markers', () => withoutRestarts()],
    ['of Huffman codes of which one has ones alone', () => withCodes([0x01, 0xff])],
    ['of Huffman codes for larger numbers than 8-bit pictures have', () => withCodes([0x10, 0x0f])],
  ] as const)('leaves a picture %s to others', async (_, make) => {
    expect(decoder.decode(await make())).toBeUndefined();
  });

  it('leaves a picture to others wherever it is cut off', () => {
    const bytes = makeJpeg({ widthPx: 30, heightPx: 20, samplings: [[2, 1], WHOLE, WHOLE], restartInterval: 2 });
    for (let length = 0; length < bytes.length; length++) {
      expect(decoder.decode(bytes.subarray(0, length))).toBeUndefined();
    }
  });

  itOnX64('gives the pixels of libvips or nothing for bytes changed at random', async () => {
    const random = seededRandom(20_260);
    const pictures = [sample('cropped_tight.jpg'), sample('jpeg_q5.jpg'), ...madePictures()];
    let decoded = 0;
    for (let round = 0; round < 600; round++) {
      const bytes = Buffer.from(pictures[round % pictures.length] ?? []);
      for (let changes = random() * 3; changes > 0; changes--) {
        bytes[2 + Math.floor(random() * (bytes.length - 2))] = Math.floor(random() * 256);
      }
      const result = pixels(bytes);
      if (result === undefined) continue;
      decoded++;
      expect(areEqual(result, await pixelsOfLibvips(bytes))).toBe(true);
    }
    expect(decoded).toBeGreaterThan(20);
  });
});

describe('createFullJpegDecoder().open()', () => {
  it.each(SAMPLINGS)('gives the rows of %s a band at a time', (_, samplings) => {
    const bytes = makeJpeg({ widthPx: 33, heightPx: 75, samplings });
    const whole = pixels(bytes);
    kernels.reset();
    const rows = decoder.open(bytes);
    const stride = 128;
    const address = kernels.scratch((rows?.maxRows ?? NaN) * stride + ROWS_OVERRUN_BYTES);
    const found: Buffer[] = [];
    for (let count = rows?.next({ address, stride }) ?? 0; count > 0; count = rows?.next({ address, stride }) ?? 0) {
      expect(count).toBeLessThanOrEqual(rows?.maxRows ?? NaN);
      for (let y = 0; y < count; y++) {
        found.push(Buffer.from(new Uint8Array(kernels.memory.buffer, address + y * stride, 33 * 3)));
      }
    }
    expect(found).toHaveLength(75);
    expect(Buffer.concat(found)).toEqual(whole);
    expect(rows?.next({ address, stride })).toBe(0);
  });

  it.each([...SAMPLINGS, ['grey', [[1, 1]]] as const])('gives the rows of %s with colours apart', (_, samplings) => {
    const bytes = makeJpeg({ widthPx: 33, heightPx: 75, samplings });
    const whole = pixels(bytes);
    kernels.reset();
    const rows = decoder.open(bytes);
    const layout = { stride: 3 * 48, planeBytes: 48 };
    const address = kernels.scratch((rows?.maxRows ?? NaN) * layout.stride + ROWS_OVERRUN_BYTES);
    const { buffer } = kernels.memory;
    const found: number[] = [];
    for (let count = 1; count > 0;) {
      count = rows?.next({ address, ...layout }) ?? 0;
      for (let y = 0; y < count; y++) {
        const row = new Uint8Array(buffer, address + y * layout.stride, layout.stride);
        for (let x = 0; x < 33; x++) found.push(row[x] ?? NaN, row[48 + x] ?? NaN, row[96 + x] ?? NaN);
      }
    }
    expect(Buffer.from(found)).toEqual(whole);
  });

  it('tells that a picture is damaged when it comes there, and gives no more rows', () => {
    kernels.reset();
    const bytes = sample('noise.jpg');
    const rows = decoder.open(bytes.subarray(0, bytes.length / 2));
    const address = kernels.scratch((rows?.maxRows ?? NaN) * 1200 + ROWS_OVERRUN_BYTES);
    const counts: (number | undefined)[] = [];
    while (counts.at(-1) !== 0) counts.push(rows?.next({ address, stride: 1200 }));
    expect(counts.slice(0, 2)).toEqual([8, 8]);
    expect(counts.slice(-2)).toEqual([undefined, 0]);
    expect(counts.length).toBeLessThan(400 / 8);
  });
});

function madePictures(): Buffer[] {
  return SAMPLINGS.map(([, samplings], seed) =>
    makeJpeg({ widthPx: 33, heightPx: 17, samplings, seed, restartInterval: seed % 3 }),
  );
}

function damagedAt(bytes: Buffer, at: number): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xd9])]);
}

function withSize(bytes: Buffer, widthPx: number, heightPx: number): Buffer {
  const changed = Buffer.from(bytes);
  const at = changed.indexOf(Buffer.from([0xff, 0xc0]));
  changed.writeUInt16BE(heightPx, at + 5);
  changed.writeUInt16BE(widthPx, at + 7);
  return changed;
}

function withStrayBytes(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, -2), Buffer.from([1, 2, 3]), bytes.subarray(-2)]);
}

function withoutRestarts(): Buffer {
  const bytes = makeJpeg({ widthPx: 30, heightPx: 20, samplings: [WHOLE], restartInterval: 2 });
  const at = bytes.indexOf(Buffer.from([0xff, 0xd0]));
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 2)]);
}

/** The first table of Huffman codes made another one, of two codes of one bit, or of one whose symbol is 0x0f. */
function withCodes([kind, symbol]: readonly [number, number]): Buffer {
  const bytes = makeJpeg({ widthPx: 8, heightPx: 8, samplings: [WHOLE] });
  const at = bytes.indexOf(Buffer.from([0xff, 0xda]));
  const counts = [kind === 0x01 ? 2 : 1, ...Array<number>(15).fill(0)];
  const symbols = kind === 0x01 ? [0, 1] : [symbol];
  const length = 19 + symbols.length;
  const table = Buffer.from([0xff, 0xc4, 0, length, kind & 0x10, ...counts, ...symbols]);
  return Buffer.concat([bytes.subarray(0, at), table, bytes.subarray(at)]);
}

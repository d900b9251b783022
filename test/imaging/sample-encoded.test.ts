import sharp, { type Sharp } from 'sharp';
import { decodePicture } from '../../src/imaging/decode.js';
import { resizeAntialiasedBatch } from '../../src/imaging/resize-antialiased.js';
import {
  decodeEncoded,
  decodeEncodedJob,
  type Resize,
  sampleEncoded,
  sampleEncodedJob,
} from '../../src/imaging/sample-encoded.js';
import type { SampleSpec } from '../../src/imaging/sample-spec.js';
import { patternPicture } from '../helpers/imaging-fixtures.js';

function rawSpec(widthPx: number, heightPx: number): SampleSpec {
  return { widthPx, heightPx, channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] };
}

/** A JPEG of a pattern. */
function jpeg(widthPx: number, heightPx: number, change = (image: Sharp) => image.jpeg({ quality: 90 })) {
  const { data } = patternPicture(widthPx, heightPx);
  return change(sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } })).toBuffer();
}

const sample = (bytes: Uint8Array, spec: SampleSpec, resize: Resize = 'exact') =>
  sampleEncoded({ bytes, isBase64: false, spec, resize });

/** What libvips and the resize of whole pictures make of it. */
async function reference(bytes: Uint8Array, spec: SampleSpec): Promise<Float32Array> {
  const { width, height } = await sharp(bytes).metadata();
  const picture = await decodePicture(bytes, new Uint8Array(3 * width * height));
  return resizeAntialiasedBatch({ pictures: [picture], spec });
}

function meanDifference(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, i) => sum + Math.abs(value - (right[i] ?? NaN)), 0) / left.length;
}

describe('sampleEncoded()', () => {
  it.each([
    ['smaller', 640, 480],
    ['much wider than high', 700, 40],
    ['much higher than wide', 40, 700],
    ['of the model’s width', 32, 100],
    ['of the model’s size', 32, 32],
    ['larger', 9, 7],
  ])('gives the values of decoding and stretching one after the other: %s', async (_, widthPx, heightPx) => {
    const bytes = await jpeg(widthPx, heightPx);
    expect(sample(bytes, rawSpec(32, 32))).toEqual(await reference(bytes, rawSpec(32, 32)));
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns a picture of orientation %i upright', async (orientation) => {
    for (const [widthPx, heightPx] of [
      [100, 80],
      [33, 200],
    ] as const) {
      const bytes = await jpeg(widthPx, heightPx, (image) => image.withMetadata({ orientation }).jpeg({ quality: 90 }));
      const spec = rawSpec(32, 24);
      expect(sample(bytes, spec)).toEqual(await reference(bytes, spec));
      expect(
        meanDifference(sample(bytes, spec, 'fast') ?? new Float32Array(1), await reference(bytes, spec)),
      ).toBeLessThan(6);
    }
  });

  it('decodes at a reduced size when asked to, never below twice the size', async () => {
    const bytes = await jpeg(640, 480, (image) => image.blur(4).jpeg({ quality: 90 }));
    const spec = rawSpec(32, 32);
    const fast = sample(bytes, spec, 'fast') ?? new Float32Array();
    expect(fast).not.toEqual(sample(bytes, spec));
    expect(meanDifference(fast, await reference(bytes, spec))).toBeLessThan(2);
    const small = await jpeg(127, 127);
    expect(sample(small, spec, 'fast')).toEqual(sample(small, spec));
  });

  it('decodes base64 first', async () => {
    const bytes = await jpeg(100, 80);
    const text = Buffer.from(bytes.toString('base64'));
    const sampled = sampleEncoded({ bytes: text, isBase64: true, spec: rawSpec(32, 32), resize: 'exact' });
    expect(sampled).toEqual(sample(bytes, rawSpec(32, 32)));
  });

  it('scales the values as the model expects, of colour and of grey', async () => {
    const bytes = await jpeg(50, 40);
    const plain = sample(bytes, rawSpec(8, 8)) ?? new Float32Array();
    const scaled = sample(bytes, { ...rawSpec(8, 8), mean: [10, 20, 30], std: [2, 4, 8] });
    expect(scaled?.[0]).toBeCloseTo(((plain[0] ?? NaN) - 10) / 2, 5);
    expect(scaled?.[64]).toBeCloseTo(((plain[64] ?? NaN) - 20) / 4, 5);
    const grey = sample(bytes, { ...rawSpec(8, 8), channels: 'grey', mean: [0], std: [1] });
    const [r = NaN, g = NaN, b = NaN] = [plain[0], plain[64], plain[128]];
    expect(grey?.[0]).toBeCloseTo(0.299 * r + 0.587 * g + 0.114 * b, 3);
  });

  it.each([
    ['a progressive JPEG', () => jpeg(64, 64, (image) => image.jpeg({ progressive: true }))],
    ['a truncated JPEG', async () => (await jpeg(64, 64)).subarray(0, 700)],
    ['a WebP picture', () => jpeg(64, 64, (image) => image.webp())],
    ['no picture', () => Promise.resolve(Buffer.from('no picture at all'))],
  ])('leaves %s to libvips', async (_, make) => {
    const bytes = await make();
    for (const resize of ['exact', 'fast'] as const) expect(sample(bytes, rawSpec(16, 16), resize)).toBeUndefined();
  });

  it('leaves what is no base64 to the decoder that says why', () => {
    const bytes = Buffer.from('/9j/4AAQSkZJRg-_');
    expect(sampleEncoded({ bytes, isBase64: true, spec: rawSpec(4, 4), resize: 'exact' })).toBeUndefined();
  });

  it('is the job that a worker finds by its name', async () => {
    const module = (await import(sampleEncodedJob.module)) as Record<string, unknown>;
    expect(module[sampleEncodedJob.name]).toBe(sampleEncodedJob.run);
  });
});

describe('decodeEncoded()', () => {
  const decode = (bytes: Uint8Array, byteLength = 100 * 80 * 3 + 5) => {
    const memory = new Uint8Array(new SharedArrayBuffer(byteLength)).fill(9);
    return { size: decodeEncoded({ bytes, memory }), memory: Buffer.from(memory) };
  };

  it.each([
    ['a JPEG', () => jpeg(100, 80)],
    ['a JPEG that lies on its side', () => jpeg(100, 80, (image) => image.withMetadata({ orientation: 6 }).jpeg())],
    ['a PNG', () => jpeg(100, 80, (image) => image.png())],
  ])('gives the very pixels of libvips for %s, and writes no more', async (_, make) => {
    const bytes = await make();
    const expected = await decodePicture(bytes, new Uint8Array(100 * 80 * 3));
    const { size, memory } = decode(bytes);
    expect(size).toEqual({ widthPx: expected.widthPx, heightPx: expected.heightPx });
    expect(memory.subarray(0, -5).equals(expected.data)).toBe(true);
    expect([...memory.subarray(-5)]).toEqual([9, 9, 9, 9, 9]);
  });

  it('leaves to libvips what the kernels do not decode', async () => {
    expect(decode(await jpeg(100, 80, (image) => image.jpeg({ progressive: true }))).size).toBeUndefined();
    expect(decode(Buffer.from('no picture')).size).toBeUndefined();
  });

  it('is the job that a worker finds by its name', async () => {
    const module = (await import(decodeEncodedJob.module)) as Record<string, unknown>;
    expect(module[decodeEncodedJob.name]).toBe(decodeEncodedJob.run);
  });
});

import sharp, { type Sharp } from 'sharp';
import { createSharedArena } from '../../src/concurrency/shared-arena.js';
import type { WorkerPool } from '../../src/concurrency/worker-pool.js';
import { readHeader } from '../../src/imaging/header.js';
import { sampleEncoded } from '../../src/imaging/sample-encoded.js';
import type { SampleSpec } from '../../src/imaging/sample-spec.js';
import { LongText } from '../../src/long-text.js';
import { createPictureSampler, joinSamples } from '../../src/transformers/picture-sampler.js';
import { patternPicture } from '../helpers/imaging-fixtures.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';

const SPEC: SampleSpec = { widthPx: 8, heightPx: 8, channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] };
const { signal } = new AbortController();

/** A sampler, and the names of the jobs that its worker threads are given. */
function setUp() {
  const jobs: string[] = [];
  const workers: Pick<WorkerPool, 'run'> = {
    run: (job, input) => {
      jobs.push(job.name);
      return Promise.resolve(job.run(input));
    },
  };
  const arena = () => createSharedArena({ byteLength: 3_000_000 });
  const sampler = createPictureSampler({ workers, pixels: arena(), encoded: arena() });
  const sample = (encoded: Uint8Array | LongText, header = encoded, resize: 'exact' | 'fast' = 'exact') => {
    const bytes = header instanceof LongText ? Buffer.from(header.toString(), 'base64') : header;
    const source = { encoded, header: readHeader(bytes, { maxPixels: Infinity }) };
    return sampler.sample(source, { spec: SPEC, resize }, { signal });
  };
  return { sampler, sample, jobs };
}

function picture(widthPx: number, heightPx: number, encode: (image: Sharp) => Sharp): Promise<Buffer> {
  const { data } = patternPicture(widthPx, heightPx);
  return encode(sharp(data, { raw: { width: widthPx, height: heightPx, channels: 3 } })).toBuffer();
}

const asJpeg = (image: Sharp) => image.jpeg();
const textOf = (bytes: Uint8Array) => new LongText(Buffer.from(Buffer.from(bytes).toString('base64')));

describe('createPictureSampler()', () => {
  it('samples a small picture at once, a larger one on a worker thread, with the same values', async () => {
    const { sample, jobs } = setUp();
    for (const [side, expected] of [
      [32, []],
      [400, ['sampleEncoded']],
    ] as const) {
      const bytes = await picture(side, side, asJpeg);
      expect(await sample(bytes)).toEqual(sampleEncoded({ bytes, isBase64: false, spec: SPEC, resize: 'exact' }));
      expect(jobs).toEqual(expected);
    }
  });

  it('decodes base64 where it decodes the picture', async () => {
    const { sample, jobs } = setUp();
    const bytes = await picture(400, 300, asJpeg);
    expect(await sample(textOf(bytes))).toEqual(await sample(bytes));
    expect(jobs).toEqual(['sampleEncoded', 'sampleEncoded']);
  });

  it.each([
    ['a progressive JPEG', (image: Sharp) => image.jpeg({ progressive: true })],
    ['a WebP picture', (image: Sharp) => image.webp({ lossless: true })],
    ['a GIF', (image: Sharp) => image.gif()],
  ])('has libvips decode %s, in base64 too, in full or reduced', async (_, encode) => {
    const { sample } = setUp();
    const bytes = await picture(200, 150, encode);
    const exact = await sample(bytes);
    expect(exact).toHaveLength(192);
    expect(await sample(textOf(bytes))).toEqual(exact);
    const fast = await sample(bytes, bytes, 'fast');
    const difference = fast.reduce((sum, value, i) => sum + Math.abs(value - (exact[i] ?? NaN)), 0) / fast.length;
    expect(difference).toBeLessThan(12);
  });

  it('says what is wrong with a text that is no base64 to its end', async () => {
    const { sample } = setUp();
    const bytes = await picture(200, 150, asJpeg);
    const good = textOf(bytes);
    const bad = new LongText(
      Buffer.concat([good.bytes.subarray(0, 4000), Buffer.from('!'), good.bytes.subarray(4001)]),
    );
    const error = await serviceErrorOf(sample(bad, good));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain('the character "!" at position 4000 is no base64');
  });

  it('says that a picture is truncated', async () => {
    const { sample } = setUp();
    const bytes = await picture(200, 150, asJpeg);
    for (const encoded of [bytes.subarray(0, 3000), textOf(bytes.subarray(0, 3000))]) {
      const error = await serviceErrorOf(sample(encoded, bytes));
      expect(error).toMatchObject({ code: 'unprocessable', message: 'truncated or damaged JPEG picture' });
    }
  });

  it('decodes in full into the memory that it is given', async () => {
    const { sampler, jobs } = setUp();
    for (const encode of [asJpeg, (image: Sharp) => image.webp({ lossless: true })]) {
      const bytes = await picture(40, 30, encode);
      const memory = new Uint8Array(40 * 30 * 3);
      const decoded = await sampler.decode(bytes, memory, { signal });
      expect(decoded).toMatchObject({ widthPx: 40, heightPx: 30 });
      expect(decoded.data.buffer).toBe(memory.buffer);
      const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      expect(Buffer.from(decoded.data).equals(data)).toBe(true);
    }
    expect(jobs).toEqual(['decodeEncoded']);
  });
});

describe('joinSamples()', () => {
  it('puts samples one behind the other, and gives a single one as it is', () => {
    const one = Float32Array.of(1, 2);
    expect(joinSamples([one])).toBe(one);
    expect(joinSamples([one, Float32Array.of(3, 4)])).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(joinSamples([])).toHaveLength(0);
  });
});

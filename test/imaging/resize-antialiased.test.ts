import type { Picture } from '../../src/imaging/picture.js';
import { resizeAntialiasedBatch, resizeAntialiasedBatchJob } from '../../src/imaging/resize-antialiased.js';
import type { SampleSpec } from '../../src/imaging/sample-spec.js';
import {
  expectedBytes,
  fixturePicture,
  imagingFixtures,
  patternPicture,
  toPlanes,
} from '../helpers/imaging-fixtures.js';

function rawSpec(widthPx: number, heightPx: number): SampleSpec {
  return { widthPx, heightPx, channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] };
}

function resized(picture: Picture, widthPx: number, heightPx: number): Float32Array {
  return resizeAntialiasedBatch({ pictures: [picture], spec: rawSpec(widthPx, heightPx) });
}

function plainPicture(widthPx: number, heightPx: number, value: number): Picture {
  return { widthPx, heightPx, data: new Uint8Array(widthPx * heightPx * 3).fill(value) };
}

describe('resizeAntialiasedBatch()', () => {
  it.each(imagingFixtures.antialiased)(
    'gives the values of Pillow’s BILINEAR for $picture at $width x $height',
    async ({ picture, width, height, expected }) => {
      const actual = resized(await fixturePicture(picture), width, height);
      expect(actual).toEqual(Float32Array.from(toPlanes(expectedBytes(expected))));
    },
  );

  it.each(imagingFixtures.antialiasedPatterns)(
    'gives the values of Pillow’s BILINEAR for $sourceWidth x $sourceHeight at $width x $height',
    ({ sourceWidth, sourceHeight, width, height, expected }) => {
      const actual = resized(patternPicture(sourceWidth, sourceHeight), width, height);
      expect(actual).toEqual(Float32Array.from(toPlanes(expectedBytes(expected))));
    },
  );

  it.each([0, 1, 254, 255])('keeps a plain picture of %i, even where the rounding of weights adds up most', (value) => {
    expect(resized(plainPicture(6144, 1, value), 3, 1)).toEqual(new Float32Array(9).fill(value));
    expect(resized(plainPicture(1, 6144, value), 1, 3)).toEqual(new Float32Array(9).fill(value));
  });

  it('stacks pictures of different sizes, scaled by mean and deviation', async () => {
    const pictures = [await fixturePicture('face'), await fixturePicture('odd')];
    const spec: SampleSpec = { ...rawSpec(9, 7), mean: [127.5, 100, 0], std: [127.5, 2, 255] };
    const plain = pictures.flatMap((picture) => [...resized(picture, 9, 7)]);
    const expected = plain.map((value, i) => {
      const channel = Math.floor(i / 63) % 3;
      return (value - (spec.mean[channel] ?? NaN)) / (spec.std[channel] ?? NaN);
    });
    const batch = resizeAntialiasedBatch({ pictures, spec });
    expect(batch).toHaveLength(expected.length);
    batch.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
  });

  it('gives one plane of luma for grey', async () => {
    const picture = await fixturePicture('noise');
    const grey = resizeAntialiasedBatch({
      pictures: [picture],
      spec: { ...rawSpec(8, 5), channels: 'grey', mean: [0], std: [1] },
    });
    const rgb = resized(picture, 8, 5);
    expect(grey).toHaveLength(40);
    grey.forEach((value, i) => {
      const [r = NaN, g = NaN, b = NaN] = [rgb[i], rgb[40 + i], rgb[80 + i]];
      expect(value).toBeCloseTo(0.299 * r + 0.587 * g + 0.114 * b, 4);
    });
  });

  it('reads a picture that lies amid others in shared memory, and leaves all of it as it is', () => {
    const { widthPx, heightPx, data } = patternPicture(50, 41);
    const memory = new Uint8Array(new SharedArrayBuffer(data.length + 7)).fill(99);
    memory.set(data, 3);
    const before = Uint8Array.from(memory);
    const within = { widthPx, heightPx, data: memory.subarray(3, 3 + data.length) };
    expect(resized(within, 32, 32)).toEqual(resized({ widthPx, heightPx, data }, 32, 32));
    expect(Uint8Array.from(memory)).toEqual(before);
  });

  it('is empty for no pictures', () => {
    expect(resizeAntialiasedBatch({ pictures: [], spec: rawSpec(4, 4) })).toHaveLength(0);
  });

  it('is the job that a worker finds by its name', async () => {
    const module = (await import(resizeAntialiasedBatchJob.module)) as Record<string, unknown>;
    expect(module[resizeAntialiasedBatchJob.name]).toBe(resizeAntialiasedBatchJob.run);
  });
});

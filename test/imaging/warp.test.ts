import { readFileSync } from 'node:fs';
import { internalError } from '../../src/errors.js';
import { type Affine, cropMap } from '../../src/imaging/affine.js';
import { quadMap } from '../../src/imaging/homography.js';
import type { SampleSpec } from '../../src/imaging/sample-spec.js';
import { warpBatch, warpBatchJob, type WarpCrop, warpPixels, warpSamples } from '../../src/imaging/warp.js';
import {
  expectedFloats,
  fixturePicture,
  imagingFixtures,
  largestDifference,
  perspectiveFixtures,
} from '../helpers/imaging-fixtures.js';

const RAW = { channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] } as const;

describe('warpPixels()', () => {
  it.each(imagingFixtures.warp)('agrees with the reference: $name', async (fixture) => {
    const { picture, map, width, height, expected } = fixture;
    const actual = warpPixels(await fixturePicture(picture), map, width, height);
    expect(largestDifference(actual, expectedFloats(expected))).toBeLessThan(1e-3);
  });

  it.each([0, 1e-9])('gives the same with and without the way for upright maps (shear %d)', async (shear) => {
    const picture = await fixturePicture('noise');
    const upright = warpPixels(picture, [2.2, 0, -3, 0, 1.9, -2], 25, 22);
    const general = warpPixels(picture, [2.2, shear, -3, 0, 1.9, -2], 25, 22);
    expect(largestDifference(general, upright)).toBeLessThan(1e-3);
  });

  it.each<[string, Affine]>([
    ['very far away', [1, 0, 1e15, 0, 1, -1e15]],
    ['very far away and turned', [0, 1e9, 1e15, -1e9, 0, 1e15]],
    ['on a single point', [0, 0, 3, 0, 0, 4]],
  ])('gives pixels of the picture for a map %s', async (_, map) => {
    const pixels = warpPixels(await fixturePicture('face'), map, 3, 3);
    expect(pixels.every((value) => value >= 0 && value <= 255)).toBe(true);
  });

  it.each(perspectiveFixtures)('agrees with the reference through a homography: $name', async (fixture) => {
    const { picture, quad, width, height, expected } = fixture;
    const actual = warpPixels(await fixturePicture(picture), quadMap(quad, width, height), width, height);
    expect(largestDifference(actual, expected)).toBeLessThan(1e-3);
  });

  it('gives through the homography of a rectangle what the upright way gives', async () => {
    const picture = await fixturePicture('noise');
    const upright = warpPixels(picture, cropMap({ x: 3, y: -2, w: 44, h: 36 }, 20, 18), 20, 18);
    const map = quadMap([[3, -2], [47, -2], [47, 34], [3, 34]], 20, 18); // prettier-ignore
    expect(largestDifference(warpPixels(picture, map, 20, 18), upright)).toBeLessThan(1e-3);
  });

  it('refuses a map that is not finite', async () => {
    const picture = await fixturePicture('pixel');
    const cause = new RangeError('the map [1, 0, NaN, 0, 1, 0] is not finite');
    expect(() => warpPixels(picture, [1, 0, NaN, 0, 1, 0], 2, 2)).toThrow(
      expect.objectContaining({ code: 'internal', message: internalError(cause).message, cause }) as Error,
    );
  });
});

describe('warpBatch()', () => {
  it('lays out crops one after another, channel by channel, scaled', async () => {
    const face = await fixturePicture('face');
    const odd = await fixturePicture('odd');
    const crops: WarpCrop[] = [
      { picture: face, map: cropMap({ x: 5, y: 6, w: 70, h: 60 }, 8, 6) },
      { picture: odd, map: [0.5, 0.1, 0, -0.1, 0.5, 1] },
    ];
    const spec: SampleSpec = { widthPx: 8, heightPx: 6, channels: 'rgb', mean: [127, 120, 110], std: [128, 64, 32] };
    const plane = 48;
    const expected = crops.flatMap(({ picture, map }) => {
      const pixels = warpPixels(picture, map, 8, 6);
      return [0, 1, 2].flatMap((c) =>
        Array.from(
          { length: plane },
          (_, i) => ((pixels[i * 3 + c] ?? NaN) - (spec.mean[c] ?? NaN)) / (spec.std[c] ?? NaN),
        ),
      );
    });
    expect(largestDifference(warpBatch({ crops, spec }), expected)).toBeLessThan(1e-4);
  });

  it('gives Rec. 601 luma for grey', async () => {
    const picture = await fixturePicture('face');
    const map = cropMap({ x: 5, y: 6, w: 70, h: 60 }, 8, 6);
    const spec: SampleSpec = { widthPx: 8, heightPx: 6, channels: 'grey', mean: [0], std: [256] };
    const pixels = warpPixels(picture, map, 8, 6);
    const expected = Array.from({ length: 48 }, (_, i) => {
      const [r = NaN, g = NaN, b = NaN] = pixels.subarray(i * 3, i * 3 + 3);
      return (0.299 * r + 0.587 * g + 0.114 * b) / 256;
    });
    expect(largestDifference(warpBatch({ crops: [{ picture, map }], spec }), expected)).toBeLessThan(1e-6);
  });

  it('fills what lies outside the region, and only that', async () => {
    const picture = await fixturePicture('face');
    const crop: WarpCrop = { picture, map: [1, 0, 0, 0, 1, 0], regionWidthPx: 3, regionHeightPx: 2 };
    const spec: SampleSpec = { widthPx: 5, heightPx: 4, ...RAW, fill: 127 };
    const red = warpBatch({ crops: [crop], spec }).subarray(0, 20);
    const inside = warpPixels(picture, [1, 0, 0, 0, 1, 0], 3, 2).filter((_, i) => i % 3 === 0);
    expect([...red.subarray(0, 3), ...red.subarray(5, 8)]).toEqual([...inside]);
    expect([...red.subarray(3, 5), ...red.subarray(8)]).toEqual(Array<number>(14).fill(127));
  });

  it('fills with black when the spec names no value', async () => {
    const crop: WarpCrop = { picture: await fixturePicture('face'), map: [1, 0, 0, 0, 1, 0], regionHeightPx: 1 };
    const batch = warpBatch({ crops: [crop], spec: { widthPx: 1, heightPx: 2, ...RAW, mean: [1, 2, 3] } });
    expect([batch[1], batch[3], batch[5]]).toEqual([-1, -2, -3]);
  });

  it('is empty for no crops', () => {
    expect(warpBatch({ crops: [], spec: { widthPx: 4, heightPx: 4, ...RAW } })).toHaveLength(0);
  });

  it('is the job that a worker finds by its name', async () => {
    const module = (await import(warpBatchJob.module)) as Record<string, unknown>;
    expect(module[warpBatchJob.name]).toBe(warpBatchJob.run);
  });
});

describe('warpSamples()', () => {
  const output = { widthPx: 10, heightPx: 10 };

  it.each([
    [1, [10, 0, 0, 0, 0.2, 0]],
    [3, [3, 0, 0, 0, 3, 0]],
    [8, [90, 0, 0, 0, 90, 0]],
  ] as [number, Affine][])('is %d for the map %j', (samples, map) => {
    expect(warpSamples(map, output)).toBe(samples);
  });

  it('takes the average of a homography over the output', () => {
    // 20 × 45 = 900 pixels for 100.
    const map = quadMap([[0, 0], [30, 0], [25, 45], [5, 35]], 10, 10); // prettier-ignore
    expect(warpSamples(map, output)).toBe(3);
  });
});

describe('the samplers', () => {
  it.each([
    'warp',
    'resize',
    'sample-spec',
    'sample-upright',
    'sample-projected',
    'axis-taps',
    'affine',
    'homography',
    'picture',
  ])('%s starts fast in a worker: nothing of it loads sharp', (module) => {
    const source = readFileSync(new URL(`../../src/imaging/${module}.ts`, import.meta.url), 'utf8');
    const imports = [...source.matchAll(/from '(.+)'/g)].map(([, from]) => from);
    expect(imports.filter((from) => from === 'sharp' || /decode|header/.test(from ?? ''))).toEqual([]);
  });
});

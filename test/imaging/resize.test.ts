import { resizeBatch, resizeBatchJob } from '../../src/imaging/resize.js';
import type { SampleSpec } from '../../src/imaging/sample-spec.js';
import {
  expectedBytes,
  fixturePicture,
  imagingFixtures,
  largestDifference,
  toPlanes,
} from '../helpers/imaging-fixtures.js';

function rawSpec(widthPx: number, heightPx: number): SampleSpec {
  return { widthPx, heightPx, channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] };
}

describe('resizeBatch()', () => {
  it.each(imagingFixtures.resize)(
    'agrees with cv2.resize on $picture to $width x $height',
    async ({ picture, width, height, expected }) => {
      const actual = resizeBatch({ pictures: [await fixturePicture(picture)], spec: rawSpec(width, height) });
      // OpenCV computes in fixed point and rounds to whole values.
      expect(largestDifference(actual, toPlanes(expectedBytes(expected)))).toBeLessThan(0.8);
    },
  );

  it('stacks pictures of different sizes, scaled by mean and deviation', async () => {
    const pictures = [await fixturePicture('face'), await fixturePicture('odd')];
    const spec: SampleSpec = { ...rawSpec(9, 7), mean: [127.5, 100, 0], std: [128, 2, 255] };
    const batch = resizeBatch({ pictures, spec });
    const plain = pictures.map((picture) => resizeBatch({ pictures: [picture], spec: rawSpec(9, 7) }));
    const expected = plain.flatMap((values) =>
      [...values].map((value, i) => {
        const c = Math.floor(i / 63);
        return (value - (spec.mean[c] ?? NaN)) / (spec.std[c] ?? NaN);
      }),
    );
    expect(largestDifference(batch, expected)).toBeLessThan(1e-4);
  });

  it('is empty for no pictures', () => {
    expect(resizeBatch({ pictures: [], spec: rawSpec(4, 4) })).toHaveLength(0);
  });

  it('refuses a spec whose means do not match its channels', () => {
    const spec: SampleSpec = { ...rawSpec(4, 4), mean: [0] };
    expect(() => resizeBatch({ pictures: [], spec })).toThrow(expect.objectContaining({ code: 'internal' }) as Error);
  });

  it('is the job that a worker finds by its name', async () => {
    const module = (await import(resizeBatchJob.module)) as Record<string, unknown>;
    expect(module[resizeBatchJob.name]).toBe(resizeBatchJob.run);
  });
});

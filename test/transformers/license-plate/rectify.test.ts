import type { Quad } from '../../../src/imaging/homography.js';
import type { Picture } from '../../../src/imaging/picture.js';
import type { SampleSpec } from '../../../src/imaging/sample-spec.js';
import { warpBatch } from '../../../src/imaging/warp.js';
import { rectifyPlate } from '../../../src/transformers/license-plate/rectify.js';

/** Red tells the column, green the row. */
const PICTURE: Picture = {
  widthPx: 100,
  heightPx: 80,
  data: Uint8Array.from(
    { length: 100 * 80 * 3 },
    (_, i) => [Math.floor(i / 3) % 100, Math.floor(i / 300), 0][i % 3] ?? 0,
  ),
};
const SPEC: SampleSpec = { widthPx: 20, heightPx: 10, channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] };

/** The columns and rows of the picture that the corner pixels of the rectified plate come from. */
function cornersSeen(plate: Parameters<typeof rectifyPlate>[0], margin: number) {
  const data = warpBatch({ crops: [rectifyPlate(plate, { spec: SPEC, margin })], spec: SPEC });
  return [0, 19, 199, 180].map((at) => [data[at], data[200 + at]].map((value) => Math.round((value ?? NaN) * 10) / 10));
}

describe('rectifyPlate()', () => {
  const box = [10, 20, 50, 40] as const;

  it('takes the box where there are no corners', () => {
    // A pixel of the output is 2 × 2 of the picture: its centre lies between four of them.
    expect(cornersSeen({ picture: PICTURE, box }, 0)).toEqual([[10.5, 20.5], [48.5, 20.5], [48.5, 38.5], [10.5, 38.5]]); // prettier-ignore
  });

  it('takes what the corners enclose, upright or turned', () => {
    const corners: Quad = [[50, 20], [50, 40], [30, 40], [30, 20]]; // prettier-ignore
    const [first, second] = cornersSeen({ picture: PICTURE, box, corners }, 0);
    // Turned by a quarter: along the plate's upper edge the row grows.
    expect(first?.[1]).toBeLessThan(21.5);
    expect(second?.[1]).toBeGreaterThan(37.5);
    expect(first?.[0]).toBe(second?.[0]);
  });

  it('sees so much more on every side as the margin says', () => {
    const corners: Quad = [[10, 20], [50, 20], [50, 40], [10, 40]]; // prettier-ignore
    const wide = cornersSeen({ picture: PICTURE, box, corners }, 0.1);
    expect(wide).toEqual(cornersSeen({ picture: PICTURE, box }, 0.1));
    expect(wide[0]?.[0]).toBeLessThan(8);
    expect(wide[2]?.[1]).toBeGreaterThan(39);
  });

  it('takes the box where perspective leaves no room for the margin', () => {
    // Nearly a triangle: its right edge is seen from so near that there is nothing beyond it.
    const corners: Quad = [[10, 29.9], [50, 20], [50, 40], [10, 30.1]]; // prettier-ignore
    expect(cornersSeen({ picture: PICTURE, box, corners }, 0.5)).toEqual(cornersSeen({ picture: PICTURE, box }, 0.5));
  });
});

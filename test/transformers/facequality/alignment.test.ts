import { applyAffine } from '../../../src/imaging/affine.js';
import { alignFace } from '../../../src/transformers/facequality/alignment.js';
import type { FivePoints } from '../../../src/transformers/facequality/points.js';

const FIVE: FivePoints = [
  [184.1, 101.1],
  [227.3, 103.0],
  [204.8, 126.7],
  [183.5, 140.0],
  [223.9, 142.0],
];

describe('alignFace()', () => {
  // Computed by the reference, face_quality.py.
  it.each([
    {
      sizePx: 112,
      toCrop: [
        0.890185010650758, 0.04864989956122519, -132.17504707, -0.04864989956122519, 0.890185010650758, -27.24068747,
      ],
      toPicture: [1.12001673992, -0.0612105363, 146.37084823, 0.0612105363, 1.12001673992, 38.60053149],
    },
    {
      sizePx: 224,
      toCrop: [
        1.780370021301516, 0.09729979912245038, -264.35009414, -0.09729979912245038, 1.780370021301516, -54.48137493,
      ],
      toPicture: [0.56000836996, -0.03060526815, 146.37084823, 0.03060526815, 0.56000836996, 38.60053149],
    },
  ])('gives the maps of the reference for a crop of $sizePx', ({ sizePx, toCrop, toPicture }) => {
    const aligned = alignFace(FIVE, sizePx);
    aligned.toCrop.forEach((value, i) => expect(value).toBeCloseTo(toCrop[i] ?? NaN, 7));
    aligned.toPicture.forEach((value, i) => expect(value).toBeCloseTo(toPicture[i] ?? NaN, 7));
  });

  it('only shifts points that coincide', () => {
    const point = [9, 4] as const;
    const { toCrop, toPicture } = alignFace([point, point, point, point, point], 112);
    const [back] = applyAffine(toPicture, applyAffine(toCrop, [[20, 30]]));
    expect(toCrop).toEqual([1, 0, expect.any(Number), 0, 1, expect.any(Number)]);
    expect(back?.[0]).toBeCloseTo(20, 9);
    expect(back?.[1]).toBeCloseTo(30, 9);
  });
});

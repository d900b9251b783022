import { invertAffine, type Point } from '../../src/imaging/affine.js';
import { similarity } from '../../src/imaging/align.js';
import { imagingFixtures } from '../helpers/imaging-fixtures.js';

const SQUARE: Point[] = [[0, 0], [1, 0], [1, 1], [0, 1]]; // prettier-ignore

describe('similarity()', () => {
  it.each(imagingFixtures.similarity)('agrees with the reference', ({ src, dst, map, inverse }) => {
    const actual = similarity(src, dst);
    actual.forEach((value, i) => expect(value).toBeCloseTo(map[i] ?? NaN, 9));
    invertAffine(actual).forEach((value, i) => expect(value).toBeCloseTo(inverse[i] ?? NaN, 9));
  });

  it('finds a quarter turn, doubled and shifted', () => {
    const turned = SQUARE.map(([x, y]): Point => [5 - 2 * y, 7 + 2 * x]);
    similarity(SQUARE, turned).forEach((value, i) => expect(value).toBeCloseTo([0, -2, 5, 2, 0, 7][i] ?? NaN, 12));
  });

  it('does not mirror', () => {
    const mirrored = SQUARE.map(([x, y]): Point => [-x, y]);
    const [a, b, , c, d] = similarity(SQUARE, mirrored);
    expect(a * d - b * c).toBeGreaterThanOrEqual(0);
  });

  it('is a shift alone for points that coincide', () => {
    expect(similarity([[3, 4], [3, 4]], [[10, 20], [12, 20]])).toEqual([1, 0, 8, 0, 1, 16]); // prettier-ignore
  });
});

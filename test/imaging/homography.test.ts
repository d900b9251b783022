import fc from 'fast-check';
import type { Point } from '../../src/imaging/affine.js';
import { applyHomography, isConvex, isHomography, type Quad, quadArea, quadMap } from '../../src/imaging/homography.js';
import { perspectiveFixtures } from '../helpers/imaging-fixtures.js';

const SQUARE: Quad = [[0, 0], [2, 0], [2, 2], [0, 2]]; // prettier-ignore

describe('quadMap()', () => {
  it.each(perspectiveFixtures)('agrees with the solved equations: $name', ({ quad, width, height, map }) => {
    quadMap(quad, width, height).forEach((value, i) => expect(value).toBeCloseTo(map[i] ?? NaN, 9));
  });

  it("takes the output's corners to those of any convex quadrilateral", () => {
    const shift = fc.double({ min: -20, max: 20, noNaN: true });
    const point = fc.tuple(shift, shift);
    fc.assert(
      fc.property(point, point, point, point, (a, b, c, d) => {
        const at = ([x, y]: Point, [dx, dy]: Point): Point => [x + dx, y + dy];
        const quad: Quad = [at([0, 0], a), at([100, 0], b), at([100, 100], c), at([0, 100], d)];
        const corners = applyHomography(quadMap(quad, 144, 48), [[0, 0], [144, 0], [144, 48], [0, 48]]); // prettier-ignore
        corners.flat().forEach((value, i) => expect(value).toBeCloseTo(quad.flat()[i] ?? NaN, 6));
      }),
    );
  });

  it.each<[string, Quad]>([
    ['the last three lie on a line', [[2, 0], [0, 0], [1, 1], [2, 2]]], // prettier-ignore
    ['all are one', [[3, 3], [3, 3], [3, 3], [3, 3]]], // prettier-ignore
    ['one is not finite', [[0, 0], [1, 0], [Infinity, 1], [0, 1]]], // prettier-ignore
  ])('refuses corners of which %s', (_, quad) => {
    expect(() => quadMap(quad, 4, 4)).toThrow(expect.objectContaining({ code: 'internal' }) as Error);
  });
});

describe('quadArea()', () => {
  it('is that of the parts it is made of', () => {
    expect(quadArea(SQUARE)).toBe(4);
    expect(quadArea([[0, 0], [4, 0], [3, 2], [1, 2]])).toBe(6); // prettier-ignore
  });

  it('is negative for corners that go the other way round', () => {
    expect(quadArea([[0, 0], [0, 2], [2, 2], [2, 0]])).toBe(-4); // prettier-ignore
  });
});

describe('isConvex()', () => {
  it.each<[boolean, string, Quad]>([
    [true, 'a square', SQUARE],
    [true, 'a turned one', [[1, 0], [2, 1], [1, 2], [0, 1]]], // prettier-ignore
    [false, 'corners the other way round', [[0, 0], [0, 2], [2, 2], [2, 0]]], // prettier-ignore
    [false, 'sides that cross', [[0, 0], [2, 2], [2, 0], [0, 2]]], // prettier-ignore
    [false, 'a corner turned inwards', [[0, 0], [2, 0], [0.5, 0.5], [0, 2]]], // prettier-ignore
    [false, 'three corners on a line', [[0, 0], [1, 0], [2, 0], [0, 2]]], // prettier-ignore
    [false, 'a single point', [[1, 1], [1, 1], [1, 1], [1, 1]]], // prettier-ignore
    [false, 'what is not finite', [[0, 0], [2, 0], [NaN, 2], [0, 2]]], // prettier-ignore
  ])('is %s for %s', (answer, _, quad) => {
    expect(isConvex(quad)).toBe(answer);
  });
});

describe('isHomography()', () => {
  it('tells the kinds of map apart', () => {
    expect(isHomography(quadMap(SQUARE, 1, 1))).toBe(true);
    expect(isHomography([1, 0, 0, 0, 1, 0])).toBe(false);
  });
});

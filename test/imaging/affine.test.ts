import fc from 'fast-check';
import { internalError } from '../../src/errors.js';
import { type Affine, applyAffine, cropMap, invertAffine, type Point } from '../../src/imaging/affine.js';

describe('cropMap()', () => {
  it("takes the output's corners to the rectangle's", () => {
    const map = cropMap({ x: 10, y: -20, w: 50, h: 30 }, 100, 15);
    const corners = applyAffine(map, [[0, 0], [100, 0], [100, 15]]); // prettier-ignore
    expect(corners).toEqual([[10, -20], [60, -20], [60, 10]]); // prettier-ignore
  });
});

describe('applyAffine()', () => {
  it('maps points by rows', () => {
    expect(applyAffine([1, 2, 3, 4, 5, 6], [[10, 100]])).toEqual([[213, 546]]);
  });

  it('gives no points for none', () => {
    expect(applyAffine([1, 0, 0, 0, 1, 0], [])).toEqual([]);
  });
});

describe('invertAffine()', () => {
  it('undoes a map', () => {
    const number = fc.double({ min: -50, max: 50, noNaN: true });
    const maps = fc.tuple(number, number, number, number, number, number);
    fc.assert(
      fc.property(maps, fc.tuple(number, number), (map: Affine, point: Point) => {
        fc.pre(Math.abs(map[0] * map[4] - map[1] * map[3]) > 0.1);
        const [back] = applyAffine(invertAffine(map), applyAffine(map, [point]));
        expect(back?.[0]).toBeCloseTo(point[0], 5);
        expect(back?.[1]).toBeCloseTo(point[1], 5);
      }),
    );
  });

  it.each([[[1, 2, 0, 2, 4, 0]], [[0, 0, 5, 0, 0, 5]], [[NaN, 0, 0, 0, 1, 0]]] as [Affine][])(
    'refuses %j, which has no inverse',
    (map) => {
      const cause = new RangeError(`the map [${map.join(', ')}] has no inverse`);
      const { message } = internalError(cause);
      expect(() => invertAffine(map)).toThrow(
        expect.objectContaining({ name: 'ServiceError', code: 'internal', message, cause }) as Error,
      );
    },
  );
});

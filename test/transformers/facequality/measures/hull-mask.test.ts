import { hullMask } from '../../../../src/transformers/facequality/measures/hull-mask.js';

/** The rows of a mask, `#` inside. */
function rows(mask: Uint8Array, sizePx: number): string[] {
  return Array.from({ length: sizePx }, (_, row) =>
    Array.from(mask.subarray(row * sizePx, (row + 1) * sizePx), (value) => (value === 1 ? '#' : '.')).join(''),
  );
}

describe('hullMask()', () => {
  it('holds the pixels whose centres are inside, as the reference', () => {
    const points = [
      [2, 3],
      [13, 2],
      [14, 9],
      [8, 15],
      [3, 12],
      [7, 7],
    ] as const;
    expect(rows(hullMask(points, 16), 16)).toEqual([
      '................',
      '................',
      '.......######...',
      '..###########...',
      '..###########...',
      '..############..',
      '..############..',
      '..############..',
      '...###########..',
      '...###########..',
      '...##########...',
      '...#########....',
      '....#######.....',
      '.....#####......',
      '.......##.......',
      '................',
    ]);
  });

  it('cuts off what lies outside the crop', () => {
    const points = [
      [-10, -10],
      [2, -10],
      [2, 2],
      [-10, 2],
    ] as const;
    expect(rows(hullMask(points, 4), 4)).toEqual(['##..', '##..', '....', '....']);
  });

  it.each([
    ['coincide', [[1.2, 1.2]]],
    ['lie on a line', [[0, 0.2], [3, 0.2]]], // prettier-ignore
    ['lie outside the crop', [[10, 10], [20, 10], [15, 20]]], // prettier-ignore
  ] as const)('holds the whole crop when the points %s', (_, corners) => {
    const points = corners.flatMap((corner) => [corner, corner]);
    expect(hullMask(points, 3)).toEqual(new Uint8Array(9).fill(1));
  });
});

import { type TriangleTaps, triangleTaps, WEIGHT_BITS } from '../../src/imaging/triangle-taps.js';

const ONE = 2 ** WEIGHT_BITS;

/** What each output pixel is made of: its first source pixel and the weights from there on. */
function perOutput({ firsts, starts, weights }: TriangleTaps): [number, number[]][] {
  return [...firsts].map((first, i) => [first, [...weights.subarray(starts[i], starts[i + 1])]]);
}

describe('triangleTaps()', () => {
  it('takes each pixel as it is where the length stays', () => {
    expect(perOutput(triangleTaps(3, 3)).map(([first, [weight]]) => [first, weight])).toEqual([
      [0, ONE],
      [1, ONE],
      [2, ONE],
    ]);
  });

  it('reaches a source pixel to each side when enlarging', () => {
    expect(perOutput(triangleTaps(2, 4))).toEqual([
      [0, [ONE]],
      [0, [ONE * 0.75, ONE * 0.25]],
      [0, [ONE * 0.25, ONE * 0.75]],
      [1, [ONE]],
    ]);
  });

  it('reaches an output pixel to each side when shrinking', () => {
    const weights = [1, 3, 3, 1].map((eighths) => Math.round((ONE * eighths) / 8));
    expect(perOutput(triangleTaps(6, 3))[1]).toEqual([1, weights]);
  });

  it.each([
    [1, 1],
    [1, 32],
    [31, 32],
    [33, 32],
    [1920, 32],
    [65_535, 32],
    [65_535, 1],
  ])('has taps within %i source pixels that add up to 1 for each of %i', (sourceLength, outLength) => {
    const outputs = perOutput(triangleTaps(sourceLength, outLength));
    expect(outputs).toHaveLength(outLength);
    for (const [first, weights] of outputs) {
      expect(first).toBeGreaterThanOrEqual(0);
      expect(first + weights.length).toBeLessThanOrEqual(sourceLength);
      expect(weights.every((weight) => weight >= 0)).toBe(true);
      expect(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - ONE)).toBeLessThanOrEqual(2048);
    }
  });
});

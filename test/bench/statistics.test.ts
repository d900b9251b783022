import { percentile, spread } from '../../bench/service/statistics.mjs';

describe('percentile()', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  it.each([
    [hundred, 0.5, 50],
    [hundred, 0.99, 99],
    [hundred, 1, 100],
    [[1, 2, 3], 0.5, 2],
    [[7], 0.99, 7],
    [[7], 0, 7],
  ])('is the nearest rank (case %#)', (sorted, share, expected) => {
    expect(percentile(sorted, share)).toBe(expected);
  });

  it('is undefined of nothing', () => {
    expect(percentile([], 0.5)).toBeUndefined();
  });
});

describe('spread()', () => {
  it('sorts as numbers', () => {
    expect(spread([10, 9, 100])).toEqual({ median: 10, min: 9, max: 100 });
  });

  it('takes the lower of the two in the middle', () => {
    expect(spread([4, 1, 3, 2])).toEqual({ median: 2, min: 1, max: 4 });
  });

  it('passes over what was not measured', () => {
    expect(spread([undefined, 3, NaN, Infinity])).toEqual({ median: 3, min: 3, max: 3 });
    expect(spread([undefined])).toEqual({ median: undefined, min: undefined, max: undefined });
  });
});

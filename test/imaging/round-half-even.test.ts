import { roundHalfEven } from '../../src/imaging/round-half-even.js';

describe('roundHalfEven()', () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [2.4999, 2],
    [2.5001, 3],
    [7, 7],
    [-0.6, -1],
    [-2.5, -2],
    [-1.5, -2],
  ])('of %d is %d', (value, expected) => {
    expect(roundHalfEven(value)).toBe(expected);
  });
});

import { area, type Box, iou } from '../../src/imaging/boxes.js';

describe('area()', () => {
  it.each<[Box, number]>([
    [[1, 2, 4, 8], 18],
    [[1, 2, 1, 8], 0],
    [[4, 8, 1, 2], 0],
    [[4, 2, 1, 8], 0],
  ])('of %j is %d', (box, expected) => {
    expect(area(box)).toBe(expected);
  });
});

describe('iou()', () => {
  it.each<[string, Box, Box, number]>([
    ['equal boxes', [0, 0, 10, 10], [0, 0, 10, 10], 1],
    ['a half inside', [0, 0, 10, 10], [0, 0, 10, 5], 0.5],
    ['a third shared', [0, 0, 10, 10], [5, 0, 15, 10], 1 / 3],
    ['apart', [0, 0, 10, 10], [20, 20, 30, 30], 0],
    ['touching', [0, 0, 10, 10], [10, 0, 20, 10], 0],
    ['both empty', [5, 5, 5, 5], [5, 5, 5, 5], 0],
    ['one turned inside out', [0, 0, 10, 10], [8, 8, 2, 2], 0],
  ])('of %s', (_, a, b, expected) => {
    expect(iou(a, b)).toBeCloseTo(expected, 12);
    expect(iou(b, a)).toBeCloseTo(expected, 12);
  });
});

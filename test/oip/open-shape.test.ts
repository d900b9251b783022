import { closeShape } from '../../src/oip/open-shape.js';

describe('closeShape()', () => {
  it.each([
    [[-1], 1, [1]],
    [[-1], 0, [0]],
    [[-1, 28, 28], 1568, [2, 28, 28]],
    [[2, -1, 3], 12, [2, 2, 3]],
    [[3, -1], 0, [3, 0]],
  ])('makes %j of %i values %j', (shape, count, closed) => {
    expect(closeShape(shape, count)).toEqual(closed);
  });

  it.each([
    ['no open dimension', [2, 3], 7],
    ['two of them', [-1, -1], 4],
    ['values that do not fill it', [-1, 3], 4],
    ['no length that counts', [-1, 0], 0],
    ['no length at all', [-1, 0], 4],
    ['a dimension that is none', [-1, -2], 4],
    ['no dimension', [], 1],
  ])('leaves a shape with %s as it is', (_, shape, count) => {
    expect(closeShape(shape, count)).toBe(shape);
  });
});

import fc from 'fast-check';
import { flatten } from '../../src/oip/flatten.js';

describe('flatten()', () => {
  it('gives a flat list as it is', () => {
    const values = [1, 'a', null];
    expect(flatten(values)).toBe(values);
  });

  it.each([
    [[], []],
    [[[]], []],
    [
      [
        [1, 2],
        [3, 4],
      ],
      [1, 2, 3, 4],
    ],
    [
      [1, [2, [3, []]], 4],
      [1, 2, 3, 4],
    ],
  ])('gives %j row by row', (values, flat) => {
    expect(flatten(values)).toEqual(flat);
  });

  it('gives what Array.prototype.flat() gives', () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.array(fc.oneof({ depthSize: 'small' }, fc.integer(), tie('tree'))),
    }));
    fc.assert(fc.property(tree, (values) => expect(flatten(values)).toEqual(values.flat(100))));
  });

  it('follows a hundred levels, and leaves what lies deeper', () => {
    const nested = (depth: number): unknown[] => (depth === 0 ? ['leaf'] : [nested(depth - 1)]);
    expect(flatten(nested(100))).toEqual(['leaf']);
    expect(flatten(nested(101))).toEqual([['leaf']]);
  });
});

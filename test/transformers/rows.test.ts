import { regroup, zip } from '../../src/transformers/rows.js';

describe('zip()', () => {
  it('makes rows of columns', () => {
    expect(zip([1, 2], ['a', 'b'], [true, false])).toEqual([
      [1, 'a', true],
      [2, 'b', false],
    ]);
  });

  it('makes no rows of empty columns', () => {
    expect(zip([], [])).toEqual([]);
  });

  it('rejects columns of unequal length', () => {
    expect(() => zip([1, 2], ['a'])).toThrow('columns of unequal length: 2, 1');
  });
});

describe('regroup()', () => {
  it('undoes flat(), empty groups included', () => {
    expect(regroup(['A', 'B', 'C'], [[1], [], [2, 3], []])).toEqual([['A'], [], ['B', 'C'], []]);
  });

  it('rejects values that are too few or too many', () => {
    expect(() => regroup(['A'], [[1], [2]])).toThrow('1 values for groups of 2 in all');
  });
});

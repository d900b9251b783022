import { centred, columnsOf } from '../../client/src/columns.js';

describe('columnsOf()', () => {
  it.each([
    ['12가 3456', 9],
    ['서울', 4],
    ['Ａ，', 4],
    ['漢字かなカナ', 12],
    ['─│A', 3],
    ['e\u0301', 1],
    ['', 0],
  ])('is for %s %d', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });
});

describe('centred()', () => {
  it('fills both sides, the right one first, and cuts nothing', () => {
    expect(centred('가', 5)).toBe(' 가  ');
    expect(centred('long', 2)).toBe('long');
  });
});

import { printable, printableJson, toFileName } from '../../client/src/printable.js';

const NAME = 'a\u001b[31m\n\u0000\u007f\u009b2Jé😀.jpg';

describe('printable()', () => {
  it('shows each control character as ? and leaves the rest', () => {
    expect(printable(NAME)).toBe('a?[31m????2Jé😀.jpg');
  });
});

describe('toFileName()', () => {
  it('writes each control character as _ and leaves the rest', () => {
    expect(toFileName(NAME)).toBe('a_[31m____2Jé😀.jpg');
  });
});

describe('printableJson()', () => {
  it('has no control character and parses to the same', () => {
    const json = printableJson(JSON.stringify({ file: NAME }));
    expect(json).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(json)).toEqual({ file: NAME });
  });
});

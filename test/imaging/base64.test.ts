import { decodeBase64 } from '../../src/imaging/base64.js';

const MANY = 1_000_000;

function decoded(text: string): string {
  return Buffer.from(decodeBase64(text, 0)).toString('latin1');
}

describe('decodeBase64()', () => {
  it.each([
    ['nothing', '', ''],
    ['both alphabets in one text', '+/-_', '\xfb\xff\xbf'],
    ['padding that need not be there', 'QUJD==', 'ABC'],
    ['padding with white space in and around it', 'QQ \r\n=\t= \n', 'A'],
    ['vertical tabs and form feeds', 'Q\vU\fJD', 'ABC'],
    ['printed line ends', String.raw`QUJD\r\nQQ==\r\n`, 'ABCA'],
    ['printed line ends that make up a length of base64', String.raw`QU\nJ\nD`, 'ABC'],
  ])('reads %s', (_, text, expected) => {
    expect(decoded(text)).toBe(expected);
  });

  it.each([
    ['a blank after each character', 'Q U J D '.repeat(MANY)],
    ['a line end after each four', 'QUJD\r\n'.repeat(MANY)],
    ['a printed line end after each four', String.raw`QUJD\n`.repeat(MANY)],
  ])('reads a long text with %s', (_, text) => {
    expect(decodeBase64(text, 0)).toHaveLength(3 * MANY);
  });

  it.each([
    ['a wrong character at the end of many blanks', `${'A '.repeat(MANY)}*AA`, '*', 2 * MANY],
    ['padding throughout', '= '.repeat(MANY), '=', 0],
    ['more padding than two', 'AAA===', '=', 3],
    ['a backslash that begins no line end', String.raw`AA\nAA\tAA`, '\\', 6],
    ['a wrong character after a printed line end', String.raw`AA\nAA%A`, '%', 6],
    ['a no-break space', 'AA\u00a0AA', '\u00a0', 2],
    ['a character whose lower byte is a digit', 'AA\u0141A', '\u0141', 2],
  ])('refuses %s, naming the place', (_, text, wrong, at) => {
    const problem = `the character ${JSON.stringify(wrong)} at position ${at + 10} is no base64`;
    expect(() => decodeBase64(text, 10)).toThrow(`expected the picture as base64, but ${problem}`);
  });

  it.each(['A', 'A ', 'A A A A A', 'AAAAA=', String.raw`AAA\nAA`])('refuses %j, which has one left over', (text) => {
    const problem = 'its length is not that of base64: one character is left over';
    expect(() => decodeBase64(text, 0)).toThrow(`expected the picture as base64, but ${problem}`);
  });
});

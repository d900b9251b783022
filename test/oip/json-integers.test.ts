import fc from 'fast-check';
import { isRoundedInteger, quoteLongIntegers } from '../../src/oip/json-integers.js';

describe('quoteLongIntegers()', () => {
  it.each([
    ['[9007199254740993]', '["9007199254740993"]'],
    ['-9223372036854775808', '"-9223372036854775808"'],
    ['{"a":1234567890123456,"b":[18446744073709551615]}', '{"a":"1234567890123456","b":["18446744073709551615"]}'],
    ['[ 1234567890123456 ]', '[ "1234567890123456" ]'],
  ])('quotes the integers of %s', (text, quoted) => {
    expect(quoteLongIntegers(text)).toBe(quoted);
  });

  it.each([
    ['fewer than 16 digits', '[123456789012345, -123456789012345]'],
    ['fractions and exponents', '[1234567890123456.5, 1234567890123456e1, 0.12345678901234567, 12345678901234567E+2]'],
    ['digits within strings', '{"1234567890123456": "-1234567890123456, 1234567890123456"}'],
    ['digits behind an escaped quote', '["\\"1234567890123456\\\\\\"1234567890123456"]'],
    ['a string that ends with a backslash', '["\\\\", 1]'],
    ['a string without an end', '["1234567890123456'],
    ['no JSON at all', 'true nonsense'],
    ['nothing', ''],
  ])('leaves %s as they are', (_, text) => {
    expect(quoteLongIntegers(text)).toBe(text);
  });

  it('goes on behind strings, whatever their characters', () => {
    expect(quoteLongIntegers('{"é\\\\\\"…😀":1234567890123456}')).toBe('{"é\\\\\\"…😀":"1234567890123456"}');
  });

  it('keeps every 64-bit integer of any JSON, and all else', () => {
    const leaf = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), fc.string(), fc.double());
    fc.assert(
      fc.property(fc.array(leaf), (values) => {
        const text = `[${values.map((value) => (typeof value === 'bigint' ? String(value) : json(value))).join()}]`;
        const expected = values.map((value): unknown => {
          if (typeof value !== 'bigint') return JSON.parse(json(value));
          return isLong(value) ? String(value) : Number(value);
        });
        expect(JSON.parse(quoteLongIntegers(text))).toEqual(expected);
      }),
    );
  });

  it('takes strings of millions of escapes', () => {
    const text = `["${'\\n\\"'.repeat(2_000_000)}",1234567890123456]`;
    expect(quoteLongIntegers(text)).toBe(text.replace(/1234567890123456/, '"$&"'));
  });
});

describe('isRoundedInteger()', () => {
  it.each([
    [2 ** 53, true],
    [-(2 ** 53), true],
    [1e300, true],
    [2 ** 53 - 1, false],
    [0.5, false],
    [Infinity, false],
    ['9007199254740993', false],
    [null, false],
  ])('%p: %p', (value, isRounded) => {
    expect(isRoundedInteger(value)).toBe(isRounded);
  });
});

/** As a server may write it: large numbers in exponents only. */
function json(value: unknown): string {
  return JSON.stringify(typeof value === 'number' && Math.abs(value) >= 1e15 ? 0.5 : value);
}

function isLong(value: bigint): boolean {
  return String(value).replace('-', '').length >= 16;
}

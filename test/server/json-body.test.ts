import fc from 'fast-check';
import { assertModestJson, isJsonObject, parseJsonObject } from '../../src/server/json-body.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

const check = (text: string) => () => assertModestJson(Buffer.from(text));

describe('isJsonObject()', () => {
  it.each([
    ['an object', '{}'],
    ['what only begins like one', '{nonsense'],
    ['one behind white space', ' \t\r\n{'],
    ['one behind 511 spaces', `${' '.repeat(511)}{`],
    ['one behind a byte order mark', '\ufeff{'],
    ['one behind a byte order mark and white space', '\ufeff \n{'],
  ])('takes %s for one', (_, text) => {
    expect(isJsonObject(Buffer.from(text))).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a list', '[{}]'],
    ['a text', '"{"'],
    ['what stands behind a space that JSON has not', '\u00a0{'],
    ['what stands behind a byte order mark that is not the first', ' \ufeff{'],
    ['nothing but spaces', ' '.repeat(10_000)],
  ])('does not take %s for one', (_, text) => {
    expect(isJsonObject(Buffer.from(text))).toBe(false);
  });
});

describe('parseJsonObject()', () => {
  it.each([
    ['an object', '{"a":[1,"é😀"]}', { a: [1, 'é😀'] }],
    ['one behind a byte order mark', '\ufeff{"a":"\ufeff"}', { a: '\ufeff' }],
    ['one with escapes of all kinds', '{"\\u0061":"\\ud83d\\ude00\\n\\"\\\\"}', { a: '😀\n"\\' }],
  ])('reads %s', (_, text, value) => {
    expect(parseJsonObject(Buffer.from(text))).toEqual(value);
  });

  it('gives a member that is called like a prototype as any other, and changes none', () => {
    const value = parseJsonObject(Buffer.from('{"__proto__":{"polluted":true},"constructor":1}'));
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['nothing', '', 'The body is malformed JSON'],
    ['a list', '[1]', 'The body is JSON, but no object'],
    ['null', 'null', 'The body is JSON, but no object'],
    ['a text', '"secret"', 'The body is JSON, but no object'],
    ['an object that ends too early', '{"a":"secret', 'The body is malformed JSON at position 12'],
    ['two objects', '{} {"secret":1}', 'The body is malformed JSON at position 3'],
    ['bytes that are not UTF-8', Buffer.from('{"a":"\xe9"}', 'latin1'), 'The body is JSON that is not in UTF-8'],
    ['a character that is cut', Buffer.from('{"a":"€"}').subarray(0, 7), 'The body is JSON that is not in UTF-8'],
  ])('refuses %s, and does not repeat it', (_, body, message) => {
    const error = serviceErrorThrownBy(() => parseJsonObject(Buffer.from(body as string)));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toBe(message);
  });
});

describe('assertModestJson()', () => {
  it.each([
    ['an ordinary request', JSON.stringify({ multi_data: [{ data: { item: 'aGk=' }, extra_info: { others: [] } }] })],
    ['brackets and commas within strings', JSON.stringify({ a: '[{,'.repeat(400_000) })],
    ['escaped quotes and backslashes', JSON.stringify({ 'a"\\': '\\"[[[\\\\'.repeat(100), b: '\\' })],
    ['four million numbers', `[${Array(4_000_000).fill(0).join()}]`],
    ['a hundred levels', '['.repeat(100) + ']'.repeat(100)],
    ['siblings that are nested in turn', `[${Array(500).fill('[[[]]]').join()}]`],
    ['a string without an end', '{"a'],
    ['an escape at the end', '{"a\\"'],
    ['what is no JSON', 'hello ]]]'],
  ])('passes %s', (_, text) => {
    expect(check(text)).not.toThrow();
  });

  it.each([
    [
      'more than four million numbers',
      `[${Array(4_000_002).fill(0).join()}]`,
      'The JSON holds more than 4000000 commas; send large tensors as binary data',
    ],
    [
      'a million empty objects',
      `[${Array(1_000_001).fill('{}').join()}]`,
      'The JSON holds more than 1000000 strings and brackets',
    ],
    [
      'a million strings without anything between',
      `{${'""'.repeat(1_000_001)}`,
      'The JSON holds more than 1000000 strings and brackets',
    ],
    ['deeper nesting', '['.repeat(101) + ']'.repeat(101), 'The JSON is nested deeper than 100 levels'],
    ['nesting behind a string with escapes', `["\\"",${'['.repeat(100)}`, 'The JSON is nested deeper than 100 levels'],
  ])('refuses %s', (_, text, message) => {
    expect(check(text)).toThrow(message);
  });

  it('never refuses small JSON of little depth', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 20 }), (text) => void check(text)()));
  });
});

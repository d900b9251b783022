import fc from 'fast-check';
import { assertModestJson } from '../../src/server/json-body.js';

const check = (text: string) => () => assertModestJson(Buffer.from(text));

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
    fc.assert(fc.property(fc.json({ maxDepth: 20 }), (text) => check(text)()));
  });
});

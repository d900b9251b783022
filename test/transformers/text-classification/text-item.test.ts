import { LongText } from '../../../src/long-text.js';
import { CharacterCodes, readText } from '../../../src/transformers/text-classification/text-item.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const read = (value: unknown, maxChars = 1000) => readText({ path: 'instances[0]', value }, { maxChars });
const error = (value: unknown, maxChars?: number) => {
  const { code, message } = serviceErrorThrownBy(() => read(value, maxChars));
  return { code, message };
};
const PNG = Buffer.from('\x89PNG\r\n\x1a\n0123456789', 'latin1');

describe('readText()', () => {
  it.each<[string, unknown]>([
    ['a string', 'Grüße'],
    ['data', { data: 'Grüße' }],
    ['text', { text: 'Grüße', id: 7 }],
    ['data with a text in it', { data: { text: 'Grüße' } }],
    ['bytes', Buffer.from('Grüße')],
    ['bytes with a byte order mark', Buffer.from('\ufeffGrüße')],
    ['a long text', new LongText(Buffer.from('Grüße'))],
    ['a long text as data', { data: new LongText(Buffer.from('Grüße')) }],
    ['character codes', new CharacterCodes(BigInt64Array.from([71n, 114n, 252n, 223n, 101n]))],
    ['JSON with a text', ' {"text":"Grüße"} '],
    ['bytes of such JSON', Buffer.from('{"text":"Grüße","target":null}')],
  ])('takes %s', (_, value) => {
    expect(read(value).text).toBe('Grüße');
  });

  it('keeps the target that stands beside the text', () => {
    expect(read({ data: 'a', target: 1 })).toEqual({ text: 'a', target: 1, path: 'instances[0]' });
    expect(read({ data: { text: 'a', target: 2 } }).target).toBe(2);
    expect(read('{"text":"a","target":"Sports"}').target).toBe('Sports');
  });

  it('takes other JSON for the text that it is', () => {
    for (const text of ['{"a":1}', '{"text":5}', '{"text":"a"', '{not json}']) expect(read(text).text).toBe(text);
  });

  it('takes an empty text, and code points beyond the basic plane', () => {
    expect(read('').text).toBe('');
    expect(read(new CharacterCodes([0x1f469])).text).toBe('👩');
  });

  it.each<[string, unknown, string]>([
    ['a number', 5, 'received the number 5'],
    ['null', null, 'received null'],
    ['a list', ['a'], 'received an array'],
    ['another object', { caption: 'a' }, 'received an object with the keys: caption'],
  ])('refuses %s', (_, value, received) => {
    const message = `expected a text, {"data": text} or {"text": text}, ${received}`;
    expect(error(value)).toEqual({ code: 'invalid_argument', message });
  });

  it('refuses data that is no text', () => {
    expect(error({ data: { b64: 'AAAA' } })).toEqual({
      code: 'invalid_argument',
      message: 'expected a text for data, received an object',
    });
  });

  it('refuses a picture, however large, and says what it is', () => {
    const message = 'not a text but a PNG picture; this service classifies texts';
    expect(error(PNG)).toEqual({ code: 'unprocessable', message });
    expect(error(Buffer.concat([PNG, Buffer.alloc(10_000)]))).toEqual({ code: 'unprocessable', message });
  });

  it('refuses bytes that are not UTF-8, a NUL, and codes that are no characters', () => {
    expect(error(Buffer.from('Gr\xfc\xdfe', 'latin1')).message).toMatch(/^not a text but bytes that are not UTF-8/);
    expect(error('a\0b')).toEqual({ code: 'unprocessable', message: 'not a text: it holds a NUL character' });
    for (const code of [-1n, 0xd800n, 0x110000n, 2n ** 62n]) {
      expect(error(new CharacterCodes(BigInt64Array.of(97n, code)))).toEqual({
        code: 'unprocessable',
        message: `not a text: ${code}, at 1, is no character code of Unicode`,
      });
    }
  });

  it.each<[string, unknown]>([
    ['a string', 'abcde'],
    ['bytes', Buffer.from('abcde')],
    ['bytes far beyond', Buffer.alloc(10_000, 'a')],
    ['codes', new CharacterCodes([97, 97, 97, 97, 97])],
  ])('refuses a text that is too long: %s', (_, value) => {
    expect(error(value, 4)).toEqual({
      code: 'payload_too_large',
      message: 'the text is longer than the limit of 4 (--text_classification_max_chars)',
    });
  });
});

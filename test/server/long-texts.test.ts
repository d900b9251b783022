import { LongText } from '../../src/long-text.js';
import { parseKeepingLongTexts, withStrings } from '../../src/server/long-texts.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

const LONG = 'abcd'.repeat(2000);

const parse = (text: string | Buffer) => parseKeepingLongTexts(Buffer.from(text));

describe('parseKeepingLongTexts()', () => {
  it('leaves long texts as the bytes that they came in, wherever they stand', () => {
    const value = parse(JSON.stringify({ instances: [LONG, { b64: LONG, note: 'short' }], x: { y: [[LONG]] } }));
    expect(value).toEqual({
      instances: [new LongText(Buffer.from(LONG)), { b64: new LongText(Buffer.from(LONG)), note: 'short' }],
      x: { y: [[new LongText(Buffer.from(LONG))]] },
    });
  });

  it('gives views on the body', () => {
    const body = Buffer.from(JSON.stringify({ instances: [LONG] }));
    const [text] = parseKeepingLongTexts(body)['instances'] as [LongText];
    expect(text.bytes.buffer).toBe(body.buffer);
    expect(text.bytes.byteOffset - body.byteOffset).toBe('{"instances":["'.length);
  });

  it.each([
    ['a body without any', { instances: ['short', 1, null, true, {}] }],
    ['a long text with an escape', { text: `${LONG}"\\\n${LONG}` }],
    ['a long key', { [LONG]: 1 }],
    ['__proto__ with a short text', JSON.parse('{"__proto__": {"a": "b"}}') as object],
  ])('is as JSON.parse for %s', (_, value) => {
    expect(parse(JSON.stringify(value))).toEqual(value);
    expect(JSON.stringify(parse(JSON.stringify(value)))).toBe(JSON.stringify(value));
  });

  it('is as JSON.parse again when its texts are made strings', () => {
    const text = `{"__proto__": ${JSON.stringify(LONG)}, "a": [${JSON.stringify(`ö${LONG}`)}, 1], "${LONG}" : ${JSON.stringify(LONG)}}`;
    const value = withStrings(parse(text));
    expect(value).toEqual(JSON.parse(text));
    expect(Object.keys(value)).toEqual(['__proto__', 'a', LONG]);
  });

  it('is written as the text by JSON.stringify', () => {
    const text = JSON.stringify({ a: LONG });
    expect(JSON.stringify(parse(text))).toBe(text);
  });

  it('makes strings of all texts of a body with very many parts', () => {
    const value = parse(JSON.stringify({ instances: [LONG], many: Array.from({ length: 20_001 }, () => '') }));
    expect(value['instances']).toEqual([LONG]);
  });

  it('tells the position of an error in the body itself', () => {
    const error = serviceErrorThrownBy(() => parse(`{"a": "${LONG}", oops}`));
    expect(error.message).toBe(`The body is malformed JSON at position ${LONG.length + 10}`);
  });

  it('refuses a long text that is no JSON when a string is made of it', () => {
    const value = parse(`{"a": "${LONG}\n"}`);
    expect(serviceErrorThrownBy(() => withStrings(value)).message).toBe(
      'The body is malformed JSON: a control character',
    );
  });

  it('refuses a body that is not UTF-8', () => {
    const body = Buffer.concat([Buffer.from(`{"a": "${LONG}`), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(serviceErrorThrownBy(() => withStrings(parse(body))).message).toBe('The body is JSON that is not in UTF-8');
  });
});

import fc from 'fast-check';
import * as z from 'zod';
import { besidesPicture, itemBytes, PICTURE_SCHEMA } from '../../src/imaging/source.js';
import type { ServiceError } from '../../src/errors.js';

const BYTES = Uint8Array.from([0xfb, 0xef, 0xbe, 0xff, 0xd8, 0xff, 0xe0]);
const STANDARD = '++++/9j/4A==';
const URL_SAFE = '----_9j_4A';

function failure(value: unknown): Pick<ServiceError, 'code' | 'message'> {
  try {
    itemBytes(value);
  } catch (error) {
    const { code, message } = error as ServiceError;
    return { code, message };
  }
  throw new Error('itemBytes accepts it');
}

describe('itemBytes()', () => {
  it.each([
    ['plain base64', STANDARD],
    ['without padding', '++++/9j/4A'],
    ['the URL-safe alphabet', URL_SAFE],
    ['white space around and inside', ` ++++\r\n/9j/\n4A==\n`],
    ['a data URL', `data:image/jpeg;base64,${STANDARD}`],
    ['a data URL with parameters', `data:image/jpeg;name=a.jpg;base64,${STANDARD}`],
    ['a data URL without a type', `data:;base64,${STANDARD}`],
    ['a data URL in capitals', `DATA:image/JPEG;BASE64,${STANDARD}`],
    ["b'…' around all", `b'${STANDARD}'`],
    ['b"…" around all', `b"${STANDARD}"`],
    ["b'…' around the base64 of a data URL", `data:image/jpeg;base64,b'${STANDARD}'`],
    ["b'…' around a data URL", `b'data:image/jpeg;base64,${STANDARD}'`],
    ["b'…' with printed line ends", String.raw`b'++++\n/9j/4A==\n'`],
    ['bytes', BYTES],
    ['{b64}', { b64: STANDARD }],
    ['{data}', { data: `data:image/png;base64,${STANDARD}` }],
    ['{image: {b64}}', { image: { b64: `b'${STANDARD}'` } }],
    ['{image_bytes: {b64}}', { image_bytes: { b64: URL_SAFE } }],
    ['an object with other keys too', { id: 7, image_bytes: { b64: STANDARD, type: 'jpeg' } }],
  ])('reads %s', (_, value) => {
    expect(Buffer.from(itemBytes(value))).toEqual(Buffer.from(BYTES));
  });

  it('passes bytes on without a copy', () => {
    expect(itemBytes(BYTES)).toBe(BYTES);
  });

  it('gives back whatever bytes were encoded, in each form', () => {
    const form = fc.constantFrom(
      (text: string) => text,
      (text: string) => text.replace(/=+$/, ''),
      (text: string) => text.replaceAll('+', '-').replaceAll('/', '_'),
      (text: string) => text.replace(/(.{5})/g, '$1\n'),
      (text: string) => `b'${text}'`,
      (text: string) => `data:image/png;base64,${text}`,
      (text: string) => ({ image: { b64: `data:image/png;base64,b"${text}"` } }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), form, (bytes, wrap) => {
        const value = wrap(Buffer.from(bytes).toString('base64'));
        expect(Buffer.from(itemBytes(value)).equals(bytes)).toBe(true);
      }),
    );
  });

  it('finds one wrong character wherever it stands', () => {
    const text = Buffer.from(Uint8Array.from({ length: 60 }, (_, i) => i)).toString('base64');
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('%', '!', '.', '\0', 'é', '中'), (at, wrong) => {
        const { message } = failure(text.slice(0, at) + wrong + text.slice(at + 1));
        expect(message).toContain(`at position ${at} is no base64`);
      }),
    );
  });

  it.each([
    ['a wrong character', 'AAAA*AAA', 'the character "*" at position 4 is no base64'],
    ['a wrong character after white space', ' AA\nAA*AAA', 'the character "*" at position 6 is no base64'],
    ['a wrong character in a data URL', 'data:image/png;base64,AA*A', 'the character "*" at position 24 is no base64'],
    ['padding in the middle', 'AAA=AAAA', 'the character "=" at position 3 is no base64'],
    ['a lone character at the end', 'AAAAA', 'its length is not that of base64: one character is left over'],
    ["an unclosed b'", "b'AAAA", `the character "'" at position 1 is no base64`],
  ])('refuses %s', (_, value, problem) => {
    expect(failure(value)).toEqual({
      code: 'invalid_argument',
      message: `expected the picture as base64, but ${problem}`,
    });
  });

  const accepted = 'expected a base64 string, {"b64"}, {"data"}, {"image": {"b64"}} or {"image_bytes": {"b64"}}';
  it.each([
    [42, `${accepted}, received the number 42`],
    [true, `${accepted}, received the boolean true`],
    [null, `${accepted}, received null`],
    [undefined, `${accepted}, received nothing`],
    [['AAAA'], `${accepted}, received an array`],
    [{ url: 'x', id: 1 }, `${accepted}, received an object with the keys: url, id`],
    [{}, `${accepted}, received an object with the keys: `],
    [{ b64: 5 }, 'expected a base64 string for b64, received the number 5'],
    [{ image: 'AAAA' }, 'expected a base64 string for image.b64, received nothing'],
    [{ image_bytes: { b64: [] } }, 'expected a base64 string for image_bytes.b64, received an array'],
    ['data:image/png,abc', 'expected a data URL with ;base64, received data:image/png,'],
  ])('refuses %j', (value, message) => {
    expect(failure(value)).toEqual({ code: 'invalid_argument', message });
  });

  it.each(['', '  \n', "b''", 'data:image/png;base64,', "data:image/png;base64,b''", new Uint8Array(), { b64: '' }])(
    'refuses the empty %j',
    (value) => {
      expect(failure(value)).toEqual({ code: 'unprocessable', message: 'the picture is empty: it has 0 bytes' });
    },
  );

  it.each([
    ['http://example.com/a.jpg', 'pictures by URL are not allowed here'],
    [' HTTPS://example.com/a.jpg', 'pictures by URL are not allowed here'],
    ['path:/etc/passwd', 'pictures by path are not allowed here'],
    [{ data: 'https://example.com/a.jpg' }, 'pictures by URL are not allowed here'],
  ])('forbids %j', (value, message) => {
    expect(failure(value)).toEqual({ code: 'permission_denied', message });
  });

  it('names no more of a long message than needed', () => {
    const keys = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key${i}`, i]));
    expect(failure(keys).message.length).toBeLessThan(250);
  });

  it('decodes 20 MB', () => {
    const text = `data:image/jpeg;base64,b'${Buffer.alloc(20_000_000, 7).toString('base64')}'`;
    expect(itemBytes(text)).toHaveLength(20_000_000);
  });
});

describe('besidesPicture()', () => {
  it('gives what an object holds besides its picture', () => {
    const caption = { text: 'a cat', language: 'en' };
    expect(besidesPicture({ image: { b64: STANDARD }, caption, id: 7 })).toEqual({ caption, id: 7 });
  });

  it.each([['b64'], ['data'], ['image'], ['image_bytes']])('leaves out %s, whatever it holds', (key) => {
    expect(besidesPicture({ [key]: [1, 2], id: 7 })).toEqual({ id: 7 });
  });

  it('keeps a key that has a meaning in JavaScript as a key', () => {
    const carried = besidesPicture(JSON.parse(`{"b64":"${STANDARD}","__proto__":{"polluted":true}}`));
    expect(JSON.stringify(carried)).toBe('{"__proto__":{"polluted":true}}');
    expect(carried['polluted']).toBeUndefined();
  });

  it.each([
    ['a string', STANDARD],
    ['bytes', BYTES],
    ['null', null],
    ['a number', 7],
  ])('gives nothing for %s', (_, value) => {
    expect(besidesPicture(value)).toEqual({});
  });
});

describe('PICTURE_SCHEMA', () => {
  const schema = z.fromJSONSchema(PICTURE_SCHEMA as z.core.JSONSchema.JSONSchema);

  it.each([
    STANDARD,
    `data:image/png;base64,${STANDARD}`,
    { b64: STANDARD },
    { data: STANDARD },
    { image: { b64: STANDARD } },
    { image_bytes: { b64: STANDARD, type: 'jpeg' }, id: 7 },
  ])('takes %j, as itemBytes() does', (value) => {
    expect(schema.safeParse(value).success).toBe(true);
    expect(itemBytes(value)).toEqual(Buffer.from(BYTES));
  });

  it.each([42, null, [STANDARD], {}, { url: 'x' }, { b64: 5 }, { image: STANDARD }, { image_bytes: { b64: [] } }])(
    'refuses %j, as itemBytes() does',
    (value) => {
      expect(schema.safeParse(value).success).toBe(false);
      expect(failure(value).code).toBe('invalid_argument');
    },
  );
});

import { excerpt, ServiceError } from '../errors.js';
import { LongText } from '../long-text.js';
import { decodeBase64 } from './base64.js';

/** The forms that an item may have, for messages. */
const ACCEPTED = 'a base64 string, {"b64"}, {"data"}, {"image": {"b64"}} or {"image_bytes": {"b64"}}';

/** Where the V1 object forms keep their base64: paths of keys, tried in this order. */
const OBJECT_FORMS = [['b64'], ['data'], ['image', 'b64'], ['image_bytes', 'b64']] as const;

/** What itemBytes() takes, as JSON Schema; of a text it cannot say that it is a picture in base64. */
export const PICTURE_SCHEMA = {
  title: 'Picture',
  description: `A picture as JSON holds it: ${ACCEPTED}`,
  anyOf: [textSchema(), ...OBJECT_FORMS.map((form) => nestedSchema([...form]))],
};

/** Sources that would make the service fetch something, by the text they begin with. */
const FORBIDDEN_SOURCES = [
  { prefix: /^[a-z][a-z0-9+.-]*:\/\//i, message: 'pictures by URL are not allowed here' },
  { prefix: /^path:/i, message: 'pictures by path are not allowed here' },
] as const;

/** RFC 2397; the media type is not looked at, since the bytes tell the format. */
const DATA_URL = /^data:[^,]{0,200},/i;
const WRAPPERS = [
  ["b'", "'"],
  ['b"', '"'],
] as const;

/** A part of the client's string and where in it the part begins, so that messages name the client's positions. */
interface Part {
  readonly text: string;
  readonly from: number;
}

/**
 * The bytes of a picture as a client sent it.
 *
 * A string is a data URL or plain base64 (standard or URL-safe alphabet, padding optional, white space passed over),
 * each also inside `b'…'` or `b"…"`, which is what formatting Python bytes into a string gives. An object is one of
 * V1's forms. Bytes are passed on as they are.
 * @throws ServiceError `invalid_argument` for another type, an unknown form or text that is no base64, `unprocessable`
 * when there are no bytes, `permission_denied` for a URL or a path
 */
export function itemBytes(value: unknown): Uint8Array {
  const bytes = value instanceof Uint8Array ? value : stringBytes(itemText(value).toString());
  if (bytes.length === 0) throw new ServiceError('unprocessable', 'the picture is empty: it has 0 bytes');
  return bytes;
}

/**
 * What an object form holds besides its picture: a caption, say. Nothing for an item in another form, and none of the
 * keys under which a picture may stand.
 */
export function besidesPicture(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof LongText)
    return {};
  return Object.fromEntries(Object.entries(value).filter(([key]) => OBJECT_FORMS.every(([outer]) => outer !== key)));
}

/**
 * The text of an item that is a string or one of V1's objects.
 * @throws ServiceError `invalid_argument` for another type or an unknown form
 */
export function itemText(value: unknown): string | LongText {
  if (isText(value)) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ServiceError('invalid_argument', `expected ${ACCEPTED}, received ${describe(value)}`);
  }
  for (const form of OBJECT_FORMS) {
    const [outer, inner] = form;
    if (!Object.hasOwn(value, outer)) continue;
    const found = inner === undefined ? own(value, outer) : own(own(value, outer), inner);
    if (isText(found)) return found;
    const message = `expected a base64 string for ${form.join('.')}, received ${describe(found)}`;
    throw new ServiceError('invalid_argument', message);
  }
  const keys = excerpt(Object.keys(value).join(', '));
  throw new ServiceError('invalid_argument', `expected ${ACCEPTED}, received an object with the keys: ${keys}`);
}

function isText(value: unknown): value is string | LongText {
  return typeof value === 'string' || value instanceof LongText;
}

function textSchema() {
  return { type: 'string', description: 'A data URL (`data:image/png;base64,…`) or plain base64' };
}

function nestedSchema([key, ...keys]: readonly string[]): object {
  if (key === undefined) return textSchema();
  return { type: 'object', required: [key], properties: { [key]: nestedSchema(keys) } };
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (value === null) return 'null';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? `the ${typeof value} ${value}` : `a ${typeof value}`;
}

function stringBytes(value: string): Uint8Array {
  for (const { prefix, message } of FORBIDDEN_SOURCES) {
    if (prefix.test(value.slice(0, 20).trimStart())) throw new ServiceError('permission_denied', message);
  }
  const { text, from } = unwrap(withoutDataUrl(unwrap({ text: value, from: 0 })));
  return decodeBase64(text, from);
}

/** How plain base64 begins, and nothing else that an item may be: a URL, a path, `b'…'`. */
const PLAIN_BASE64 = /^[A-Za-z0-9+/]{32}/;

/** Longer than what stands before the base64 of a data URL, and PLAIN_BASE64. */
const BEGIN_BYTES = 256;

/**
 * The base64 of an item that came as a long text, plain or in a data URL, not looked through yet; undefined for all else
 * that an item may be.
 */
export function longBase64(value: unknown): LongText | undefined {
  const text = typeof value === 'object' && value !== null && !(value instanceof Uint8Array) ? itemText(value) : value;
  if (!(text instanceof LongText)) return undefined;
  const begin = text.bytes.subarray(0, BEGIN_BYTES).toString('latin1');
  const { length } = DATA_URL.exec(begin)?.[0] ?? '';
  if (length > 0 && !/;base64,$/i.test(begin.slice(0, length))) return undefined;
  return PLAIN_BASE64.test(begin.slice(length)) ? new LongText(text.bytes.subarray(length)) : undefined;
}

function withoutDataUrl({ text, from }: Part): Part {
  const prefix = DATA_URL.exec(text)?.[0];
  if (prefix === undefined) return { text, from };
  if (!/;base64,$/i.test(prefix)) {
    throw new ServiceError('invalid_argument', `expected a data URL with ;base64, received ${excerpt(prefix)}`);
  }
  return { text: text.slice(prefix.length), from: from + prefix.length };
}

/** Takes away white space around the text, and a `b'…'` around that. */
function unwrap(part: Part): Part {
  const { text, from } = trim(part);
  const wrapper = WRAPPERS.find(([open, close]) => text.length > 2 && text.startsWith(open) && text.endsWith(close));
  return wrapper === undefined ? { text, from } : trim({ text: text.slice(2, -1), from: from + 2 });
}

function trim({ text, from }: Part): Part {
  const start = text.trimStart();
  return { text: start.trimEnd(), from: from + text.length - start.length };
}

import { isUtf8 } from 'node:buffer';
import { excerpt, ServiceError } from '../../errors.js';
import { detectForeignFormat, detectFormat, FORMAT_NAMES } from '../../imaging/picture-format.js';
import { LongText } from '../../long-text.js';
import type { Item } from '../transformer.js';

/** The forms that an item may have, for messages. */
const ACCEPTED = 'a text, {"data": text} or {"text": text}';

/** The keys under which an object has its text, tried in this order. */
const KEYS = ['data', 'text'] as const;

/** What an item may be, as JSON Schema. */
export const TEXT_SCHEMA = {
  title: 'Text',
  description: `A text as JSON holds it: ${ACCEPTED}`,
  anyOf: [
    { type: 'string' },
    ...KEYS.map((key) => ({
      type: 'object',
      required: [key],
      properties: {
        [key]: { type: 'string' },
        target: {
          description: 'The class that `:explain` explains, by its label or its number; by default the one predicted',
        },
      },
    })),
  ],
};

/** What a client sent: a text, and for `:explain` the class that is to be explained where it names one. */
export interface SentText {
  readonly text: string;
  readonly target: unknown;
  /** Where it stands in the request, for messages. */
  readonly path: string;
}

type TextAndTarget = Omit<SentText, 'path'>;

/** A text as character codes, as the clients of KServe's TorchServe examples send it. */
export class CharacterCodes {
  /** @param codes Unicode code points */
  constructor(readonly codes: ArrayLike<number | bigint>) {}
}

/**
 * The text of an item, however it was sent: a string, bytes in UTF-8, one of V1's objects, or character codes. A string
 * that is itself a JSON object with a `text` is that text, since KServe's BERT client for explanations sends
 * `{"text": …, "target": …}` so.
 * @throws ServiceError `invalid_argument` for another form, `unprocessable` for what is no text, `payload_too_large`
 */
export function readText({ path, value }: Item, limits: { readonly maxChars: number }): SentText {
  const sent = fromValue(value, limits.maxChars);
  assertLength(sent.text.length, limits.maxChars);
  if (sent.text.includes('\0')) throw new ServiceError('unprocessable', 'not a text: it holds a NUL character');
  return { ...sent, path };
}

function fromValue(value: unknown, maxChars: number): TextAndTarget {
  if (value instanceof Uint8Array) return embedded(textOfBytes(value, maxChars));
  if (value instanceof LongText) return fromValue(value.bytes, maxChars);
  if (value instanceof CharacterCodes) return { text: textOfCodes(value.codes, maxChars), target: undefined };
  if (typeof value === 'string') return embedded(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(describe(value));
  const key = KEYS.find((candidate) => Object.hasOwn(value, candidate));
  if (key === undefined) throw unexpected(`an object with the keys: ${excerpt(Object.keys(value).join(', '))}`);
  const { target } = value as { target?: unknown };
  const inner = (value as Record<string, unknown>)[key];
  const isText = typeof inner === 'string' || inner instanceof LongText;
  // {"data": {"text": …}}, too, but no deeper.
  if (!isText && !(key === 'data' && hasText(inner))) throw notOfKey(key, inner);
  const sent = fromValue(inner, maxChars);
  return { text: sent.text, target: target ?? sent.target };
}

function hasText(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'text');
}

/** A text that is JSON of the form `{"text": …}`: what is in there. */
function embedded(text: string): TextAndTarget {
  const plain = { text, target: undefined };
  if (!/^\s*\{\s*"/.test(text) || !text.trimEnd().endsWith('}')) return plain;
  try {
    const { text: inner, target } = JSON.parse(text) as { text?: unknown; target?: unknown };
    return typeof inner === 'string' ? { text: inner, target } : plain;
  } catch {
    return plain;
  }
}

function textOfBytes(bytes: Uint8Array, maxChars: number): string {
  const format = detectFormat(bytes);
  if (format !== undefined) throw noText(`a ${FORMAT_NAMES[format]} picture`);
  // No character of UTF-8 has more than three bytes for each of UTF-16's units.
  assertLength(Math.ceil(bytes.byteLength / 3), maxChars);
  if (!isUtf8(bytes)) throw noText(detectForeignFormat(bytes) ?? 'bytes that are not UTF-8');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  // What some editors begin a file with.
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function textOfCodes(codes: ArrayLike<number | bigint>, maxChars: number): string {
  assertLength(codes.length, maxChars);
  return Array.from(codes, (code, index) => {
    const point = Number(code);
    if (point >= 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff)) return String.fromCodePoint(point);
    throw new ServiceError('unprocessable', `not a text: ${code}, at ${index}, is no character code of Unicode`);
  }).join('');
}

function assertLength(length: number, maxChars: number): void {
  if (length <= maxChars) return;
  const limit = `the limit of ${maxChars} (--text_classification_max_chars)`;
  throw new ServiceError('payload_too_large', `the text is longer than ${limit}`);
}

function noText(what: string): ServiceError {
  return new ServiceError('unprocessable', `not a text but ${what}; this service classifies texts`);
}

function unexpected(received: string): ServiceError {
  return new ServiceError('invalid_argument', `expected ${ACCEPTED}, received ${received}`);
}

function notOfKey(key: string, value: unknown): ServiceError {
  return new ServiceError('invalid_argument', `expected a text for ${key}, received ${describe(value)}`);
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? `the ${typeof value} ${value}` : `a ${typeof value}`;
}

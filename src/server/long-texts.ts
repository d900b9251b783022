import { randomUUID } from 'node:crypto';
import { LongText } from '../long-text.js';
import { assertModestJson, type JsonObject, parseModestJson } from './json-body.js';

/** Shorter texts are made strings: that takes less than to put them back in their places. */
const LONG_BYTES = 4096;

/** Of bodies with more strings and brackets all texts are made strings: to look through them would take too long. */
const MAX_PARTS = 20_000;

const BACKSLASH = '\\';

/** What follows a string that is the key of a member. */
const KEY = /^\s*:/;

/** How much white space may stand before a colon. */
const LOOK_AHEAD_BYTES = 64;

/** What stands for a long text while the rest is parsed; nobody can guess it. */
const TOKEN = `${randomUUID()}:`;

/**
 * Reads a body as a JSON object, as parseJsonObject does, but leaves its long texts as they are: each value that is one
 * is a LongText.
 * @throws ServiceError as parseJsonObject
 */
export function parseKeepingLongTexts(body: Buffer): JsonObject {
  const { parts, longStrings } = assertModestJson(body, LONG_BYTES);
  const texts = parts > MAX_PARTS ? [] : longStrings.filter((place) => isPlainValue(body, place));
  if (texts.length === 0) return parseModestJson(body);
  const pieces: Buffer[] = [];
  let at = 0;
  for (const [index, { from, to }] of texts.entries()) {
    pieces.push(body.subarray(at, from), Buffer.from(`${TOKEN}${index}`));
    at = to;
  }
  pieces.push(body.subarray(at));
  const values = texts.map(({ from, to }) => new LongText(body.subarray(from, to)));
  let rest: JsonObject;
  try {
    rest = parseModestJson(Buffer.concat(pieces));
  } catch {
    // For the message, which names a position of the body as it is.
    return parseModestJson(body);
  }
  return replaced(
    rest,
    (text) => (text.startsWith(TOKEN) ? values[Number(text.slice(TOKEN.length))] : undefined) ?? text,
  );
}

/** A value in which each LongText is a string. */
export function withStrings<T>(value: T): T {
  return replaced(value, (text) => text);
}

/** Whether a string is a value, and holds no escapes. */
function isPlainValue(body: Buffer, { from, to }: { readonly from: number; readonly to: number }): boolean {
  const next = body.subarray(to + 1, to + 1 + LOOK_AHEAD_BYTES).toString('latin1');
  return !KEY.test(next) && !body.subarray(from, to).includes(BACKSLASH);
}

/** The same value, with its strings and long texts replaced in place. */
function replaced<T>(value: T, replacement: (text: string) => unknown): T {
  if (typeof value === 'string') return replacement(value) as T;
  if (value instanceof LongText) return replacement(value.toString()) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, unknown>;
  for (const key of Object.keys(members)) {
    const member = members[key];
    const other = replaced(member, replacement);
    if (other === member) continue;
    // What an assignment would not do.
    if (key === '__proto__') Object.defineProperty(members, key, { value: other });
    else members[key] = other;
  }
  return value;
}

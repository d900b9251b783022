import { isUtf8 } from 'node:buffer';
import { ServiceError } from '../errors.js';
import { endOfString } from '../oip/json-string.js';

/** Triton's own bound of nesting. */
const MAX_DEPTH = 100;

/**
 * Strings and opening brackets: more than any request has that is within --max_items, and few enough that parsing
 * them does not stop the event loop for long. A parsed value takes up to fifty times its text, so the size of a body
 * alone bounds neither time nor memory.
 */
const MAX_PARTS = 1_000_000;

/**
 * Commas, which also part the numbers of a tensor; in a list of numbers each takes 8 bytes. Larger tensors go as binary
 * data.
 */
const MAX_COMMAS = 4_000_000;

const [QUOTE, COMMA] = Buffer.from('",');
const [OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = Buffer.from('[{]}');

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** White space of JSON (RFC 8259, 2). */
const WHITE_SPACE: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n'));

/** How much white space may stand before a JSON object. */
const MAX_LEADING = 512;

/** A JSON object's members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A body, and the JSON object that it is, where it is one. */
export interface JsonBody {
  readonly body: Buffer;
  readonly json: JsonObject | undefined;
}

/** Reads a body as a JSON object where it begins like one. Throws as parseJsonObject. */
export function jsonBody(body: Buffer): JsonBody {
  return { body, json: isJsonObject(body) ? parseJsonObject(body) : undefined };
}

/** Whether a body is a JSON object, by its first character that is no white space; a byte order mark is passed over. */
export function isJsonObject(body: Buffer): boolean {
  let at = startsWithMark(body) ? UTF8_BOM.length : 0;
  while (at < MAX_LEADING && WHITE_SPACE.has(body[at] ?? 0)) at++;
  return body[at] === OPEN_OBJECT;
}

/**
 * Reads a body as a JSON object.
 * @throws ServiceError `invalid_argument` when it is none, and as assertModestJson
 */
export function parseJsonObject(body: Buffer): Record<string, unknown> {
  assertModestJson(body);
  return parseModestJson(body);
}

/**
 * Reads a body that assertModestJson() has passed, as parseJsonObject does.
 * @throws ServiceError `invalid_argument` when it is no JSON object
 */
export function parseModestJson(body: Buffer): Record<string, unknown> {
  const text = jsonText(body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // V8's message may quote the body, so only the position is taken from it.
    const position = /at position \d+/.exec(String(error))?.[0];
    throw new ServiceError(
      'invalid_argument',
      `The body is malformed JSON${position === undefined ? '' : ` ${position}`}`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ServiceError('invalid_argument', 'The body is JSON, but no object');
}

/**
 * A body as the text of JSON, without its byte order mark.
 * @throws ServiceError `invalid_argument` when it is not UTF-8, which JSON is (RFC 8259, 8.1)
 */
export function jsonText(body: Buffer): string {
  const bytes = startsWithMark(body) ? body.subarray(UTF8_BOM.length) : body;
  if (!isUtf8(bytes)) throw new ServiceError('invalid_argument', 'The body is JSON that is not in UTF-8');
  return bytes.toString('utf8');
}

function startsWithMark(body: Buffer): boolean {
  return body.subarray(0, UTF8_BOM.length).equals(UTF8_BOM);
}

/** What is known of JSON before it is parsed. */
export interface ScannedJson {
  /** Strings and opening brackets. */
  readonly parts: number;
  /** Its strings of some length, without their quotes. */
  readonly longStrings: readonly { readonly from: number; readonly to: number }[];
}

/**
 * Checks, before JSON is parsed, that it holds no more tokens and no deeper nesting than a request needs. Strings are
 * skipped at the speed of a memory search. Whether it is JSON at all is left to the parser.
 * @param longBytes the length from which on strings are told of
 * @throws ServiceError `invalid_argument` naming the bound
 */
export function assertModestJson(text: Buffer, longBytes = Infinity): ScannedJson {
  const longStrings: { from: number; to: number }[] = [];
  let depth = 0;
  let parts = 0;
  let commas = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === QUOTE) {
      parts++;
      const from = at + 1;
      at = endOfString(text, from);
      if (at - from >= longBytes) longStrings.push({ from, to: at });
    } else if (byte === COMMA) {
      commas++;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      parts++;
      depth++;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth--;
    }
    if (depth > MAX_DEPTH)
      throw new ServiceError('invalid_argument', `The JSON is nested deeper than ${MAX_DEPTH} levels`);
    if (parts > MAX_PARTS)
      throw new ServiceError('invalid_argument', `The JSON holds more than ${MAX_PARTS} strings and brackets`);
    if (commas > MAX_COMMAS) {
      const message = `The JSON holds more than ${MAX_COMMAS} commas; send large tensors as binary data`;
      throw new ServiceError('invalid_argument', message);
    }
  }
  return { parts, longStrings };
}

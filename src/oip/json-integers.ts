import { endOfString } from './json-string.js';

/** From so many digits on an integer may be beyond 2^53, where JSON.parse rounds. */
const LONG_DIGITS = 16;

const [QUOTE = 0, MINUS = 0, ZERO = 0, NINE = 0] = Buffer.from('"-09');

/** How a number goes on behind its first digits: fraction and exponent. */
const BEHIND_DIGITS: ReadonlySet<number> = new Set(Buffer.from('0123456789.eE+-'));

/**
 * JSON text in which integers of 16 digits and more stand as strings, so that they keep their digits when it is parsed.
 * (Node 20's JSON.parse does not show a reviver the digits.) One pass over its bytes: a regular expression needs room
 * for each escape of a string, and runs out of it at some megabytes.
 */
export function quoteLongIntegers(text: string): string {
  const json = Buffer.from(text, 'utf8');
  // Two quotes for each integer that is long.
  const quoted = Buffer.allocUnsafe(json.length + 2 * Math.ceil(json.length / LONG_DIGITS));
  let read = 0;
  let written = 0;
  while (read < json.length) {
    const byte = json[read] ?? 0;
    if (byte === QUOTE) {
      const end = Math.min(json.length, endOfString(json, read + 1) + 1);
      written += json.copy(quoted, written, read, end);
      read = end;
    } else if (byte === MINUS || isDigit(byte)) {
      const { end, isLong } = numberAt(json, read);
      if (isLong) quoted[written++] = QUOTE;
      while (read < end) quoted[written++] = json[read++] ?? 0;
      if (isLong) quoted[written++] = QUOTE;
    } else {
      quoted[written++] = byte;
      read++;
    }
  }
  return quoted.toString('utf8', 0, written);
}

/** Whether a parsed number may have been rounded: an integer beyond ±(2^53 - 1). */
export function isRoundedInteger(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

/** Where the number that begins at a place ends, and whether it is an integer of many digits. */
function numberAt(json: Buffer, start: number): { end: number; isLong: boolean } {
  const digits = json[start] === MINUS ? start + 1 : start;
  let endOfDigits = digits;
  while (isDigit(json[endOfDigits])) endOfDigits++;
  let end = endOfDigits;
  while (BEHIND_DIGITS.has(json[end] ?? 0)) end++;
  return { end, isLong: end === endOfDigits && end - digits >= LONG_DIGITS };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

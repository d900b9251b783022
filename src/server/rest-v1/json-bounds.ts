import { ServiceError } from '../../errors.js';

/** Triton's own bound of nesting. */
const MAX_DEPTH = 100;

/**
 * Strings, commas and opening brackets: more than any request has that is within --max_items, and few enough that parsing
 * them does not stop the event loop for long. A parsed value takes up to fifty times its text, so the size of a body
 * alone bounds neither time nor memory.
 */
const MAX_TOKENS = 1_000_000;

const [QUOTE, BACKSLASH, COMMA] = Buffer.from('"\\,');
const [OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = Buffer.from('[{]}');

/**
 * Checks, before JSON is parsed, that it holds no more tokens and no deeper nesting than a request needs. Strings are
 * skipped at the speed of a memory search. Whether it is JSON at all is left to the parser.
 * @throws ServiceError `invalid_argument` naming the bound
 */
export function assertModestJson(text: Buffer): void {
  let depth = 0;
  let tokens = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === QUOTE) {
      tokens++;
      at = endOfString(text, at + 1);
    } else if (byte === COMMA) {
      tokens++;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      tokens++;
      depth++;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth--;
    }
    if (depth > MAX_DEPTH)
      throw new ServiceError('invalid_argument', `The JSON is nested deeper than ${MAX_DEPTH} levels`);
    if (tokens > MAX_TOKENS) {
      const message = `The JSON holds more than ${MAX_TOKENS} strings, commas and brackets`;
      throw new ServiceError('invalid_argument', message);
    }
  }
}

/** Where the string that begins at `from` ends: its closing quote, or the end of the text. */
function endOfString(text: Buffer, from: number): number {
  const quote = text.indexOf('"', from, 'latin1');
  if (quote < 0) return text.length;
  if (text[quote - 1] !== BACKSLASH) return quote;
  // Escapes: from here on byte by byte, since a search for each of millions of quotes would cost more.
  for (let at = from; at < text.length; at++) {
    if (text[at] === BACKSLASH) at++;
    else if (text[at] === QUOTE) return at;
  }
  return text.length;
}

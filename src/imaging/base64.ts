import { ServiceError } from '../errors.js';

const WRONG = 0;
const DIGIT = 1;
const SPACE = 2;
const PADDING = '='.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const BLANK = ' '.charCodeAt(0);

/** What each ASCII character is: a digit of the standard or the URL-safe alphabet (RFC 4648, 4 and 5), white space. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z0-9+/_-]/.test(character)) return DIGIT;
  return /\s/.test(character) ? SPACE : WRONG;
});

/**
 * Decodes base64 in either alphabet. Padding is optional; white space is passed over wherever it stands, also as the
 * two characters `\n` or `\r` of a printed Python bytes object. O(n): a text of 64 MB takes a fraction of a second,
 * whatever stands in it, since it is never searched by a regular expression.
 * @param from where the text begins in what the client sent, so that messages name the client's positions
 * @throws ServiceError `invalid_argument` naming the first character that is no base64, or that one is left over
 */
export function decodeBase64(text: string, from: number): Uint8Array {
  // A text beyond ASCII is refused below: of each character the decoder would take the lower byte.
  const isAscii = Buffer.byteLength(text) === text.length;
  const plain = isAscii && text.includes('\\') ? blankPrintedLineEnds(text) : text;
  const bytes = Buffer.from(plain, 'base64');
  const end = endOfDigits(plain);
  // Node's decoder skips what is no base64, which shows in the length of the result: only then one has to look.
  if (isAscii && end % 4 !== 1 && bytes.length === Math.floor((end * 3) / 4)) return bytes;
  if (countDigits(plain, end, from) % 4 === 1) {
    throw notBase64('its length is not that of base64: one character is left over');
  }
  return bytes;
}

/** Overwrites each `\n` and `\r` of two characters by two blanks, so that positions stay. */
function blankPrintedLineEnds(text: string): string {
  const codes = Buffer.from(text, 'latin1');
  for (let at = 0; at + 1 < codes.length; at++) {
    if (codes[at] !== BACKSLASH || (codes[at + 1] !== 0x6e && codes[at + 1] !== 0x72)) continue;
    codes[at] = BLANK;
    codes[at + 1] = BLANK;
  }
  return codes.toString('latin1');
}

/** Where the text ends without its padding, which is at most two characters, and the white space around that. */
function endOfDigits(text: string): number {
  let padding = 0;
  for (let end = text.length; end > 0; end--) {
    const code = text.charCodeAt(end - 1);
    if (code === PADDING && padding < 2) padding++;
    else if (KINDS[code] !== SPACE) return end;
  }
  return 0;
}

function countDigits(text: string, end: number, from: number): number {
  let digits = 0;
  for (let at = 0; at < end; at++) {
    const kind = KINDS[text.charCodeAt(at)];
    if (kind === DIGIT) digits++;
    else if (kind !== SPACE) {
      throw notBase64(`the character ${JSON.stringify(text.charAt(at))} at position ${from + at} is no base64`);
    }
  }
  return digits;
}

function notBase64(problem: string): ServiceError {
  return new ServiceError('invalid_argument', `expected the picture as base64, but ${problem}`);
}

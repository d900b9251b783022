import { excerpt } from '../../../errors.js';
import { notHttp } from './http-errors.js';

/** RFC 9112, 4. The space behind the status is missing in the answers of many servers that give no reason. */
const STATUS_LINE = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;

/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/** RFC 9110, 5.5: visible characters, what is beyond ASCII, spaces and tabs. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  /** The second number of its version: 0 for HTTP/1.0. */
  readonly minorVersion: number;
  /** By names in lower case; values of fields that come several times are joined by `, ` (RFC 9110, 5.3). */
  readonly headers: ReadonlyMap<string, string>;
}

/** How long a body is: so many bytes, Infinity for up to the connection's end, or in chunks that say so. */
export type Framing = number | 'chunked';

/** @throws ServiceError `upstream_error` when it is no status line of HTTP/1 */
export function parseStatusLine(line: string, subject: string): Pick<ResponseHead, 'status' | 'minorVersion'> {
  const match = STATUS_LINE.exec(line);
  if (match === null) throw notHttp(subject, `its first line is ${JSON.stringify(excerpt(line))}`);
  return { minorVersion: Number(match[1]), status: Number(match[2]) };
}

/**
 * Adds a header line to those before it. A line that goes on with the one before it (`obs-fold`) is refused, as is a
 * space before the colon: both are ways to hide a field from other readers (RFC 9112, 5.1 and 5.2).
 * @throws ServiceError `upstream_error` when it is none
 */
export function addHeaderLine(headers: Map<string, string>, line: string, subject: string): void {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon));
  const value = withoutSpace(line.slice(colon + 1));
  if (!TOKEN.test(name) || !FIELD_VALUE.test(value)) {
    throw notHttp(subject, `one of its header lines is ${JSON.stringify(excerpt(line))}`);
  }
  const lowerCase = name.toLowerCase();
  const before = headers.get(lowerCase);
  headers.set(lowerCase, before === undefined ? value : `${before}, ${value}`);
}

/**
 * How long the body is (RFC 9112, 6.3). What a head says twice and in different ways is refused: whoever reads the other
 * way takes the rest for an answer to someone else's call.
 * @throws ServiceError `upstream_error` when the head contradicts itself, or packs the body for the way
 */
export function framingOf({ status, minorVersion, headers }: ResponseHead, subject: string): Framing {
  if (hasNoBody(status)) return 0;
  const length = headers.get('content-length');
  const encoding = headers.get('transfer-encoding');
  if (encoding !== undefined) {
    if (length !== undefined) throw notHttp(subject, 'it has both a Content-Length and a Transfer-Encoding');
    if (minorVersion === 0) throw notHttp(subject, 'it has a Transfer-Encoding, which HTTP/1.0 has not');
    if (encoding.toLowerCase() === 'chunked') return 'chunked';
    throw notHttp(subject, `its Transfer-Encoding is ${JSON.stringify(excerpt(encoding))}, but "chunked" is expected`);
  }
  return length === undefined ? Infinity : parseLength(length, subject);
}

/** Whether the connection takes another request afterwards (RFC 9112, 9.3). */
export function isPersistent({ minorVersion, headers }: ResponseHead): boolean {
  const options = listOf(headers.get('connection')?.toLowerCase() ?? '');
  if (options.includes('close')) return false;
  return minorVersion > 0 || options.includes('keep-alive');
}

/** How long the server keeps the connection when idle, in milliseconds, if it says so: `Keep-Alive: timeout=5`. */
export function keepAliveMsOf({ headers }: Pick<ResponseHead, 'headers'>): number | undefined {
  const seconds = /(?:^|[,;\s])timeout=(\d+)/i.exec(headers.get('keep-alive') ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

/** One number, or the same several times. */
function parseLength(text: string, subject: string): number {
  const [first = '', ...others] = listOf(text);
  const length = /^\d+$/.test(first) ? Number(first) : NaN;
  if (Number.isSafeInteger(length) && others.every((other) => other === first)) return length;
  throw notHttp(subject, `its Content-Length is ${JSON.stringify(excerpt(text))}`);
}

function listOf(text: string): string[] {
  return text.split(',').map(withoutSpace);
}

/** Without the spaces and tabs around it; trim() would take more, and a pattern long for many spaces. */
function withoutSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start])) start++;
  while (start < end && isSpace(text[end - 1])) end--;
  return text.slice(start, end);
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

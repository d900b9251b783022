import { excerpt } from '../../../errors.js';
import { notSendable } from './http-errors.js';

/** Up to here it is quicker to join a request's pieces than to send them one by one, measured on a local Triton. */
const JOINED_BYTES = 64 * 1024;

/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/** RFC 9110, 5.5; a line's end in a value would begin a header, or a request, of someone's own. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** RFC 9112, 3.2.1: a path and a query, percent-encoded. */
const TARGET = /^\/[\x21-\x7e]*$/;

/** Those that say where a request goes and where it ends, which nobody else may. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** A request, as it goes on the wire. */
export interface WireRequest {
  readonly method: 'GET' | 'POST';
  /** With the query, percent-encoded. */
  readonly path: string;
  /** `host`, or `host:port`. */
  readonly authority: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Its pieces, one after the other. */
  readonly body: readonly Uint8Array[];
}

/**
 * Writes a request of HTTP/1.1: small ones in one piece, large pieces of a body as they are.
 * @throws ServiceError `invalid_argument` for a path or a header that would change the request
 */
export function requestBytes({ method, path, authority, headers, body }: WireRequest): readonly Uint8Array[] {
  if (!TARGET.test(path)) throw notSendable(`invalid path ${JSON.stringify(excerpt(path))}`);
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${authority}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (!TOKEN.test(name) || !FIELD_VALUE.test(value) || OWN_HEADERS.has(name.toLowerCase())) {
      throw notSendable(`invalid ${excerpt(name)} header`);
    }
    head += `${name}: ${value}\r\n`;
  }
  const bodyBytes = body.reduce((sum, piece) => sum + piece.byteLength, 0);
  // A request that could have a body says that it has none (RFC 9110, 8.6).
  if (method === 'POST' || bodyBytes > 0) head += `content-length: ${bodyBytes}\r\n`;
  const pieces = [Buffer.from(`${head}\r\n`, 'latin1'), ...body];
  return bodyBytes <= JOINED_BYTES ? [Buffer.concat(pieces)] : pieces;
}

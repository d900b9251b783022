import type { ServerResponse } from 'node:http';

/** A body, in pieces that follow one another, and the headers that describe it. */
export interface SentBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Uint8Array[];
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  sendBody(response, bodyOfJson(value), status);
}

/** A value as a body of JSON. */
export function bodyOfJson(value: unknown): SentBody {
  return { headers: { 'content-type': 'application/json' }, pieces: [Buffer.from(JSON.stringify(value), 'utf8')] };
}

/**
 * Sends a body's pieces one after the other; large ones are not copied. Headers go out as they are: Express's `set()`
 * would add a charset to JSON, which has none (RFC 8259, 11).
 */
export function sendBody(response: ServerResponse, { headers, pieces }: SentBody, status = 200): void {
  const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('content-length', length);
  for (const piece of pieces.slice(0, -1)) response.write(piece);
  response.end(pieces.at(-1));
}

import type { Response } from 'express';

/** Answers with JSON. */
export function sendJson(response: Response, body: unknown, status = 200): void {
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  const headers = { 'content-type': 'application/json', 'content-length': String(bytes.length) };
  setHeadersAsTheyAre(response.status(status), headers).end(bytes);
}

/** Sets headers. Express's own `set()` adds a charset to JSON, which has none (RFC 8259, 8.1 and 11). */
export function setHeadersAsTheyAre(response: Response, headers: Readonly<Record<string, string>>): Response {
  return response.setHeaders(new Map(Object.entries(headers)));
}

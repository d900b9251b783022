import type { Response } from 'express';

/** Answers with JSON. Express's own `json()` adds a charset, which JSON has none of (RFC 8259, 8.1, 11). */
export function sendJson(response: Response, body: unknown, status = 200): void {
  const bytes = Buffer.from(JSON.stringify(body), 'utf8');
  response
    .status(status)
    .set({ 'Content-Type': 'application/json', 'Content-Length': String(bytes.length) })
    .end(bytes);
}

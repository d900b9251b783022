import { excerpt } from '../errors.js';

/** Enough of a predictor's message to understand it, and not a page of it. */
const MAX_LENGTH = 300;

/** What is looked at: far more than is kept, and little enough to search. */
const MAX_SEARCHED = 2000;

/** What Triton's core puts in front: `[request id: <id_unknown>] `. */
const REQUEST_ID = /^\s*\[request id: [^\]]*\]\s*/;

/** Where a message ends: with its line, also one escaped by `repr`, or where a Python backend's stack begins. */
const END = /\r|\n|\\n|\bAt:|\bTraceback\b/;

/** A run of characters that holds a URL, else one that may be a path or a host. */
const TOKEN = /[^\s'"]*:\/\/[^\s'"]+|[^\s'"(),;=]+/g;

/** Of a token, that it tells where something is. */
const PLACES: readonly RegExp[] = [
  /:\/\//,
  // Absolute: `/mnt/model.py`, `./model.py`, `C:\model.py`; not `inputs/outputs`.
  /(?<!\w)[\\/]\w/,
  // Relative: `models/face/1`, `face/model.py`.
  /\w[\\/]\w[^\\/]*[\\/]\w/,
  /\w[\\/].*\.[a-z]\w*/i,
  // Hosts: `triton.faces:8001`, `gpu-node-7:8001`, `localhost:8001`, `10.0.0.7`, `triton.faces.svc`.
  /[a-z][\w-]*(?:\.[\w-]+)+:\d/i,
  /^[a-z]\w*-[\w-]*:\d{4,5}$/i,
  /\blocalhost\b/i,
  /\b\d{1,3}(?:\.\d{1,3}){3}\b/,
  /\.(?:svc|local|internal)\b/i,
];

/**
 * What clients may read of a predictor's own error text: its first line without stack, request id, file paths, URLs
 * and hosts (each becomes `…`), at most 300 characters. `no message` when nothing is left. The whole text belongs in
 * the error's cause, for the log.
 */
export function upstreamWords(text: string): string {
  const [line = ''] = text.slice(0, MAX_SEARCHED).replace(REQUEST_ID, '').trimStart().split(END, 1);
  const words = line.replace(TOKEN, (token) => (PLACES.some((place) => place.test(token)) ? '…' : token)).trim();
  return words === '' ? 'no message' : excerpt(words, MAX_LENGTH);
}

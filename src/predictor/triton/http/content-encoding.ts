import { constants } from 'node:buffer';
import { promisify } from 'node:util';
import { deflate, gunzip, gzip, inflate } from 'node:zlib';
import { excerpt } from '../../../errors.js';
import type { Compression } from '../connect-options.js';
import { answerTooLarge, invalidAnswer } from '../upstream-error.js';

/** zlib hands its output over in blocks of this size; its default of 16 KiB costs large tensors many turns. */
const BLOCK_BYTES = 128 * 1024;

/** Both ways of each encoding, off the event loop. `deflate` is zlib's format (RFC 9110, 8.4.1.2). */
const CODECS = {
  gzip: { pack: promisify(gzip), unpack: promisify(gunzip) },
  deflate: { pack: promisify(deflate), unpack: promisify(inflate) },
} as const satisfies Record<Exclude<Compression, 'none'>, unknown>;

/** The encodings that are understood, as the value of `Accept-Encoding`. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate';

/** A body's pieces, packed as one. */
export async function packBody(
  pieces: readonly Uint8Array[],
  compression: Exclude<Compression, 'none'>,
): Promise<Uint8Array> {
  return CODECS[compression].pack(Buffer.concat(pieces), { chunkSize: BLOCK_BYTES });
}

/**
 * An answer's body as it was before it was packed.
 * @param encoding the answer's `Content-Encoding`
 * @param limit.maxBytes the largest size of the body when unpacked: a few packed bytes may stand for gigabytes
 * @param limit.subject what was asked, for messages: `model face_detect`
 * @throws ServiceError `upstream_error` for an unknown encoding, for bytes that are not of it, and beyond the limit
 */
export async function unpackBody(
  body: Uint8Array,
  encoding: string,
  limit: { readonly maxBytes: number; readonly subject: string },
): Promise<Uint8Array> {
  const { maxBytes, subject } = limit;
  const name = encoding.trim().toLowerCase();
  if (name === 'identity') return body;
  if (name !== 'gzip' && name !== 'deflate') {
    const problem = `its content-encoding is ${JSON.stringify(excerpt(encoding))}, but ${ACCEPTED_ENCODINGS} is expected`;
    throw invalidAnswer(subject, problem);
  }
  const options = { maxOutputLength: Math.min(maxBytes, constants.MAX_LENGTH), chunkSize: BLOCK_BYTES };
  try {
    return await CODECS[name].unpack(body, options);
  } catch (error) {
    if (isTooLarge(error)) throw answerTooLarge(subject, error);
    throw invalidAnswer(subject, `it cannot be unpacked as ${name}`, error);
  }
}

function isTooLarge(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}

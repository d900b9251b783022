import { Buffer } from 'node:buffer';
import { FLAG, FRAME, FRAME_HEADER_BYTES, writeHead } from './frames.js';

/** The head of a request. */
export interface RequestHead {
  readonly streamId: number;
  /** The block's bytes as characters of latin1. */
  readonly block: string;
}

/** A whole request in one buffer: its headers, which fit a frame, and its body, which does too. */
export function wholeRequest({ streamId, block }: RequestHead, pieces: readonly Uint8Array[], length: number): Buffer {
  const bytes = Buffer.allocUnsafe(2 * FRAME_HEADER_BYTES + block.length + length);
  let at = writeHead(bytes, 0, { type: FRAME.headers, flags: FLAG.endHeaders, streamId, length: block.length });
  at += bytes.write(block, at, 'latin1');
  at = writeHead(bytes, at, { type: FRAME.data, flags: FLAG.endStream, streamId, length });
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The headers of a request whose body follows, in as many frames as they need (RFC 9113, 4.3). */
export function headerFrames({ streamId, block }: RequestHead, frameBytes: number): Buffer {
  const frameCount = Math.max(1, Math.ceil(block.length / frameBytes));
  const bytes = Buffer.allocUnsafe(frameCount * FRAME_HEADER_BYTES + block.length);
  let at = 0;
  for (let index = 0; index < frameCount; index++) {
    const part = block.slice(index * frameBytes, (index + 1) * frameBytes);
    const type = index === 0 ? FRAME.headers : FRAME.continuation;
    const flags = index === frameCount - 1 ? FLAG.endHeaders : 0;
    at = writeHead(bytes, at, { type, flags, streamId, length: part.length });
    at += bytes.write(part, at, 'latin1');
  }
  return bytes;
}

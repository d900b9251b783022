import { Buffer } from 'node:buffer';
import { FLAG, FRAME, FRAME_HEADER_BYTES, type FrameHead, readHead } from './frames.js';
import { Http2Fault } from './http2-fault.js';

/** Whom the frames are for. Contents are views that are good during the call alone. */
export interface FrameReceiver {
  /** A whole frame, but for DATA. */
  onFrame(head: FrameHead, content: Buffer): void;
  /** A part of what a DATA frame holds beside its padding; never empty. */
  onData(streamId: number, piece: Buffer): void;
  /** A DATA frame is over; its length, padding included, is what windows count. */
  onDataEnd(head: FrameHead): void;
}

/** Takes the bytes of a connection apart, however they are split. */
export interface FrameReader {
  /** @throws Http2Fault for a frame that is too large or padded beyond its end; and what the receiver throws */
  read(bytes: Buffer): void;
}

/**
 * Starts to read.
 * @param maxFrameBytes the largest content that was allowed to the server
 */
export function createFrameReader(receiver: FrameReceiver, maxFrameBytes: number): FrameReader {
  return new Reader(receiver, maxFrameBytes);
}

class Reader implements FrameReader {
  readonly #receiver: FrameReceiver;
  readonly #maxFrameBytes: number;
  readonly #headBytes = Buffer.alloc(FRAME_HEADER_BYTES);
  /** Of the head's bytes, or of the content's of a frame other than DATA, those that are here. */
  #collected = 0;
  #head: FrameHead | undefined;
  /** The content of a frame whose bytes came apart. */
  #content: Buffer | undefined;
  /** Of a DATA frame: the bytes to come, and how many of them are padding, which is known behind the first byte. */
  #left = 0;
  #padding: number | undefined;

  constructor(receiver: FrameReceiver, maxFrameBytes: number) {
    this.#receiver = receiver;
    this.#maxFrameBytes = maxFrameBytes;
  }

  read(bytes: Buffer): void {
    let at = 0;
    for (;;) {
      if (this.#head === undefined) at = this.#readHead(bytes, at);
      const head: FrameHead | undefined = this.#head;
      if (head === undefined) return;
      at = head.type === FRAME.data ? this.#readData(head, bytes, at) : this.#readContent(head, bytes, at);
      if (this.#head !== undefined) return;
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    if (this.#collected === 0 && bytes.length - at >= FRAME_HEADER_BYTES) {
      this.#begin(readHead(bytes, at));
      return at + FRAME_HEADER_BYTES;
    }
    const taken = bytes.copy(this.#headBytes, this.#collected, at);
    this.#collected += taken;
    if (this.#collected === FRAME_HEADER_BYTES) this.#begin(readHead(this.#headBytes, 0));
    return at + taken;
  }

  #begin(head: FrameHead): void {
    const { length, type, flags } = head;
    if (length > this.#maxFrameBytes) throw new Http2Fault('frameSizeError', `a frame of ${length} bytes`);
    this.#head = head;
    this.#collected = 0;
    this.#left = length;
    this.#padding = type === FRAME.data && (flags & FLAG.padded) !== 0 ? undefined : 0;
    if (this.#padding === undefined && length === 0) throw badPadding();
  }

  #readContent(head: FrameHead, bytes: Buffer, at: number): number {
    const end = at + head.length - this.#collected;
    if (end > bytes.length) {
      this.#content ??= Buffer.allocUnsafe(head.length);
      this.#collected += bytes.copy(this.#content, this.#collected, at);
      return bytes.length;
    }
    const content = this.#content ?? bytes.subarray(at, end);
    if (this.#content !== undefined) bytes.copy(this.#content, this.#collected, at, end);
    this.#content = undefined;
    this.#collected = 0;
    this.#head = undefined;
    this.#receiver.onFrame(head, content);
    return end;
  }

  #readData(head: FrameHead, bytes: Buffer, start: number): number {
    let at = start;
    if (this.#padding === undefined) {
      if (at === bytes.length) return at;
      this.#padding = bytes.readUInt8(at++);
      this.#left--;
      if (this.#padding > this.#left) throw badPadding();
    }
    const end = Math.min(bytes.length, at + this.#left);
    const dataEnd = Math.min(end, at + this.#left - this.#padding);
    this.#left -= end - at;
    const isOver = this.#left === 0;
    if (isOver) this.#head = undefined;
    if (dataEnd > at) this.#receiver.onData(head.streamId, bytes.subarray(at, dataEnd));
    if (isOver) this.#receiver.onDataEnd(head);
    return end;
  }
}

/** RFC 9113, 6.1. */
function badPadding(): Http2Fault {
  return new Http2Fault('protocolError', 'a frame is padded beyond its end');
}

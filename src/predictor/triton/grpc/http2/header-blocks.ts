import { Buffer } from 'node:buffer';
import { FLAG, FRAME, type FrameHead } from './frames.js';
import { Http2Fault } from './http2-fault.js';
import type { Headers, HpackDecoder } from './hpack-decoder.js';

/** Headers as they came, in one frame or several. */
export interface HeaderBlock {
  readonly streamId: number;
  readonly headers: Headers;
  /** Whether nothing follows on the stream. */
  readonly isEnd: boolean;
}

/** Puts header blocks together, from HEADERS frames and the CONTINUATION frames behind them (RFC 9113, 4.3). */
export interface HeaderBlocks {
  /** Whether a block has begun, within which no other frame may come. */
  readonly isOpen: boolean;
  /**
   * Takes a frame of HEADERS or CONTINUATION.
   * @returns the headers when they are whole
   * @throws Http2Fault for frames out of their order, malformed headers, and more than are read
   */
  add(head: FrameHead, content: Buffer): HeaderBlock | undefined;
}

/** The frames that one block may come in: each of an honest server's is as large as may be. */
const MAX_FRAMES = 16;

const PRIORITY_BYTES = 5;

/** @param maxBlockBytes the most that a block may take as it came */
export function createHeaderBlocks(decoder: HpackDecoder, maxBlockBytes: number): HeaderBlocks {
  let first: FrameHead | undefined;
  let pieces: Buffer[] = [];
  let blockBytes = 0;

  const finish = (begun: FrameHead, block: Buffer): HeaderBlock => {
    first = undefined;
    pieces = [];
    const isEnd = (begun.flags & FLAG.endStream) !== 0;
    return { streamId: begun.streamId, headers: decoder.decode(block), isEnd };
  };

  return {
    get isOpen() {
      return first !== undefined;
    },
    add: (head, content) => {
      const isContinuation = head.type === FRAME.continuation;
      if (isContinuation ? first?.streamId !== head.streamId : first !== undefined) throw outOfOrder();
      const begun = first ?? head;
      const piece = isContinuation ? content : withoutPadding(head, content);
      const isWhole = (head.flags & FLAG.endHeaders) !== 0;
      if (isWhole && !isContinuation) return finish(begun, piece);
      blockBytes = isContinuation ? blockBytes + piece.length : piece.length;
      if (pieces.length === MAX_FRAMES || blockBytes > maxBlockBytes) {
        throw new Http2Fault('enhanceYourCalm', 'the headers come in too many pieces');
      }
      first = begun;
      // The content is good during this call alone.
      pieces.push(Buffer.from(piece));
      return isWhole ? finish(begun, Buffer.concat(pieces)) : undefined;
    },
  };
}

/** RFC 9113, 6.2. */
function withoutPadding({ flags }: FrameHead, content: Buffer): Buffer {
  const isPadded = (flags & FLAG.padded) !== 0;
  const start = Number(isPadded) + ((flags & FLAG.priority) === 0 ? 0 : PRIORITY_BYTES);
  const end = content.length - (isPadded && content.length > 0 ? content.readUInt8(0) : 0);
  if (start > end) throw new Http2Fault('protocolError', 'a frame is padded beyond its end');
  return content.subarray(start, end);
}

function outOfOrder(): Http2Fault {
  return new Http2Fault('protocolError', 'the frames of headers are out of order');
}

import { Buffer } from 'node:buffer';
import type { SendWindow } from './flow-window.js';
import { DEFAULT_FRAME_BYTES, FLAG, FRAME, FRAME_HEADER_BYTES, writeHead } from './frames.js';
import type { RequestBody } from './request-body.js';

/** The largest frame that is sent, so that the bodies of several requests go side by side. */
const MAX_SENT_BYTES = 256 * 1024;

/** A body on its way. */
export interface SendingStream {
  readonly id: number;
  readonly body: RequestBody;
  readonly window: SendWindow;
}

/** Sends the bodies of requests as the windows allow, a frame of each in turn. */
export interface BodySender {
  /** Lines a stream up that has bytes left: a new one, or one whose window was widened. */
  add(stream: SendingStream): void;
  /** Sends nothing more of a stream. */
  remove(stream: SendingStream): void;
  /** Gives frames to `write`, up to about so many bytes. */
  send(maxBytes: number, write: (bytes: Uint8Array) => void): void;
  /** Heeds the largest content of a frame that the server takes. */
  setFrameBytes(bytes: number): void;
  /** Whether nothing waits to be sent; a stream whose own window is used up does not wait here. */
  readonly isIdle: boolean;
}

/** @param connectionWindow what all streams share */
export function createBodySender(connectionWindow: SendWindow): BodySender {
  const waiting = new Set<SendingStream>();
  let frameBytes = DEFAULT_FRAME_BYTES;

  const sendFrame = ({ id, body, window }: SendingStream, write: (bytes: Uint8Array) => void): number => {
    const length = Math.min(body.bytesLeft, window.bytes, connectionWindow.bytes, frameBytes);
    window.spend(length);
    connectionWindow.spend(length);
    const flags = length === body.bytesLeft ? FLAG.endStream : 0;
    const head = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
    writeHead(head, 0, { type: FRAME.data, flags, streamId: id, length });
    write(head);
    body.take(length).forEach(write);
    return FRAME_HEADER_BYTES + length;
  };

  return {
    add: (stream) => void waiting.add(stream),
    remove: (stream) => void waiting.delete(stream),
    send: (maxBytes, write) => {
      let sent = 0;
      // What is put back into the set comes again behind the others.
      for (const stream of waiting) {
        if (sent >= maxBytes || connectionWindow.bytes <= 0) return;
        waiting.delete(stream);
        // Where its own window is used up it is lined up again when that is widened.
        if (stream.window.bytes <= 0) continue;
        sent += sendFrame(stream, write);
        if (stream.body.bytesLeft > 0) waiting.add(stream);
      }
    },
    setFrameBytes: (bytes) => void (frameBytes = Math.min(bytes, MAX_SENT_BYTES)),
    get isIdle() {
      return waiting.size === 0;
    },
  };
}

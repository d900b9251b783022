import type { Buffer } from 'node:buffer';
import type { Headers } from './hpack-decoder.js';
import type { RequestHeaders } from './hpack-encoder.js';

/** One request. */
export interface Http2Request {
  readonly path: string;
  /** Those that not every request of the connection has. */
  readonly headers: RequestHeaders;
  /** The body's pieces, one behind the other; together not empty. They must not change until the answer has ended. */
  readonly pieces: readonly Uint8Array[];
}

/** Whom an answer is for. Either onEnd or onBroken comes last, unless the request is cancelled. */
export interface AnswerReceiver {
  /** The head of the answer, and then the trailers, if there are any. */
  onHeaders(headers: Headers): void;
  /** A part of the body; a view that is good during the call alone. */
  onData(piece: Buffer): void;
  onEnd(): void;
  /** The answer, or what was missing of it, does not come. */
  onBroken(cause: Error): void;
}

/** A request under way. */
export interface Http2Exchange {
  /** Resets the stream; the receiver hears nothing more. Does nothing behind the answer's end. */
  cancel(): void;
}

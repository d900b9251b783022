import type { Buffer } from 'node:buffer';
import { type BodySender, createBodySender, type SendingStream } from './body-sender.js';
import { createReceiveWindow, createSendWindow, type ReceiveWindow } from './flow-window.js';
import {
  DEFAULT_WINDOW_BYTES,
  FLAG,
  type FrameHead,
  MAX_31_BITS,
  rstStreamFrame,
  windowUpdateFrame,
} from './frames.js';
import type { AnswerReceiver, Http2Exchange, Http2Request } from './exchange.js';
import type { HeaderBlock } from './header-blocks.js';
import { createHpackEncoder, type HpackEncoder, type RequestHeaders } from './hpack-encoder.js';
import { type FaultCode, Http2Fault } from './http2-fault.js';
import { INITIAL_SETTINGS, type PeerSettings } from './peer-settings.js';
import { createRequestBody } from './request-body.js';
import { headerFrames, wholeRequest } from './request-frames.js';

/** Up to here a body goes out in one buffer with its headers, which is quicker than to send the pieces one by one. */
const JOINED_BYTES = 16 * 1024;

/** The requests of one connection and their answers (RFC 9113, 5 and 8.1). */
export interface Http2Streams {
  /** How many requests are under way or wait. */
  readonly count: number;
  /** Whether there are numbers left for further requests. */
  readonly hasNumbers: boolean;
  /** A request waits where the server allows no further stream, or the connection takes bytes more slowly than they come. */
  open(request: Http2Request, receiver: AnswerReceiver): Http2Exchange;
  /** Takes what the server sends. All throw Http2Fault where that cannot be. */
  onHeaders(block: HeaderBlock): void;
  onData(streamId: number, piece: Buffer): void;
  onDataEnd(head: FrameHead): void;
  onReset(streamId: number, code: number): void;
  /** 0 for the window of the connection. */
  onWindowUpdate(streamId: number, bytes: number): void;
  onSettings(settings: PeerSettings): void;
  /** Gives bodies' frames to the writer, up to about so many bytes. */
  send(maxBytes: number): void;
  /** Ends the requests whose streams are above a number, and those that wait. */
  breakAbove(streamId: number, cause: Error): void;
}

/** What the streams need of their connection. */
export interface StreamsOptions {
  /** The headers of every request, the pseudo headers first, without `:path`. */
  readonly headers: RequestHeaders;
  /** The window of each stream, for answers, in bytes. */
  readonly windowBytes: number;
  readonly writer: { write(bytes: Uint8Array): void; schedule(): void; readonly isBlocked: boolean };
  /** Called when the last request has ended. */
  readonly onIdle: () => void;
}

/** Starts without requests. */
export function createStreams(options: StreamsOptions): Http2Streams {
  return new Streams(options);
}

class Stream implements Http2Exchange {
  readonly request: Http2Request;
  readonly receiver: AnswerReceiver;
  readonly #onCancel: (stream: Stream) => void;
  /** 0 while it waits for its turn. */
  id = 0;
  /** While the body is not sent. */
  sending: SendingStream | undefined;
  window: ReceiveWindow | undefined;
  hasHead = false;

  constructor(request: Http2Request, receiver: AnswerReceiver, onCancel: (stream: Stream) => void) {
    this.request = request;
    this.receiver = receiver;
    this.#onCancel = onCancel;
  }

  cancel(): void {
    this.#onCancel(this);
  }
}

class Streams implements Http2Streams {
  readonly #options: StreamsOptions;
  readonly #encoder: HpackEncoder;
  readonly #sendWindow = createSendWindow(DEFAULT_WINDOW_BYTES);
  readonly #bodies: BodySender = createBodySender(this.#sendWindow);
  readonly #open = new Map<number, Stream>();
  readonly #waiting = new Set<Stream>();
  #settings = INITIAL_SETTINGS;
  #nextId = 1;

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#encoder = createHpackEncoder(options.headers);
  }

  get count(): number {
    return this.#open.size + this.#waiting.size;
  }

  get hasNumbers(): boolean {
    return this.#nextId + 2 * this.#waiting.size <= MAX_31_BITS;
  }

  open(request: Http2Request, receiver: AnswerReceiver): Http2Exchange {
    const stream = new Stream(request, receiver, this.#cancel);
    this.#waiting.add(stream);
    this.#startWaiting();
    return stream;
  }

  onHeaders({ streamId, headers, isEnd }: HeaderBlock): void {
    const stream = this.#find(streamId);
    if (stream === undefined) return;
    const isInterim = !stream.hasHead && headers.get(':status')?.startsWith('1') === true;
    if (isInterim && !isEnd) return;
    if (isInterim || (stream.hasHead && !isEnd)) {
      this.#refuse(stream, 'its headers are out of order');
      return;
    }
    stream.hasHead = true;
    stream.receiver.onHeaders(headers);
    // The receiver may have cancelled it.
    if (isEnd && this.#open.has(streamId)) this.#finish(stream);
  }

  onData(streamId: number, piece: Buffer): void {
    const stream = this.#find(streamId);
    if (stream?.hasHead === true) stream.receiver.onData(piece);
  }

  onDataEnd({ streamId, length, flags }: FrameHead): void {
    const stream = this.#find(streamId);
    if (stream === undefined) return;
    stream.window ??= createReceiveWindow(this.#options.windowBytes);
    const widening = stream.window.receive(length);
    const isEnd = (flags & FLAG.endStream) !== 0;
    if (!stream.hasHead) this.#refuse(stream, 'its body comes before its head');
    else if (isEnd) this.#finish(stream);
    else if (widening > 0) this.#options.writer.write(windowUpdateFrame(streamId, widening));
  }

  onReset(streamId: number, code: number): void {
    const stream = this.#find(streamId);
    if (stream === undefined) return;
    this.#remove(stream);
    stream.receiver.onBroken(new Error(`the server reset the stream, by code ${code}`));
  }

  onWindowUpdate(streamId: number, bytes: number): void {
    if (streamId === 0) {
      this.#sendWindow.widen(bytes);
    } else {
      const sending = this.#find(streamId)?.sending;
      if (sending === undefined) return;
      this.#widen(sending, bytes);
    }
    this.#options.writer.schedule();
  }

  onSettings(settings: PeerSettings): void {
    const widening = settings.windowBytes - this.#settings.windowBytes;
    this.#settings = settings;
    this.#encoder.setTableBytes(settings.tableBytes);
    this.#bodies.setFrameBytes(settings.frameBytes);
    for (const { sending } of this.#open.values()) if (sending !== undefined) this.#widen(sending, widening);
    this.#startWaiting();
    this.#options.writer.schedule();
  }

  send(maxBytes: number): void {
    this.#startWaiting();
    this.#bodies.send(maxBytes, (bytes) => this.#options.writer.write(bytes));
  }

  breakAbove(streamId: number, cause: Error): void {
    const broken = [...this.#open.values(), ...this.#waiting].filter(({ id }) => id === 0 || id > streamId);
    // First those that wait, so that none of them takes the place of another.
    this.#waiting.clear();
    for (const stream of broken) this.#remove(stream);
    for (const { receiver } of broken) receiver.onBroken(cause);
    if (this.count === 0) this.#options.onIdle();
  }

  #start(stream: Stream): void {
    const { path, headers, pieces } = stream.request;
    const { writer } = this.#options;
    const { windowBytes, frameBytes } = this.#settings;
    stream.id = this.#nextId;
    this.#nextId += 2;
    this.#open.set(stream.id, stream);
    const head = { streamId: stream.id, block: this.#encoder.encode(path, headers) };
    const body = createRequestBody(pieces);
    const { bytesLeft } = body;
    const isShort = bytesLeft <= Math.min(JOINED_BYTES, frameBytes, windowBytes, this.#sendWindow.bytes);
    if (isShort && head.block.length <= frameBytes && this.#bodies.isIdle) {
      this.#sendWindow.spend(bytesLeft);
      writer.write(wholeRequest(head, pieces, bytesLeft));
      return;
    }
    writer.write(headerFrames(head, frameBytes));
    stream.sending = { id: stream.id, body, window: createSendWindow(windowBytes) };
    this.#bodies.add(stream.sending);
  }

  #startWaiting(): void {
    for (const stream of this.#waiting) {
      if (this.#open.size >= this.#settings.maxStreams || this.#options.writer.isBlocked) return;
      this.#waiting.delete(stream);
      this.#start(stream);
    }
  }

  #widen(sending: SendingStream, bytes: number): void {
    sending.window.widen(bytes);
    if (sending.body.bytesLeft > 0) this.#bodies.add(sending);
  }

  /** The stream of a number, if it is still open: of one that was reset frames may be on their way. */
  #find(streamId: number): Stream | undefined {
    if (streamId % 2 === 0 || streamId >= this.#nextId) {
      throw new Http2Fault('protocolError', `a frame for the stream ${streamId}, which was never opened`);
    }
    return this.#open.get(streamId);
  }

  readonly #cancel = (stream: Stream): void => {
    if (this.#open.has(stream.id)) this.#reset(stream, 'cancel');
    else this.#remove(stream);
  };

  #refuse(stream: Stream, problem: string): void {
    this.#reset(stream, 'protocolError');
    stream.receiver.onBroken(new Error(`the answer is malformed: ${problem}`));
  }

  #finish(stream: Stream): void {
    // A server that has answered before it heard all does not want the rest.
    if (stream.sending !== undefined && stream.sending.body.bytesLeft > 0) this.#reset(stream, 'cancel');
    else this.#remove(stream);
    stream.receiver.onEnd();
  }

  #reset(stream: Stream, code: FaultCode): void {
    this.#options.writer.write(rstStreamFrame(stream.id, code));
    this.#remove(stream);
  }

  #remove(stream: Stream): void {
    const wasThere = this.#open.delete(stream.id) || this.#waiting.delete(stream);
    if (!wasThere) return;
    if (stream.sending !== undefined) this.#bodies.remove(stream.sending);
    this.#startWaiting();
    if (this.count === 0) this.#options.onIdle();
  }
}

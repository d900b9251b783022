import { wentAway } from '../upstream-error.js';
import { ChunkedBody } from './chunked-body.js';
import { notHttp } from './http-errors.js';
import { LineReader, type Received } from './line-reader.js';
import {
  addHeaderLine,
  framingOf,
  isPersistent,
  keepAliveMsOf,
  parseStatusLine,
  type ResponseHead,
} from './response-head.js';

/** For all heads of an answer, with interim ones; Triton's are of some hundred bytes. */
const MAX_HEAD_BYTES = 64 * 1024;

const EVERY_STATUS_LINE_BEGINS = 'HTTP/1.';

/** Who an answer is for. What onHead and onBody throw breaks the call off. */
export interface AnswerReceiver {
  /** @param bodyBytes how long the body is, where that is announced */
  onHead(head: ResponseHead, bodyBytes: number | undefined): void;
  /** Where the next bytes of a body of announced length can be put, if known; not empty, nor longer than the body. */
  space?(): Uint8Array | undefined;
  /** @param piece of the body: in `space`, or a view that is to be copied, as it will be overwritten */
  onBody(piece: Buffer): void;
  onEnd(): void;
}

/** Reads one answer of HTTP/1.1 (RFC 9112), however its bytes are cut. */
export class AnswerReader {
  readonly #subject: string;
  readonly #receiver: AnswerReceiver;
  readonly #lines: LineReader;
  #state: 'status' | 'headers' | 'body' | 'done' = 'status';
  #head: Omit<ResponseHead, 'headers'> & { readonly headers: Map<string, string> } = {
    status: 0,
    minorVersion: 0,
    headers: new Map(),
  };
  /** What is left of the body: so many bytes, Infinity up to the connection's end, or chunks. */
  #body: number | ChunkedBody = 0;
  #hasBegun = false;
  #hasSurplus = false;

  /** @param subject what was asked, for messages: `model face_detect` */
  constructor(subject: string, receiver: AnswerReceiver) {
    this.#subject = subject;
    this.#receiver = receiver;
    this.#lines = new LineReader(MAX_HEAD_BYTES, subject);
  }

  /** Whether any of it has come. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** How long the connection may idle now, in milliseconds: 0 when it takes no further request, Infinity when unsaid. */
  get keepAliveMs(): number {
    if (!this.isDone || this.#hasSurplus || this.#body === Infinity || !isPersistent(this.#head)) return 0;
    return keepAliveMsOf(this.#head) ?? Infinity;
  }

  /** Where the next bytes can be read to, if the receiver has a place and they can only be the body's. */
  space(): Uint8Array | undefined {
    return this.#state === 'body' && Number.isFinite(this.#body) ? this.#receiver.space?.() : undefined;
  }

  /**
   * Reads what has come.
   * @throws ServiceError `upstream_error` when it is not HTTP/1.1; what the receiver throws
   */
  read(bytes: Buffer): void {
    this.#hasBegun = true;
    const received = { bytes, offset: 0 };
    while (this.#state !== 'done' && received.offset < bytes.length) {
      if (this.#state === 'body') this.#readBody(received);
      else this.#readHead(received);
    }
    this.#hasSurplus = received.offset < bytes.length;
  }

  /**
   * The server has ended the connection.
   * @throws ServiceError `unavailable` when the answer has not come to its end by that
   */
  endOfConnection(): void {
    if (this.#state !== 'body' || this.#body !== Infinity) {
      throw wentAway(new Error('the server closed the connection within its answer'), this.#hasBegun);
    }
    this.#finish();
  }

  #readHead(received: Received): void {
    const line = this.#lines.next(received);
    if (line === undefined) this.#assertMayBeHttp(this.#lines.held);
    else if (this.#state === 'status') {
      this.#head = { ...parseStatusLine(line, this.#subject), headers: new Map() };
      this.#state = 'headers';
    } else if (line !== '') addHeaderLine(this.#head.headers, line, this.#subject);
    else if (this.#head.status >= 200) this.#beginBody();
    else this.#endInterim();
  }

  /** What speaks another protocol may never send a line's end. */
  #assertMayBeHttp(begin: string): void {
    const common = Math.min(begin.length, EVERY_STATUS_LINE_BEGINS.length);
    if (this.#state !== 'status' || begin.startsWith(EVERY_STATUS_LINE_BEGINS.slice(0, common))) return;
    throw notHttp(this.#subject, 'it does not begin with a status line');
  }

  /** The final answer follows (RFC 9110, 15.2), unless the server now speaks what nobody asked for. */
  #endInterim(): void {
    if (this.#head.status === 101) throw notHttp(this.#subject, 'it switches to another protocol');
    this.#state = 'status';
  }

  #beginBody(): void {
    const framing = framingOf(this.#head, this.#subject);
    this.#receiver.onHead(this.#head, framing === 'chunked' || framing === Infinity ? undefined : framing);
    this.#state = 'body';
    const onPiece = (piece: Buffer) => this.#receiver.onBody(piece);
    this.#body = framing === 'chunked' ? new ChunkedBody(this.#subject, onPiece) : framing;
    if (framing === 0) this.#finish();
  }

  #readBody(received: Received): void {
    if (this.#body instanceof ChunkedBody) {
      if (this.#body.read(received)) this.#finish();
      return;
    }
    const { bytes, offset } = received;
    const end = Math.min(bytes.length, offset + this.#body);
    received.offset = end;
    this.#body -= end - offset;
    this.#receiver.onBody(bytes.subarray(offset, end));
    if (this.#body === 0) this.#finish();
  }

  #finish(): void {
    this.#state = 'done';
    this.#receiver.onEnd();
  }
}

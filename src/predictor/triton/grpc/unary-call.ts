import type { Buffer } from 'node:buffer';
import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader, OutgoingHttpHeaders } from 'node:http2';
import { abortReason } from '../../../concurrency/deadline.js';
import type { ServiceError } from '../../../errors.js';
import { invalidAnswer, wentAway } from '../upstream-error.js';
import { fromGrpcStatus, fromHttpStatus } from './grpc-errors.js';
import type { Http2Connection } from './http2-connection.js';
import { createMessageCollector, framePieces, type MessageCollector, type ReceivedMessage } from './message-frame.js';

const HTTP2_CANCEL = 8;
const HTTP_OK = 200;
const GRPC_OK = '0';

/** One request with one answer. */
export interface UnaryRequest {
  /** Pseudo headers included. */
  readonly headers: OutgoingHttpHeaders;
  /** Sent one behind the other; they must not change until the call has ended. */
  readonly pieces: readonly Uint8Array[];
  /** Whether the message is packed, as `grpc-encoding` among the headers says. */
  readonly isPacked: boolean;
}

/** What bounds the reading of the answer. */
export interface UnaryOptions {
  readonly signal: AbortSignal;
  readonly maxAnswerBytes: number;
  /** What was asked, for messages: `model face_detect`. */
  readonly subject: string;
}

/** The answer's message, and how it is packed if it is. */
export interface UnaryAnswer extends ReceivedMessage {
  readonly encoding: string;
}

/**
 * Makes a unary call of gRPC over HTTP/2 (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md). It takes half of grpc-js'
 * time, and copies a large message once instead of three times, each way.
 * @throws ServiceError as Predictor says; the signal's reason when it is aborted, which cancels the call
 */
export function callUnary(
  connection: Http2Connection,
  request: UnaryRequest,
  options: UnaryOptions,
): Promise<UnaryAnswer> {
  return new Promise((resolve, reject) => {
    const stream = connection.request(request.headers);
    new UnaryCall(stream, options, { resolve, reject });
    stream.cork();
    for (const piece of framePieces(request.pieces, request.isPacked)) stream.write(piece);
    stream.end();
    stream.uncork();
  });
}

interface Outcome {
  resolve(answer: UnaryAnswer): void;
  reject(error: ServiceError): void;
}

/** Follows one call to its end. */
class UnaryCall {
  readonly #stream: ClientHttp2Stream;
  readonly #options: UnaryOptions;
  readonly #outcome: Outcome;
  readonly #message: MessageCollector;
  #headers: IncomingHttpHeaders | undefined;
  /** The headers that hold the status: those behind the message, or the first ones where there is no message. */
  #trailers: IncomingHttpHeaders | undefined;
  #cause: unknown;
  #isSettled = false;

  constructor(stream: ClientHttp2Stream, options: UnaryOptions, outcome: Outcome) {
    this.#stream = stream;
    this.#options = options;
    this.#outcome = outcome;
    this.#message = createMessageCollector(options);
    stream.on('response', (headers) => this.#onResponse(headers));
    stream.on('data', (piece: Buffer) => this.#onData(piece));
    stream.on('trailers', (trailers: IncomingHttpHeaders) => void (this.#trailers = trailers));
    stream.on('end', () => this.#onEnd());
    stream.on('error', (error) => void (this.#cause = error));
    stream.on('close', () => this.#onClose());
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal.aborted) this.#onAbort();
  }

  readonly #onAbort = (): void => this.#fail(abortReason(this.#options.signal));

  #onResponse(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    this.#headers = headers;
    const httpStatus = Number(headers[':status']);
    if (headers['grpc-status'] !== undefined) this.#trailers = headers;
    // What else such an answer holds is a page for people.
    else if (httpStatus !== HTTP_OK) this.#fail(fromHttpStatus(httpStatus, this.#options.subject));
  }

  #onData(piece: Buffer): void {
    if (this.#isSettled) return;
    try {
      this.#message.add(piece);
    } catch (error) {
      this.#fail(error as ServiceError);
    }
  }

  #onEnd(): void {
    if (!this.#isSettled && this.#trailers?.['grpc-status'] !== undefined) this.#finish(this.#trailers);
  }

  /** Comes behind everything else, however the call ended. */
  #onClose(): void {
    this.#onEnd();
    if (this.#isSettled) return;
    const cause = this.#cause ?? new Error(`the call ended without a status, by code ${this.#stream.rstCode}`);
    this.#fail(wentAway(cause, this.#headers !== undefined));
  }

  #finish(trailers: IncomingHttpHeaders): void {
    const { subject } = this.#options;
    const code = String(trailers['grpc-status']);
    if (code !== GRPC_OK) {
      const text = decodePercents(String(trailers['grpc-message'] ?? ''));
      const cause = new Error(`gRPC status ${code}: ${text}`);
      this.#fail(fromGrpcStatus({ code: Number(code), text }, subject, cause));
      return;
    }
    const message = this.#message.message();
    if (message === undefined) {
      this.#fail(invalidAnswer(subject, 'its message is missing or incomplete'));
      return;
    }
    this.#settle();
    this.#outcome.resolve({ ...message, encoding: String(this.#headers?.['grpc-encoding'] ?? 'identity') });
  }

  #fail(error: ServiceError): void {
    this.#settle();
    this.#outcome.reject(error);
    if (!this.#stream.closed) this.#stream.close(HTTP2_CANCEL);
  }

  #settle(): void {
    this.#isSettled = true;
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }
}

/** A status' text has its characters beyond ASCII as percents; one that is wrong is read as it stands. */
function decodePercents(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

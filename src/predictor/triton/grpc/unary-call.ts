import type { Buffer } from 'node:buffer';
import { abortReason } from '../../../concurrency/deadline.js';
import type { ServiceError } from '../../../errors.js';
import { toClientError } from '../client-error.js';
import type { TransportCall } from '../transport.js';
import { invalidAnswer, wentAway } from '../upstream-error.js';
import { fromGrpcStatus, fromHttpStatus } from './grpc-errors.js';
import type { Headers } from './http2/hpack-decoder.js';
import type { RequestHeaders } from './http2/hpack-encoder.js';
import type { AnswerReceiver, Http2Exchange } from './http2/exchange.js';
import type { Http2Connection } from './http2-connection.js';
import { createMessageCollector, framePieces, type MessageCollector, type ReceivedMessage } from './message-frame.js';

const HTTP_OK = '200';

/** `application/grpc`, `application/grpc+proto`; none at all is taken for it. */
const GRPC_CONTENT = /^application\/grpc\b/;
const GRPC_OK = '0';

/** What HTTP/2 and gRPC say for themselves, and metadata that are bytes. */
const NOT_TOLD = /^:|^grpc-|-bin$/;

/** One request with one answer. */
export interface UnaryRequest {
  readonly path: string;
  /** Without pseudo headers, and without those of every request. */
  readonly headers: RequestHeaders;
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
  /** Told the answer's own headers; what it throws fails the call. */
  readonly onResponseHeaders: TransportCall['onResponseHeaders'];
}

/** The answer's message, and how it is packed if it is. */
export interface UnaryAnswer extends ReceivedMessage {
  readonly encoding: string;
}

/**
 * Makes a unary call of gRPC over HTTP/2 (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md), with one copy of the message
 * each way at most.
 * @throws ServiceError as Predictor says; the signal's reason when it is aborted, which cancels the call
 */
export function callUnary(
  connection: Http2Connection,
  request: UnaryRequest,
  options: UnaryOptions,
): Promise<UnaryAnswer> {
  return new Promise((resolve, reject) => new UnaryCall(options, { resolve, reject }).start(connection, request));
}

interface Outcome {
  resolve(answer: UnaryAnswer): void;
  reject(error: ServiceError): void;
}

/** Follows one call to its end. */
class UnaryCall implements AnswerReceiver {
  readonly #options: UnaryOptions;
  readonly #outcome: Outcome;
  readonly #message: MessageCollector;
  #exchange: Http2Exchange | undefined;
  #headers: Headers | undefined;
  /** The headers that came last hold the status: those behind the message, or the only ones. */
  #trailers: Headers | undefined;

  constructor(options: UnaryOptions, outcome: Outcome) {
    this.#options = options;
    this.#outcome = outcome;
    this.#message = createMessageCollector(options);
  }

  start(connection: Http2Connection, { path, headers, pieces, isPacked }: UnaryRequest): void {
    const { signal } = this.#options;
    if (signal.aborted) throw abortReason(signal);
    this.#exchange = connection.request({ path, headers, pieces: framePieces(pieces, isPacked) }, this);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onHeaders(headers: Headers): void {
    const isHead = this.#headers === undefined;
    this.#headers ??= headers;
    this.#trailers = headers;
    const { subject } = this.#options;
    if (isHead) this.#tell(headers);
    const httpStatus = headers.get(':status');
    const isForeign = httpStatus === HTTP_OK && !GRPC_CONTENT.test(headers.get('content-type') ?? 'application/grpc');
    if (isForeign) this.#cancel(invalidAnswer(subject, 'it is not gRPC'));
    // What else such an answer holds is a page for people.
    const isPage = httpStatus !== undefined && httpStatus !== HTTP_OK && !headers.has('grpc-status');
    if (isPage) this.#cancel(fromHttpStatus(Number(httpStatus), subject));
  }

  onData(piece: Buffer): void {
    try {
      this.#message.add(piece);
    } catch (error) {
      this.#cancel(toClientError(error));
    }
  }

  onEnd(): void {
    this.#letGo();
    const code = this.#trailers?.get('grpc-status');
    if (code === undefined) this.#fail(wentAway(new Error('the call ended without a status'), true));
    else if (code === GRPC_OK) this.#resolve();
    else this.#fail(this.#statusError(code, decodePercents(this.#trailers?.get('grpc-message') ?? '')));
  }

  onBroken(cause: Error): void {
    this.#letGo();
    this.#fail(wentAway(cause, this.#headers !== undefined));
  }

  #tell(headers: Headers): void {
    try {
      this.#options.onResponseHeaders?.(new Map([...headers].filter(([name]) => !NOT_TOLD.test(name))));
    } catch (error) {
      this.#cancel(toClientError(error));
    }
  }

  readonly #onAbort = (): void => this.#cancel(abortReason(this.#options.signal));

  #resolve(): void {
    const message = this.#message.message();
    if (message === undefined) {
      this.#fail(invalidAnswer(this.#options.subject, 'its message is missing or incomplete'));
      return;
    }
    const encoding = this.#headers?.get('grpc-encoding') ?? 'identity';
    this.#outcome.resolve({ ...message, encoding });
  }

  #statusError(code: string, text: string): ServiceError {
    const cause = new Error(`gRPC status ${code}: ${text}`);
    return fromGrpcStatus({ code: Number(code), text }, this.#options.subject, cause);
  }

  #cancel(error: ServiceError): void {
    this.#letGo();
    this.#exchange?.cancel();
    this.#fail(error);
  }

  #fail(error: ServiceError): void {
    this.#outcome.reject(error);
  }

  #letGo(): void {
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

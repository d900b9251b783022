import { constants } from 'node:buffer';
import type { Dispatcher } from 'undici';
import { abortReason } from '../../../concurrency/deadline.js';
import { answerTooLarge } from '../upstream-error.js';
import { headerOf, type HttpAnswer } from './http-answer.js';
import { fromConnectionError } from './http-errors.js';
import { HEADER_LENGTH } from './infer-body.js';

/** The largest element of a tensor, in bytes: what lies aligned to it can be viewed as any datatype. */
const ALIGNMENT = 8;

/** What bounds the reading of an answer. */
export interface CollectOptions {
  readonly signal: AbortSignal;
  readonly maxAnswerBytes: number;
  /** What was asked, for messages: `model face_detect`. */
  readonly subject: string;
}

/**
 * Sends a request and gathers its answer in one buffer, allocated once where the length is announced, and such that the
 * first binary tensor lies aligned. This is what `pool.request` and its streams do in more copies and turns.
 * @throws ServiceError the signal's reason when it is aborted; else as fromConnectionError
 */
export function collectAnswer(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  options: CollectOptions,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (options.signal.aborted) reject(abortReason(options.signal));
    else dispatcher.dispatch(request, new AnswerCollector(options, { resolve, reject }));
  });
}

interface Outcome {
  resolve(answer: HttpAnswer): void;
  reject(error: unknown): void;
}

/** Follows one request on its way. What its methods throw breaks the request off and comes back as onResponseError. */
class AnswerCollector implements Dispatcher.DispatchHandler {
  readonly #options: CollectOptions;
  readonly #outcome: Outcome;
  #controller: Dispatcher.DispatchController | undefined;
  #hasAnswerBegun = false;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};
  /** Where the body goes when its length is announced. */
  #buffer: Buffer | undefined;
  /** Its pieces when it is not. */
  readonly #pieces: Buffer[] = [];
  #receivedBytes = 0;

  constructor(options: CollectOptions, outcome: Outcome) {
    this.#options = options;
    this.#outcome = outcome;
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Aborted while it waited for a connection, which is as good as new: to throw leaves it whole.
    if (this.#options.signal.aborted) throw abortReason(this.#options.signal);
    this.#controller = controller;
  }

  onResponseStarted(): void {
    this.#hasAnswerBegun = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: HttpAnswer['headers']): void {
    // An interim answer; the final one follows (RFC 9110, 15.2).
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    const length = headerOf({ headers }, 'content-length');
    if (length === undefined) return;
    // Said beforehand: there is no need to read up to the limit.
    this.#assertWithinLimit(Number(length));
    this.#buffer = this.#allocate(Number(length));
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Buffer): void {
    this.#assertWithinLimit(this.#receivedBytes + piece.byteLength);
    if (this.#buffer === undefined) this.#pieces.push(piece);
    else piece.copy(this.#buffer, this.#receivedBytes);
    this.#receivedBytes += piece.byteLength;
  }

  onResponseEnd(): void {
    this.#letGo();
    this.#outcome.resolve({ status: this.#status, headers: this.#headers, body: this.#buffer ?? this.#join() });
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#letGo();
    this.#outcome.reject(fromConnectionError(error, this.#options.subject, this.#hasAnswerBegun));
  }

  readonly #onAbort = (): void => {
    const reason = abortReason(this.#options.signal);
    if (this.#controller === undefined) this.#outcome.reject(reason);
    else this.#controller.abort(reason);
  };

  #letGo(): void {
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }

  #assertWithinLimit(bytes: number): void {
    const { maxAnswerBytes, subject } = this.#options;
    const max = Math.min(maxAnswerBytes, constants.MAX_LENGTH - ALIGNMENT);
    if (bytes > max) throw answerTooLarge(subject, new RangeError(`${bytes} bytes, but at most ${max} are read`));
  }

  /** A buffer whose first tensor, behind the JSON, will be aligned. */
  #allocate(bytes: number): Buffer {
    const jsonBytes = Number(headerOf({ headers: this.#headers }, HEADER_LENGTH) ?? 0);
    // What is missing to the next multiple; 0 where the header is no number, which the decoder says.
    const padding = -jsonBytes & (ALIGNMENT - 1);
    return Buffer.allocUnsafe(padding + bytes).subarray(padding);
  }

  #join(): Buffer {
    const joined = this.#allocate(this.#receivedBytes);
    let offset = 0;
    for (const piece of this.#pieces) offset += piece.copy(joined, offset);
    return joined;
  }
}

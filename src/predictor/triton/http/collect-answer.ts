import { constants } from 'node:buffer';
import type { ServiceError } from '../../../errors.js';
import { answerTooLarge } from '../upstream-error.js';
import type { HttpAnswer } from './http-answer.js';
import type { CallReceiver, Exchange, HttpSocket } from './http-socket.js';
import { HEADER_LENGTH } from './infer-body.js';
import type { ResponseHead } from './response-head.js';

/** The largest element of a tensor, in bytes: what lies aligned to it can be viewed as any datatype. */
const ALIGNMENT = 8;

/** For a body of unknown length at first. */
const FIRST_BYTES = 16 * 1024;

/**
 * Sends a request and gathers its answer in one buffer, allocated once and read to directly where the length is
 * announced, and such that the first binary tensor lies aligned.
 * @throws ServiceError the signal's reason when it is aborted; else as Predictor says
 */
export function collectAnswer(
  socket: Pick<HttpSocket, 'start'>,
  exchange: Omit<Exchange, 'receiver'> & { readonly maxAnswerBytes: number },
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    socket.start({ ...exchange, receiver: new AnswerCollector(exchange, { resolve, reject }) });
  });
}

interface Outcome {
  resolve(answer: HttpAnswer): void;
  reject(error: ServiceError): void;
}

class AnswerCollector implements CallReceiver {
  readonly #maxBytes: number;
  readonly #subject: string;
  readonly #outcome: Outcome;
  #head: ResponseHead | undefined;
  #buffer: Buffer = Buffer.alloc(0);
  #receivedBytes = 0;

  constructor({ maxAnswerBytes, subject }: { maxAnswerBytes: number; subject: string }, outcome: Outcome) {
    this.#maxBytes = Math.min(maxAnswerBytes, constants.MAX_LENGTH - ALIGNMENT);
    this.#subject = subject;
    this.#outcome = outcome;
  }

  onHead(head: ResponseHead, bodyBytes: number | undefined): void {
    this.#head = head;
    if (bodyBytes === undefined) return;
    // Said beforehand: there is no need to read up to the limit.
    this.#assertWithinLimit(bodyBytes);
    this.#buffer = this.#allocate(bodyBytes);
  }

  space(): Uint8Array {
    return this.#buffer.subarray(this.#receivedBytes);
  }

  onBody(piece: Buffer): void {
    const bytes = this.#receivedBytes + piece.byteLength;
    this.#assertWithinLimit(bytes);
    if (bytes > this.#buffer.byteLength) this.#growTo(bytes);
    const isInPlace =
      piece.buffer === this.#buffer.buffer && piece.byteOffset === this.#buffer.byteOffset + this.#receivedBytes;
    if (!isInPlace) piece.copy(this.#buffer, this.#receivedBytes);
    this.#receivedBytes = bytes;
  }

  onEnd(): void {
    const { status = 0, headers = new Map<string, string>() } = this.#head ?? {};
    this.#outcome.resolve({ status, headers, body: this.#buffer.subarray(0, this.#receivedBytes) });
  }

  onError(error: ServiceError): void {
    this.#outcome.reject(error);
  }

  #assertWithinLimit(bytes: number): void {
    const max = this.#maxBytes;
    if (bytes > max) throw answerTooLarge(this.#subject, new RangeError(`${bytes} bytes, but at most ${max} are read`));
  }

  /** Doubles, so that a byte is copied once or twice however small the pieces are. */
  #growTo(bytes: number): void {
    const grown = this.#allocate(Math.min(this.#maxBytes, Math.max(bytes, FIRST_BYTES, 2 * this.#buffer.byteLength)));
    this.#buffer.copy(grown, 0, 0, this.#receivedBytes);
    this.#buffer = grown;
  }

  /** A buffer whose first tensor, behind the JSON, will be aligned. */
  #allocate(bytes: number): Buffer {
    const jsonBytes = Number(this.#head?.headers.get(HEADER_LENGTH) ?? 0);
    // What is missing to the next multiple; 0 where the header is no number, which the decoder says.
    const padding = -jsonBytes & (ALIGNMENT - 1);
    return Buffer.allocUnsafe(padding + bytes).subarray(padding);
  }
}

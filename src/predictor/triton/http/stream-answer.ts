import type { ServiceError } from '../../../errors.js';
import type { HttpAnswer } from './http-answer.js';
import type { CallReceiver, Exchange, HttpSocket } from './http-socket.js';
import type { ResponseHead } from './response-head.js';

/** What may wait for a slow reader before the server has to wait too. */
const MAX_WAITING_BYTES = 256 * 1024;

/**
 * Sends a request and gives its answer's body in pieces as they come, as fast as they are taken; leaving the loop ends
 * the connection. What came before the answer broke is given before the error; an aborted signal ends the loop at once.
 * @throws ServiceError the signal's reason when it is aborted; else as Predictor says
 */
export function streamAnswer(
  socket: HttpSocket,
  exchange: Omit<Exchange, 'receiver'>,
): Promise<HttpAnswer<AsyncIterable<Uint8Array>>> {
  return new Promise((resolve, reject) => {
    socket.start({ ...exchange, receiver: new AnswerStream(socket, exchange.signal, { resolve, reject }) });
  });
}

interface Outcome {
  resolve(answer: HttpAnswer<AsyncIterable<Uint8Array>>): void;
  reject(error: ServiceError): void;
}

class AnswerStream implements CallReceiver {
  readonly #socket: HttpSocket;
  readonly #signal: AbortSignal;
  readonly #outcome: Outcome;
  #pieces: Uint8Array[] = [];
  #waitingBytes = 0;
  #isOver = false;
  #error: ServiceError | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: HttpSocket, signal: AbortSignal, outcome: Outcome) {
    this.#socket = socket;
    this.#signal = signal;
    this.#outcome = outcome;
  }

  onHead({ status, headers }: ResponseHead): void {
    this.#outcome.resolve({ status, headers, body: this.#read() });
  }

  onBody(piece: Buffer): void {
    this.#pieces.push(Buffer.from(piece));
    this.#waitingBytes += piece.byteLength;
    if (this.#waitingBytes >= MAX_WAITING_BYTES) this.#socket.pause();
    this.#wake();
  }

  onEnd(): void {
    this.#isOver = true;
    this.#wake();
  }

  onError(error: ServiceError): void {
    this.#isOver = true;
    this.#error = error;
    if (this.#signal.aborted) this.#pieces = [];
    // Without effect once the head was there.
    this.#outcome.reject(error);
    this.#wake();
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        for (let piece = this.#take(); piece !== undefined; piece = this.#take()) yield piece;
        if (this.#error !== undefined) throw this.#error;
        if (this.#isOver) return;
        this.#socket.resume();
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      if (!this.#isOver) this.#socket.destroy(new Error('the reader has left'));
    }
  }

  /** All that waits, as one: to take hundreds of thousands of chunks of one byte each from a list takes seconds. */
  #take(): Uint8Array | undefined {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#waitingBytes = 0;
    return pieces.length > 1 ? Buffer.concat(pieces) : pieces[0];
  }
}

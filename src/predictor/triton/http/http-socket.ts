import type { OnReadOpts, Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { abortReason } from '../../../concurrency/deadline.js';
import { type ServiceError, toServiceError } from '../../../errors.js';
import { connectSocket } from '../connect-socket.js';
import { unreachable, wentAway } from '../upstream-error.js';
import { AnswerReader, type AnswerReceiver } from './answer-reader.js';

/** What is read at once where it is not known how much is to come. */
const READ_BYTES = 64 * 1024;

/** Where a connection goes. */
export interface SocketTarget {
  /** A name or an IP address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS as node:tls has it; without TLS when absent. */
  readonly tls?: ConnectionOptions | undefined;
  /** How long the connection may take to be made, with TLS, in milliseconds. */
  readonly connectTimeoutMs: number;
}

/** What a connection tells its owner; never from within openHttpSocket(). */
export interface SocketEvents {
  /** It is made, or done with a call, and takes another within so many milliseconds (Infinity: at any time). */
  onFree(socket: HttpSocket, keepAliveMs: number): void;
  /** It has ended, or was not made; called once. */
  onGone(socket: HttpSocket, cause: unknown): void;
}

/** Whose answer it is. */
export interface CallReceiver extends AnswerReceiver {
  /** Instead of onEnd. */
  onError(error: ServiceError): void;
}

/** One call over a connection. */
export interface Exchange {
  /** The request's bytes; they must not change before the answer's end. */
  readonly request: readonly Uint8Array[];
  /** What is asked, for messages: `model face_detect`. */
  readonly subject: string;
  /** Ends the call, and the connection with it, when aborted. */
  readonly signal: AbortSignal;
  readonly receiver: CallReceiver;
}

/** One connection of HTTP/1.1, for one call at a time. It does not keep the process alive when idle. */
export interface HttpSocket {
  /** Sends a request; its answer, or its failure, goes to the receiver. Only when free. */
  start(exchange: Exchange): void;
  /** Stops reading, but for what is already on its way, until resume(). */
  pause(): void;
  resume(): void;
  /** Ends the connection at once; the call under way fails as when the server does so. */
  destroy(cause: unknown): void;
}

/** @throws what node:tls throws for certificates and keys that are none */
export function openHttpSocket(target: SocketTarget, events: SocketEvents): HttpSocket {
  return new Connection(target, events);
}

/** A call under way. */
type Call = Exchange & { readonly reader: AnswerReader };

class Connection implements HttpSocket {
  readonly #events: SocketEvents;
  readonly #socket: Socket;
  /** Of each connection alone: some systems write to it before they say so. */
  readonly #scratch = Buffer.allocUnsafeSlow(READ_BYTES);
  #call: Call | undefined;
  #isGone = false;

  constructor(target: SocketTarget, events: SocketEvents) {
    this.#events = events;
    this.#socket = this.#connect(target);
    const giveUp = () => this.destroy(new Error(`the connection took longer than ${target.connectTimeoutMs} ms`));
    const limit = setTimeout(giveUp, target.connectTimeoutMs);
    this.#socket.once(target.tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(limit);
      this.#free(Infinity);
    });
    this.#socket.on('error', (error) => this.destroy(error));
    this.#socket.once('end', () => this.#onEnd());
    this.#socket.once('close', () => {
      clearTimeout(limit);
      this.destroy(new Error('the connection was closed'));
    });
  }

  start(exchange: Exchange): void {
    const { request, subject, signal, receiver } = exchange;
    if (this.#isGone) {
      receiver.onError(unreachable(new Error('the connection was closed before the call')));
      return;
    }
    if (signal.aborted) {
      receiver.onError(abortReason(signal));
      this.#free(Infinity);
      return;
    }
    this.#call = { ...exchange, reader: new AnswerReader(subject, receiver) };
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#socket.ref();
    // Corked, all pieces go to the system at once.
    this.#socket.cork();
    for (const piece of request) this.#socket.write(piece);
    this.#socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  destroy(cause: unknown): void {
    this.#breakOff(cause, (hasAnswerBegun) => wentAway(cause, hasAnswerBegun));
  }

  #connect({ host, port, tls }: SocketTarget): Socket {
    // Straight to where the bytes are to be, which saves a block of memory for each 64 KiB, a copy and a stream's turns.
    const onread: OnReadOpts = {
      buffer: () => this.#call?.reader.space() ?? this.#scratch,
      callback: (count, bytes) => this.#onRead(Buffer.from(bytes.buffer, bytes.byteOffset, count)),
    };
    return connectSocket({ host, port, tls, protocol: 'http/1.1', onread });
  }

  #onRead(bytes: Buffer): boolean {
    const call = this.#call;
    if (call === undefined) {
      this.destroy(new Error('the server sent what nobody asked for'));
      return true;
    }
    this.#attempt(() => call.reader.read(bytes));
    if (!this.#isGone && call.reader.isDone) this.#onAnswer(call.reader.keepAliveMs);
    return true;
  }

  #onAnswer(keepAliveMs: number): void {
    this.#letGo();
    this.resume();
    // A server that answers before it has heard all may not listen to the rest, nor to the next request behind it.
    if (keepAliveMs > 0 && this.#socket.writableLength === 0) this.#free(keepAliveMs);
    else this.destroy(new Error('the connection takes no further call'));
  }

  #onEnd(): void {
    const reader = this.#call?.reader;
    if (reader !== undefined) this.#attempt(() => reader.endOfConnection());
    if (!this.#isGone) this.#letGo();
    this.destroy(new Error('the server closed the connection'));
  }

  readonly #onAbort = (): void => {
    const reason = abortReason(this.#call?.signal);
    this.#breakOff(reason, () => reason);
  };

  #attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#breakOff(error, () => toServiceError(error));
    }
  }

  #free(keepAliveMs: number): void {
    this.#socket.unref();
    this.#events.onFree(this, keepAliveMs);
  }

  #breakOff(cause: unknown, errorOf: (hasAnswerBegun: boolean) => ServiceError): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#socket.destroy();
    const call = this.#letGo();
    this.#events.onGone(this, cause);
    call?.receiver.onError(errorOf(call.reader.hasBegun));
  }

  /** Leaves the call, if any, as over. */
  #letGo(): Call | undefined {
    const call = this.#call;
    this.#call = undefined;
    call?.signal.removeEventListener('abort', this.#onAbort);
    return call;
  }
}

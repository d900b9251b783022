import { abortReason } from '../../../concurrency/deadline.js';
import type { ServiceError } from '../../../errors.js';
import { unreachable } from '../upstream-error.js';
import { type HttpSocket, openHttpSocket, type SocketTarget } from './http-socket.js';

/** Shorter than the 5 s after which common servers and proxies close an idle connection (Node's default is the least). */
const KEEP_ALIVE_MS = 4000;

/** What is left of the time that a server gives, for the next request to reach it. */
const KEEP_ALIVE_MARGIN_MS = 1000;

/** Connections to one server. */
export interface SocketPool {
  /**
   * A free connection, for one call: the one that was used last, else the next that is there, in the order of the calls.
   * Once the call has begun it comes back by itself; until then it is the taker's.
   * @throws ServiceError `unavailable`, safe to retry, when none can be made; the signal's reason when it is aborted
   */
  take(signal: AbortSignal): HttpSocket | Promise<HttpSocket>;
  /** Ends all connections, and the waiting for them; safe to call twice. */
  close(): void;
}

/**
 * Prepares connections, which are made as calls need them, each after a look-up of the host's name of its own, so that a
 * server that moved is found again.
 * @param maxSockets how many there may be at once
 */
export function createSocketPool(target: SocketTarget, maxSockets: number): SocketPool {
  return new Pool(target, maxSockets);
}

interface IdleSocket {
  readonly socket: HttpSocket;
  readonly endsAt: number;
}

interface Waiter {
  resolve(socket: HttpSocket): void;
  reject(error: ServiceError): void;
}

class Pool implements SocketPool {
  readonly #target: SocketTarget;
  readonly #maxSockets: number;
  readonly #sockets = new Set<HttpSocket>();
  /** Those of them that are being made. Whoever waits first gets the next that is free, made for it or not. */
  readonly #connecting = new Set<HttpSocket>();
  /** Those that are free; the last is the one used last. */
  #idle: IdleSocket[] = [];
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiter>();
  #sweep: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(target: SocketTarget, maxSockets: number) {
    this.#target = target;
    this.#maxSockets = maxSockets;
  }

  take(signal: AbortSignal): HttpSocket | Promise<HttpSocket> {
    if (this.#isClosed) throw closed();
    if (signal.aborted) throw abortReason(signal);
    return this.#takeIdle() ?? this.#wait(signal);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#sweep);
    for (const waiter of this.#waiting) waiter.reject(closed());
    for (const socket of this.#sockets) socket.destroy(new Error('the client was closed'));
  }

  #takeIdle(): HttpSocket | undefined {
    const last = this.#idle.pop();
    if (last === undefined || last.endsAt > performance.now()) return last?.socket;
    // The others have been idle for longer, or their server wants them back.
    this.#idle.push(last);
    this.#dropStale();
    return this.#idle.pop()?.socket;
  }

  #wait(signal: AbortSignal): Promise<HttpSocket> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(waiter);
        reject(abortReason(signal));
      };
      const letGo = () => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        resolve: (socket) => {
          letGo();
          resolve(socket);
        },
        reject: (error) => {
          letGo();
          reject(error);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
      this.#connect();
    });
  }

  /** Begins to make a connection for each call that waits, as far as there may be more. */
  #connect(): void {
    while (!this.#isClosed && this.#waiting.size > this.#connecting.size && this.#sockets.size < this.#maxSockets) {
      try {
        const socket = openHttpSocket(this.#target, {
          onFree: (free, keepAliveMs) => this.#onFree(free, keepAliveMs),
          onGone: (gone, cause) => this.#onGone(gone, cause),
        });
        this.#sockets.add(socket);
        this.#connecting.add(socket);
      } catch (error) {
        this.#firstWaiter()?.reject(unreachable(error));
      }
    }
  }

  #onFree(socket: HttpSocket, keepAliveMs: number): void {
    this.#connecting.delete(socket);
    const waiter = this.#firstWaiter();
    if (waiter === undefined) this.#keep(socket, keepAliveMs);
    else waiter.resolve(socket);
  }

  #onGone(socket: HttpSocket, cause: unknown): void {
    this.#sockets.delete(socket);
    this.#idle = this.#idle.filter((idle) => idle.socket !== socket);
    // The others that wait have attempts of their own.
    const hasFailed = this.#connecting.delete(socket);
    if (hasFailed && this.#waiting.size > this.#connecting.size) this.#firstWaiter()?.reject(unreachable(cause));
    this.#connect();
  }

  #keep(socket: HttpSocket, keepAliveMs: number): void {
    const idleMs = Math.min(KEEP_ALIVE_MS, keepAliveMs - KEEP_ALIVE_MARGIN_MS);
    if (idleMs <= 0) {
      socket.destroy(new Error('the server keeps no idle connection'));
      return;
    }
    this.#idle.push({ socket, endsAt: performance.now() + idleMs });
    this.#sweep ??= setTimeout(() => this.#onSweep(), KEEP_ALIVE_MS).unref();
  }

  /** Every few seconds while there are idle connections: that one is not stale is seen when it is taken. */
  #onSweep(): void {
    this.#sweep = undefined;
    this.#dropStale();
    if (this.#idle.length > 0) this.#sweep = setTimeout(() => this.#onSweep(), KEEP_ALIVE_MS).unref();
  }

  #dropStale(): void {
    const now = performance.now();
    for (const { socket, endsAt } of this.#idle) {
      if (endsAt <= now) socket.destroy(new Error('the connection was idle for long'));
    }
  }

  #firstWaiter(): Waiter | undefined {
    return this.#waiting.values().next().value;
  }
}

function closed(): ServiceError {
  return unreachable(new Error('the client is closed'));
}

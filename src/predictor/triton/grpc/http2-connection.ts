import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type ConnectionOptions as NodeTlsOptions } from 'node:tls';
import type { KeepAliveOptions } from '../connect-options.js';
import { unreachable } from '../upstream-error.js';

/** HTTP/2 starts with windows of 64 KiB, which make answers of megabytes wait for a round trip each. */
const WINDOW_BYTES = 8 * 1024 * 1024;

/** As Triton's own clients have it. */
const PING_TIMEOUT_MS = 20_000;

/** Where a connection goes. */
export interface Http2Target {
  /** An IP address; IPv6 without brackets. */
  readonly ip: string;
  readonly port: number;
  /** TLS as node:tls has it; without TLS when absent. */
  readonly tls?: NodeTlsOptions | undefined;
  readonly keepAlive?: KeepAliveOptions | undefined;
}

/** One HTTP/2 connection. It does not keep the process alive but while calls are under way. */
export interface Http2Connection {
  /** Whether it takes further calls: neither closed nor told by the server to go away. */
  isUsable(): boolean;
  /** @throws ServiceError `unavailable`, safe to retry, when the connection is no longer there */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream;
  /** Takes no further calls, and ends when those under way have. */
  retire(): void;
  /** Ends at once. */
  close(): void;
}

/**
 * Makes a connection; it is there when the server has sent its settings, which is how it shows that it speaks HTTP/2.
 * @param signal gives the attempt up
 * @param onLost called once, when a connection that was made takes no further calls
 * @throws ServiceError `unavailable`, safe to retry
 */
export function openHttp2(target: Http2Target, signal: AbortSignal, onLost: () => void): Promise<Http2Connection> {
  const { ip, port, tls } = target;
  const socket =
    tls === undefined ? connectTcp(port, ip) : connectTls({ ...tls, host: ip, port, ALPNProtocols: ['h2'] });
  const authority = `${tls === undefined ? 'http' : 'https'}://${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
  const session = connect(authority, {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    // Every call's answer is bounded in itself; the limit of all together would refuse calls among large answers.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  return new Promise((resolve, reject) => {
    let cause: unknown = new Error('the connection was closed before it was made');
    const giveUp = () => session.destroy(new Error('the connection took longer than its limit'));
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    session.on('error', (error) => void (cause = error));
    socket.on('error', (error) => {
      cause = error;
      // Node 20 does not end the session of a server that refuses the client's certificate.
      socket.destroy();
    });
    session.once('goaway', onLost);
    session.once('close', () => {
      signal.removeEventListener('abort', giveUp);
      reject(unreachable(cause));
      onLost();
    });
    session.once('remoteSettings', () => {
      signal.removeEventListener('abort', giveUp);
      resolve(new Connection(session, target.keepAlive));
    });
  });
}

class Connection implements Http2Connection {
  readonly #session: ClientHttp2Session;
  #callCount = 0;

  constructor(session: ClientHttp2Session, keepAlive: KeepAliveOptions | undefined) {
    this.#session = session;
    session.setLocalWindowSize(WINDOW_BYTES);
    session.unref();
    if (keepAlive !== undefined) this.#keepAlive(keepAlive);
  }

  isUsable(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    const stream = this.#start(headers);
    if (this.#callCount++ === 0) this.#session.ref();
    stream.once('close', () => {
      if (--this.#callCount === 0) this.#session.unref();
    });
    return stream;
  }

  retire(): void {
    this.#session.close();
  }

  close(): void {
    this.#session.destroy();
  }

  #start(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    try {
      return this.#session.request(headers);
    } catch (error) {
      throw unreachable(error);
    }
  }

  /** Asks a connection that was silent for a while whether it is still there, and ends one that does not answer. */
  #keepAlive({ timeMs, timeoutMs = PING_TIMEOUT_MS, isWithoutCalls = false }: KeepAliveOptions): void {
    const session = this.#session;
    let heardBytes = 0;
    const timer = setInterval(() => {
      if (session.destroyed) return;
      const { bytesRead } = session.socket;
      const isSilent = bytesRead === heardBytes;
      heardBytes = bytesRead;
      if (!isSilent || (this.#callCount === 0 && !isWithoutCalls)) return;
      const onSilence = () => session.destroy(new Error(`no answer to a ping within ${timeoutMs} ms`));
      const limit = setTimeout(onSilence, timeoutMs).unref();
      session.ping(() => clearTimeout(limit));
    }, timeMs).unref();
    session.once('close', () => clearInterval(timer));
  }
}

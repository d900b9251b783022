import { Buffer } from 'node:buffer';
import type { OnReadOpts, Socket } from 'node:net';
import { type ConnectionOptions as NodeTlsOptions, TLSSocket } from 'node:tls';
import { connectSocket } from '../connect-socket.js';
import type { KeepAliveOptions } from '../connect-options.js';
import { unreachable } from '../upstream-error.js';
import type { RequestHeaders } from './http2/hpack-encoder.js';
import { keepAlive } from './http2/keep-alive.js';
import { type Http2Session, startHttp2Session } from './http2/session.js';
import type { AnswerReceiver, Http2Exchange, Http2Request } from './http2/exchange.js';

/** What is read at once, at most. */
const READ_BYTES = 256 * 1024;

/** Where a connection goes. */
export interface Http2Target {
  /** An IP address; IPv6 without brackets. */
  readonly ip: string;
  readonly port: number;
  /** TLS as node:tls has it; without TLS when absent. */
  readonly tls?: NodeTlsOptions | undefined;
  /** What every request begins with, but for its path: the pseudo headers first. */
  readonly headers: RequestHeaders;
  readonly keepAlive?: KeepAliveOptions | undefined;
}

/** One HTTP/2 connection. It does not keep the process alive but while calls are under way. */
export interface Http2Connection {
  /** Whether it takes further calls: neither closed nor told by the server to go away. */
  isUsable(): boolean;
  /** @throws ServiceError `unavailable`, safe to retry, when the connection is no longer there */
  request(request: Http2Request, receiver: AnswerReceiver): Http2Exchange;
  /** Takes no further calls, and ends when those under way have. */
  retire(): void;
  /** Ends at once. */
  close(): void;
  /** Settles when it has ended, which may be long after it took its last call. */
  readonly ended: Promise<void>;
}

/**
 * Makes a connection; it is there when the server has sent its settings, which is how it shows that it speaks HTTP/2.
 * @param signal gives the attempt up
 * @param onLost called once, when the connection takes no further calls or could not be made
 * @throws ServiceError `unavailable`, safe to retry
 */
export function openHttp2(target: Http2Target, signal: AbortSignal, onLost: () => void): Promise<Http2Connection> {
  return new Promise((resolve, reject) => {
    let session: Http2Session | undefined;
    let cause = new Error('the connection was closed');
    const socket = openSocket(target, (bytes) => session?.read(bytes));
    const giveUp = () => socket.destroy(new Error('the connection took longer than its limit'));
    const heedNoMore = () => signal.removeEventListener('abort', giveUp);
    let stopKeepAlive: (() => void) | undefined;
    const ended = new Promise<void>((settle) => socket.once('close', () => settle()));

    socket.once(target.tls === undefined ? 'connect' : 'secureConnect', () => {
      if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2') {
        socket.destroy(new Error('the server does not agree to HTTP/2'));
        return;
      }
      const started = startHttp2Session(socket, target.headers, {
        onReady: () => {
          heedNoMore();
          if (target.keepAlive !== undefined) {
            stopKeepAlive = keepAlive(started, target.keepAlive, () => socket.bytesRead);
          }
          resolve(toConnection(started, ended));
        },
        onRetired: onLost,
      });
      session = started;
    });
    socket.on('error', (error) => void (cause = error));
    socket.once('end', () => session?.end(cause));
    socket.once('close', () => {
      heedNoMore();
      stopKeepAlive?.();
      reject(unreachable(cause));
      if (session === undefined) onLost();
      else session.end(cause);
    });
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

function openSocket({ ip, port, tls }: Http2Target, onBytes: (bytes: Buffer) => void): Socket {
  // Of each connection alone: some systems write to it before they say so.
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  // One place for all that comes, which saves a block of memory for each read.
  const onread: OnReadOpts = {
    buffer,
    callback: (count) => {
      onBytes(buffer.subarray(0, count));
      return true;
    },
  };
  return connectSocket({ host: ip, port, tls, protocol: 'h2', onread });
}

function toConnection(session: Http2Session, ended: Promise<void>): Http2Connection {
  return {
    isUsable: () => session.isUsable,
    request: (request, receiver) => {
      if (!session.isUsable) throw unreachable(new Error('the connection was closed before the call'));
      return session.request(request, receiver);
    },
    retire: () => session.retire(),
    close: () => session.end(new Error('the connection was closed')),
    ended,
  };
}

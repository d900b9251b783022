import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { trackConnections } from './connections.js';
import { TLS_MIN_VERSION, type TlsCredentials } from './tls-credentials.js';

/** Longer than the idle time of the proxies in front (Envoy, Knative: 60 s), so that it is they who close idle sockets. */
const KEEP_ALIVE_MS = 65_000;

/** How often Node looks for requests that take too long to arrive. */
const CHECK_MS = 1000;

/** Node's code for a request that did not arrive in time. */
const REQUEST_TIMEOUT = 'ERR_HTTP_REQUEST_TIMEOUT';

/** Node's codes for requests that never become one, and what they are answered. */
const BROKEN_REQUESTS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  [REQUEST_TIMEOUT]: '408 Request Timeout',
};

/** How long a client that sent no whole request has to read the answer, before its connection is broken. */
const LINGER_MS = 500;

/** A listening REST port. */
export interface HttpServer {
  /** The port it listens on; the one that was free where 0 was asked for. */
  readonly port: number;
  /** How many requests are not answered yet. */
  readonly underWay: number;
  /** From now on answers ask their clients to connect anew for what they ask next: the service is about to stop. */
  drain(): void;
  /**
   * Stops accepting, closes the connections on which nothing is asked, and waits for the answers under way; what is not
   * answered within the grace time is cut off.
   * @returns how many answers were cut off
   */
  close(graceMs: number): Promise<{ cut: number }>;
}

/** How to listen. */
export interface ListenOptions {
  readonly port: number;
  /** How long a request may take to arrive, its body included; then it is answered 408. A TLS handshake, too. */
  readonly receiveTimeoutMs: number;
  /** A client that asks first (`Expect: 100-continue`) is not told to send more than that. */
  readonly maxBodyBytes: number;
  /** How long a connection may be idle; 65 s by default. */
  readonly keepAliveMs?: number;
  /** TLS by these; none when absent. */
  readonly tls?: TlsCredentials | undefined;
}

/**
 * Listens on all interfaces, for HTTP/1.1.
 * @throws Error of node:net when the port is taken or not allowed
 */
export function listen(listener: RequestListener, options: ListenOptions): Promise<HttpServer> {
  const { port, maxBodyBytes, tls } = options;
  const server = createHttpServer(options);
  // Before the listener, which may answer at once.
  const connections = trackConnections(server, { isTls: tls !== undefined });
  server.on('request', listener);
  server.on('checkContinue', (request, response) => {
    const isTooLarge = Number(request.headers['content-length']) > maxBodyBytes;
    if (!isTooLarge) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!connections.has(socket)) socket.destroy();
    else if (connections.isAnswering(socket) && error.code !== REQUEST_TIMEOUT) connections.endAfterAnswers(socket);
    else answerBrokenRequest(error, socket);
  });

  const close = (graceMs: number) =>
    new Promise<{ cut: number }>((resolve) => {
      let cut = 0;
      const timer = setTimeout(() => {
        cut = connections.underWay;
        server.closeAllConnections();
      }, graceMs);
      server.close(() => {
        clearTimeout(timer);
        resolve({ cut });
      });
      connections.close();
    });

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.removeListener('error', reject);
      resolve({
        port: (server.address() as AddressInfo).port,
        get underWay() {
          return connections.underWay;
        },
        drain: () => connections.drain(),
        close,
      });
    });
  });
}

function createHttpServer({ receiveTimeoutMs, keepAliveMs = KEEP_ALIVE_MS, tls }: ListenOptions): Server | TlsServer {
  const times: ServerOptions = {
    keepAliveTimeout: keepAliveMs,
    requestTimeout: receiveTimeoutMs,
    headersTimeout: receiveTimeoutMs,
    connectionsCheckingInterval: CHECK_MS,
  };
  if (tls === undefined) return createServer(times);
  const minVersion = TLS_MIN_VERSION;
  const server = createTlsServer({ ...times, ...tls.current(), minVersion, handshakeTimeout: receiveTimeoutMs });
  tls.onChange((identity) => server.setSecureContext({ ...identity, minVersion }));
  return server;
}

/** Answers what is no HTTP request, or not a whole one in time, in the form of every other error, and hangs up. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = BROKEN_REQUESTS[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify({ error: `The request cannot be read: ${status.slice(4)}` });
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

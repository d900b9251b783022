import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

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
  /**
   * Stops accepting, closes the connections on which nothing is asked, and waits for the answers under way; what is not
   * answered within the grace time is cut off.
   * @returns how many answers were cut off
   */
  close(graceMs: number): Promise<{ cut: number }>;
}

/**
 * Listens on all interfaces.
 * @param options.receiveTimeoutMs how long a request may take to arrive, its body included; then it is answered 408
 * @param options.maxBodyBytes a client that asks first (`Expect: 100-continue`) is not told to send more than that
 * @throws Error of node:net when the port is taken or not allowed
 */
export function listen(
  listener: RequestListener,
  options: { port: number; receiveTimeoutMs: number; maxBodyBytes: number },
): Promise<HttpServer> {
  const { port, receiveTimeoutMs, maxBodyBytes } = options;
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: receiveTimeoutMs,
      headersTimeout: receiveTimeoutMs,
      connectionsCheckingInterval: CHECK_MS,
    },
    listener,
  );
  /**
   * The connections and how many requests are under way on each (more than one where they are pipelined). Node's
   * closeIdleConnections() leaves those open on which nothing was ever sent, so we keep account ourselves.
   */
  const underWay = new Map<Socket, number>();
  /** Connections that end when they have answered what they were asked. */
  const ending = new Set<Socket>();
  let isClosing = false;
  server.on('connection', (socket) => {
    underWay.set(socket, 0);
    // Each pipelined request listens.
    socket.setMaxListeners(0);
    socket.once('close', () => {
      underWay.delete(socket);
      ending.delete(socket);
    });
  });
  server.on('request', ({ socket }, response) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const rest = (underWay.get(socket) ?? 0) - 1;
      if (rest < 0) return;
      underWay.set(socket, rest);
      if (rest === 0 && (isClosing || ending.has(socket))) socket.destroySoon();
    });
  });
  server.on('checkContinue', (request, response) => {
    const isTooLarge = Number(request.headers['content-length']) > maxBodyBytes;
    if (!isTooLarge) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isAnswering = socket instanceof Socket && (underWay.get(socket) ?? 0) > 0;
    if (isAnswering && error.code !== REQUEST_TIMEOUT) ending.add(socket);
    else answerBrokenRequest(error, socket);
  });

  const close = (graceMs: number) =>
    new Promise<{ cut: number }>((resolve) => {
      isClosing = true;
      let cut = 0;
      const timer = setTimeout(() => {
        cut = [...underWay.values()].reduce((sum, count) => sum + count, 0);
        server.closeAllConnections();
      }, graceMs);
      server.close(() => {
        clearTimeout(timer);
        resolve({ cut });
      });
      for (const [socket, count] of underWay) if (count === 0) socket.destroy();
    });

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.removeListener('error', reject);
      resolve({ port: (server.address() as AddressInfo).port, close });
    });
  });
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

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Longer than the idle time of the proxies in front (Envoy, Knative: 60 s), so that it is they who close idle sockets. */
const KEEP_ALIVE_MS = 65_000;

/** How often Node looks for requests that take too long to arrive. */
const CHECK_MS = 1000;

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
 * @throws Error of node:net when the port is taken or not allowed
 */
export function listen(
  listener: RequestListener,
  options: { port: number; receiveTimeoutMs: number },
): Promise<HttpServer> {
  const { port, receiveTimeoutMs } = options;
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: receiveTimeoutMs,
      headersTimeout: receiveTimeoutMs,
      connectionsCheckingInterval: CHECK_MS,
    },
    listener,
  );
  /** Node's closeIdleConnections() leaves those open on which nothing was ever sent, so we keep account ourselves. */
  const idle = new Set<Socket>();
  let busy = 0;
  let isClosing = false;
  server.on('connection', (socket) => {
    idle.add(socket);
    socket.once('close', () => idle.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    idle.delete(socket);
    busy++;
    response.once('close', () => {
      busy--;
      if (isClosing) socket.destroySoon();
      else if (!socket.destroyed) idle.add(socket);
    });
  });

  server.on('clientError', answerBrokenRequest);

  const close = (graceMs: number) =>
    new Promise<{ cut: number }>((resolve) => {
      isClosing = true;
      let cut = 0;
      const timer = setTimeout(() => {
        cut = busy;
        server.closeAllConnections();
      }, graceMs);
      server.close(() => {
        clearTimeout(timer);
        resolve({ cut });
      });
      for (const socket of idle) socket.destroy();
    });

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.removeListener('error', reject);
      resolve({ port: (server.address() as AddressInfo).port, close });
    });
  });
}

/** Node's codes for requests that never become one, and what they are answered. */
const BROKEN_REQUESTS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers what is no HTTP request, or not a whole one in time, in the form of every other error. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = BROKEN_REQUESTS[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify({ error: `The request cannot be read: ${status.slice(4)}` });
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
}

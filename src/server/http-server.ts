import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Longer than the idle time of the proxies in front (Envoy, Knative: 60 s), so that it is they who close idle sockets. */
const KEEP_ALIVE_MS = 65_000;

/** How often, while stopping, kept-alive connections that have become idle are closed; Node does it once only. */
const SWEEP_MS = 50;

/** A listening REST port. */
export interface HttpServer {
  /** The port it listens on; the one that was free where 0 was asked for. */
  readonly port: number;
  /**
   * Stops accepting and waits for the answers under way; what is not answered within the grace time is cut off.
   * @returns whether any were cut off
   */
  close(graceMs: number): Promise<{ cut: boolean }>;
}

/**
 * Listens on all interfaces.
 * @throws Error of node:net when the port is taken or not allowed
 */
export function listen(listener: RequestListener, port: number): Promise<HttpServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: KEEP_ALIVE_MS + 1000 }, listener);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, () => {
      server.removeListener('error', reject);
      resolve({ port: (server.address() as AddressInfo).port, close });
    });
  });

  function close(graceMs: number): Promise<{ cut: boolean }> {
    return new Promise((resolve) => {
      let cut = false;
      const timer = setTimeout(() => {
        cut = true;
        server.closeAllConnections();
      }, graceMs);
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
      server.close(() => {
        clearTimeout(timer);
        clearInterval(sweep);
        resolve({ cut });
      });
    });
  }
}

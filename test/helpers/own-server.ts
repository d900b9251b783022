import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import {
  createSecureServer,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A server that does what one test wants of it. */
export interface OwnServer {
  readonly port: number;
  /** How many connections it has at present. */
  readonly open: number;
  /** How many it has had. */
  readonly total: number;
  /** Breaks every connection and ends. */
  close(): Promise<void>;
}

/** Where it listens: a free port of 127.0.0.1 by default. */
interface Place {
  readonly port?: number;
  readonly host?: string;
}

/** Starts a server of HTTP, or of HTTPS where it is given a certificate. */
export function serveHttp(
  listener: RequestListener,
  options: Place & { tls?: ServerOptions } = {},
): Promise<OwnServer> {
  const { tls, ...place } = options;
  return started(tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener), place);
}

/** Starts a server of HTTP/2, in TLS where it is given a certificate; `respond` is called with each stream. */
export function serveHttp2(
  respond: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
  options: Place & { tls?: SecureServerOptions } = {},
): Promise<OwnServer> {
  const { tls, ...place } = options;
  const server = tls === undefined ? createHttp2Server() : createSecureServer(tls);
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    // A client that cancels its call is nothing to the server.
    stream.on('error', () => undefined);
    respond(stream, headers);
  });
  server.on('session', (session: ServerHttp2Session) => session.on('error', () => undefined));
  return started(server, place);
}

/** Starts a server whose every byte the test writes: `respond` is called with each connection and its number from 0. */
export function serveBytes(respond: (socket: Socket, index: number) => void, place: Place = {}): Promise<OwnServer> {
  let index = 0;
  return started(
    createServer((socket) => respond(socket, index++)),
    place,
  );
}

async function started(server: Server, { port = 0, host = '127.0.0.1' }: Place): Promise<OwnServer> {
  const sockets = new Set<Socket>();
  let total = 0;
  server.on('connection', (socket) => {
    total += 1;
    sockets.add(socket);
    // A client that breaks off is nothing to the server.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return sockets.size;
    },
    get total() {
      return total;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

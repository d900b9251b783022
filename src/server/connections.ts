import type { Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** The connections of a port, and what is asked on each. */
export interface Connections {
  /** How many requests are not answered yet. */
  readonly underWay: number;
  /** Whether a connection is one of HTTP: in TLS, once its handshake is over. */
  has(socket: unknown): socket is Socket;
  isAnswering(socket: Socket): boolean;
  /** Ends a connection when all is answered that it was asked. */
  endAfterAnswers(socket: Socket): void;
  /** From now on the last answer of each connection says that it is the last. */
  drain(): void;
  /** Closes the connections on which nothing is asked, and each of the others when it is answered. */
  close(): void;
}

/**
 * Keeps account of a server's connections, from before its first one. Node's closeIdleConnections() leaves those open on
 * which nothing was ever sent.
 */
export function trackConnections(server: Server | TlsServer, { isTls }: { isTls: boolean }): Connections {
  /** In the order in which they were asked: more than one where requests are pipelined. */
  const answers = new Map<Socket, Set<ServerResponse>>();
  const ending = new Set<Socket>();
  const handshakes = isTls ? trackHandshakes(server) : new Map<string, Socket>();
  let isDraining = false;
  let isClosing = false;

  server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    answers.set(socket, new Set());
    // Each pipelined request listens.
    socket.setMaxListeners(0);
    socket.once('close', () => {
      answers.delete(socket);
      ending.delete(socket);
    });
  });
  server.on('request', ({ socket }, response: ServerResponse) => {
    const pending = answers.get(socket);
    if (pending === undefined) return;
    pending.add(response);
    if (isDraining) sayLast(pending);
    response.once('close', () => {
      pending.delete(response);
      if (pending.size === 0 && (isClosing || ending.has(socket))) socket.destroySoon();
    });
  });

  const drain = () => {
    isDraining = true;
    for (const pending of answers.values()) sayLast(pending);
  };
  return {
    get underWay() {
      return [...answers.values()].reduce((sum, { size }) => sum + size, 0);
    },
    has: (socket): socket is Socket => answers.has(socket as Socket),
    isAnswering: (socket) => (answers.get(socket)?.size ?? 0) > 0,
    endAfterAnswers: (socket) => void ending.add(socket),
    drain,
    close: () => {
      isClosing = true;
      drain();
      for (const socket of handshakes.values()) socket.destroy();
      for (const [socket, pending] of answers) if (pending.size === 0) socket.destroy();
    },
  };
}

/** Node closes a connection after the answer that says so, so of several it must be the last. */
function sayLast(pending: ReadonlySet<ServerResponse>): void {
  const inOrder = [...pending];
  const last = inOrder.pop();
  for (const earlier of inOrder) if (!earlier.headersSent) earlier.removeHeader('Connection');
  if (last?.headersSent === false) last.setHeader('Connection', 'close');
}

/**
 * The connections whose TLS handshake is not over. Node has them as other objects than those of HTTP, so they are known
 * by where they come from.
 */
function trackHandshakes(server: Server | TlsServer): ReadonlyMap<string, Socket> {
  const handshakes = new Map<string, Socket>();
  const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    handshakes.set(peer, socket);
    socket.once('close', () => handshakes.delete(peer));
  });
  server.on('secureConnection', (socket: Socket) => handshakes.delete(peerOf(socket)));
  return handshakes;
}

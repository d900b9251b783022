import { once } from 'node:events';
import { type AddressInfo, createServer, connect, type Socket } from 'node:net';

/** A TCP relay in front of a server: behind it the server seems to crash and to come back at the same port. */
export interface Door {
  readonly port: number;
  /** Breaks all connections and refuses new ones. */
  close(): Promise<void>;
  /** Takes connections again, at the same port. */
  reopen(): Promise<void>;
  /** Breaks each connection when that many bytes of answers have passed; undefined lets all pass. */
  cutAfter(bytes: number | undefined): void;
}

export async function openDoor(serverPort: number): Promise<Door> {
  const sockets = new Set<Socket>();
  let limit: number | undefined;

  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const relay = (outer: Socket) => {
    const inner = connect({ port: serverPort, host: '127.0.0.1', noDelay: true });
    let passed = 0;
    [outer, inner].forEach(track);
    outer.on('close', () => inner.destroy());
    inner.on('close', () => outer.destroy());
    outer.pipe(inner);
    inner.on('data', (chunk) => {
      const left = limit === undefined ? chunk.length : limit - passed;
      passed += chunk.length;
      if (left < chunk.length) outer.write(chunk.subarray(0, Math.max(0, left)), () => outer.resetAndDestroy());
      else outer.write(chunk);
    });
  };

  const server = createServer({ noDelay: true }, relay).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) breakOff(socket);
      await closed;
    },
    reopen: async () => {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    cutAfter: (bytes) => {
      limit = bytes;
    },
  };
}

/** A socket that is ending already cannot be reset: Node.js 20 would neither close it nor, at its exit, come to an end. */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';

/** Up to here it is quicker to join pieces than to hand them to the system one by one. */
const JOINED_BYTES = 64 * 1024;

/** Writes to a socket what comes in one turn of the event loop, at once. */
export interface SocketWriter {
  write(bytes: Uint8Array): void;
  /** Has `fill` called before what was written goes out, which it does in this turn. */
  schedule(): void;
  /** Sends what was written without waiting for the end of the turn. */
  flush(): void;
  /** Whether the system takes bytes more slowly than they come. */
  readonly isBlocked: boolean;
}

/** @param fill asked for more to write whenever the socket takes some */
export function createSocketWriter(socket: Socket, fill: () => void): SocketWriter {
  let pending: Uint8Array[] = [];
  let isScheduled = false;
  let isBlocked = false;

  const flush = () => {
    if (!isBlocked && !socket.destroyed) fill();
    isScheduled = false;
    const pieces = pending;
    pending = [];
    if (pieces.length > 0 && socket.writable) isBlocked = !send(socket, pieces);
  };
  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    // Behind the promises' turns: the calls that begin on the answers of one read are sent together.
    process.nextTick(flush);
  };
  socket.on('drain', () => {
    isBlocked = false;
    flush();
  });

  return {
    write: (bytes) => {
      pending.push(bytes);
      schedule();
    },
    schedule,
    flush,
    get isBlocked() {
      return isBlocked;
    },
  };
}

/** @returns false where the socket would rather wait */
function send(socket: Socket, pieces: Uint8Array[]): boolean {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return socket.write(first);
  const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes <= JOINED_BYTES) return socket.write(Buffer.concat(pieces, bytes));
  socket.cork();
  for (const piece of pieces) socket.write(piece);
  socket.uncork();
  return !socket.writableNeedDrain;
}

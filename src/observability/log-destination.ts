import { writeSync } from 'node:fs';

/** How soon a reader that was behind is tried again. */
const RETRY_MS = 20;

/**
 * How long a line may wait for others, to be written together with them: a write takes longer than all else that is done
 * for a line (some 25 of 35 us).
 */
const GATHERING_MS = 10;

/** How long the last lines may take at the end of the process when their reader is behind. */
const FLUSH_LIMIT_MS = 2000;

const FLUSH_PAUSE_MS = 5;

/** The most that is written at once. */
const CHUNK_BYTES = 64 * 1024;

/** Where log lines go; what pino needs of a stream. */
export interface LogDestination {
  /** Never blocks; lines are written 10 ms later at most. @param line with its newline at the end */
  write(line: string): void;
  /** Writes all lines that are not written yet, within 2 seconds; pino calls it after a fatal line. */
  flushSync(): void;
}

/** What lines are written to. */
export interface LogDestinationOptions {
  /** A pipe or socket has to be non-blocking, or a slow reader holds the process up. */
  readonly fd: number;
  /** The most that is kept for a reader that is behind; further lines are dropped. */
  readonly maxHeldBytes: number;
  /** The line that says how many were dropped. */
  readonly droppedLine: (count: number) => string;
}

/**
 * Writes the lines of some milliseconds at once; those for which the pipe has no room are kept, in order, and written
 * when it has. SonicBoom, pino's own, hands each write to another thread, and with it loses at exit what that thread has
 * not written yet.
 */
export function createLogDestination({ fd, maxHeldBytes, droppedLine }: LogDestinationOptions): LogDestination {
  const held: Buffer[] = [];
  let heldBytes = 0;
  let dropped = 0;
  let isBroken = false;
  let timer: NodeJS.Timeout | undefined;

  /** How many of the bytes were taken. */
  const tryWrite = (bytes: Buffer): number => {
    try {
      return writeSync(fd, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      // Nobody reads any more, and there is nowhere left to say so: this line and all that follow are let go.
      isBroken = true;
      held.length = 0;
      return bytes.length;
    }
  };
  const hold = (bytes: Buffer) => {
    held.push(bytes);
    heldBytes += bytes.length;
  };
  /** Whether all was taken. */
  const drain = (): boolean => {
    while (held.length > 0) {
      const chunk = firstOf(held);
      const taken = tryWrite(chunk.bytes);
      if (taken === 0) return false;
      heldBytes -= taken;
      held.splice(0, chunk.count, ...(taken < chunk.bytes.length ? [chunk.bytes.subarray(taken)] : []));
      if (held.length === 0 && dropped > 0) {
        hold(Buffer.from(droppedLine(dropped)));
        dropped = 0;
      }
    }
    return true;
  };
  const drainIn = (ms: number) => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (!drain()) drainIn(RETRY_MS);
    }, ms).unref();
  };

  return {
    write: (line) => {
      if (isBroken) return;
      const bytes = Buffer.from(line);
      if (heldBytes + bytes.length <= maxHeldBytes) hold(bytes);
      else dropped += 1;
      drainIn(GATHERING_MS);
    },
    flushSync: () => {
      const endsAt = performance.now() + FLUSH_LIMIT_MS;
      while (!drain() && performance.now() < endsAt) pause(FLUSH_PAUSE_MS);
    },
  };
}

/** As many of the first buffers as make a chunk, one at least. */
function firstOf(buffers: readonly Buffer[]): { bytes: Buffer; count: number } {
  let count = 0;
  let length = 0;
  do length += buffers[count++]?.length ?? 0;
  while (count < buffers.length && length + (buffers[count]?.length ?? 0) <= CHUNK_BYTES);
  return { bytes: Buffer.concat(buffers.slice(0, count), length), count };
}

/** Holds the thread up. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

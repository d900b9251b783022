import { abortReason } from './deadline.js';

/** Memory that all threads see, lent out in blocks. */
export interface SharedArena {
  readonly byteLength: number;
  /**
   * Waits for a block, lends it to `work`, and takes it back when that has ended. Small blocks may pass a large one that
   * finds no room, a bounded number of times. The block holds whatever its last user left in it.
   * @param byteLength at most the arena's
   * @param options.signal when aborted while waiting, the place in the queue is given up
   * @throws RangeError when the block is larger than the arena; the signal's reason when aborted
   */
  lend<T>(byteLength: number, work: (block: Uint8Array) => Promise<T>, options: { signal: AbortSignal }): Promise<T>;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Waiter {
  readonly byteLength: number;
  /** How many that came later have been served before it. */
  overtaken: number;
  readonly take: (range: Range) => void;
}

/** Blocks begin at lines of the cache: no two of them share one, and what is copied into them begins at a word. */
const LINE_BYTES = 64;

/** So often may a waiting block be passed; then all others wait behind it, so that it gets its room in the end. */
const MAX_OVERTAKEN = 32;

/**
 * Makes an arena, of whole lines of the cache: one SharedArrayBuffer for the life of the process. Its pages take up memory only once they are
 * written to, and low addresses are lent first, so a small load stays small.
 *
 * One buffer that is reused, since SharedArrayBuffers of one request each are freed only when every thread that has seen
 * them collects its garbage, and threads that do arithmetic on shared memory hardly ever do: memory would grow without
 * bound.
 */
export function createSharedArena(options: { byteLength: number }): SharedArena {
  const buffer = new SharedArrayBuffer(wholeLines(options.byteLength));
  /** What is not lent, by address, never adjacent. */
  let free: readonly Range[] = [{ start: 0, end: buffer.byteLength }];
  const waiting: Waiter[] = [];

  const take = (asked: number): Range | undefined => {
    const byteLength = wholeLines(asked);
    const place = free.find(({ start, end }) => end - start >= byteLength);
    if (place === undefined) return undefined;
    const taken = { start: place.start, end: place.start + byteLength };
    const rest = { start: taken.end, end: place.end };
    free = free.flatMap((range) => (range !== place ? [range] : rest.start < rest.end ? [rest] : []));
    return taken;
  };

  const giveBack = (range: Range): void => {
    free = merged([...free, range]);
    serveWaiting();
  };

  const serveWaiting = (): void => {
    let index = 0;
    for (let waiter = waiting[index]; waiter !== undefined; waiter = waiting[index]) {
      const range = take(waiter.byteLength);
      if (range === undefined) {
        if (waiter.overtaken >= MAX_OVERTAKEN) return;
        index++;
      } else {
        waiting.splice(index, 1);
        for (const earlier of waiting.slice(0, index)) earlier.overtaken++;
        waiter.take(range);
      }
    }
  };

  const acquire = (byteLength: number, signal: AbortSignal): Promise<Range> =>
    new Promise((resolve, reject) => {
      const onAbort = () => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(abortReason(signal));
        serveWaiting();
      };
      const waiter: Waiter = {
        byteLength,
        overtaken: 0,
        take: (range) => {
          signal.removeEventListener('abort', onAbort);
          resolve(range);
        },
      };
      waiting.push(waiter);
      signal.addEventListener('abort', onAbort, { once: true });
      serveWaiting();
    });

  return {
    byteLength: buffer.byteLength,
    lend: async (byteLength, work, { signal }) => {
      if (byteLength > buffer.byteLength)
        throw new RangeError(`a block of ${byteLength} bytes is larger than the arena of ${buffer.byteLength}`);
      if (signal.aborted) throw abortReason(signal);
      if (byteLength === 0) return work(new Uint8Array(buffer, 0, 0));
      const range = (waiting.length === 0 ? take(byteLength) : undefined) ?? (await acquire(byteLength, signal));
      try {
        return await work(new Uint8Array(buffer, range.start, byteLength));
      } finally {
        giveBack(range);
      }
    },
  };
}

function wholeLines(byteLength: number): number {
  return Math.ceil(byteLength / LINE_BYTES) * LINE_BYTES;
}

/** The same ranges by address, neighbours made one. */
function merged(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last?.end === range.start) result.splice(-1, 1, { start: last.start, end: range.end });
    else result.push(range);
  }
  return result;
}

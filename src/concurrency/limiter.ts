import { ServiceError } from '../errors.js';
import { abortReason } from './deadline.js';

/** What is asked of a limiter. */
interface Claim {
  /** How much of the capacity it takes (default 1); more than all of it counts as all. */
  readonly weight?: number;
  /** When aborted while waiting, the place in the queue is given up. */
  readonly signal?: AbortSignal | undefined;
}

/** A place that is held. */
interface Place {
  /** Gives back what is held beyond a weight. */
  shrinkTo(weight: number): void;
  /** Gives the place back; safe to call twice. */
  release(): void;
}

/** Lets a bounded amount of work run at once; the rest waits in order, in a bounded queue. */
export interface Limiter {
  /** The weight that is held at present. */
  readonly active: number;
  /** How many wait. */
  readonly waiting: number;
  /**
   * Waits for a place and holds it while `work` runs.
   * @throws ServiceError `resource_exhausted` at once when the queue is full; the signal's reason when aborted
   */
  run<T>(work: () => Promise<T>, claim?: Claim): Promise<T>;
  /** Waits for a place, which is the caller's until it releases it. Throws as `run` does. */
  acquire(claim?: Claim): Promise<Place>;
  /** A place that is free and nobody waits for, the caller's until it releases it; undefined when there is none. */
  tryAcquire(weight: number): Place | undefined;
}

interface Waiter {
  readonly weight: number;
  readonly start: () => void;
}

/**
 * Makes a limiter. First come, first served: a light piece of work does not pass a heavy one that waits.
 * p-limit has neither a bounded queue, nor weights, nor cancellation while waiting.
 * @param options.capacity the total weight that may run at once
 * @param options.maxQueue how many may wait; unbounded when absent
 * @param options.what what is limited, for the message: `requests`
 */
export function createLimiter(options: { capacity: number; maxQueue?: number; what: string }): Limiter {
  const { capacity, maxQueue = Infinity, what } = options;
  const queue: Waiter[] = [];
  let active = 0;

  const startNext = () => {
    for (let next = queue[0]; next !== undefined && active + next.weight <= capacity; next = queue[0]) {
      queue.shift();
      next.start();
    }
  };

  const hasRoomFor = (weight: number) => queue.length === 0 && active + weight <= capacity;

  const enter = (weight: number, signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        return;
      }
      if (hasRoomFor(weight)) {
        active += weight;
        resolve();
        return;
      }
      if (queue.length >= maxQueue) {
        reject(new ServiceError('resource_exhausted', `Too many ${what} at once; try again later`));
        return;
      }
      const onAbort = () => {
        queue.splice(queue.indexOf(waiter), 1);
        reject(abortReason(signal));
        startNext();
      };
      const waiter: Waiter = {
        weight,
        start: () => {
          signal?.removeEventListener('abort', onAbort);
          active += weight;
          resolve();
        },
      };
      queue.push(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });

  const placeOf = (weight: number): Place => {
    let held = weight;
    const shrinkTo = (rest: number) => {
      if (rest >= held) return;
      active -= held - rest;
      held = rest;
      startNext();
    };
    return { shrinkTo, release: () => shrinkTo(0) };
  };

  const acquire = async ({ weight = 1, signal }: Claim = {}): Promise<Place> => {
    const held = Math.min(weight, capacity);
    await enter(held, signal);
    return placeOf(held);
  };

  const tryAcquire = (weight: number): Place | undefined => {
    const held = Math.min(weight, capacity);
    if (!hasRoomFor(held)) return undefined;
    active += held;
    return placeOf(held);
  };

  return {
    get active() {
      return active;
    },
    get waiting() {
      return queue.length;
    },
    acquire,
    tryAcquire,
    run: async (work, claim) => {
      const place = await acquire(claim);
      try {
        return await work();
      } finally {
        place.release();
      }
    },
  };
}

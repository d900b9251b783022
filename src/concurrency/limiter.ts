import { ServiceError } from '../errors.js';
import { abortReason } from './deadline.js';

/** Lets a bounded amount of work run at once; the rest waits in order, in a bounded queue. */
export interface Limiter {
  /**
   * Waits for a place and holds it while `work` runs.
   * @param options.weight how much of the capacity the work takes (default 1); more than all of it counts as all
   * @param options.signal when aborted while waiting, the place in the queue is given up
   * @throws ServiceError `resource_exhausted` at once when the queue is full; the signal's reason when aborted
   */
  run<T>(work: () => Promise<T>, options?: { weight?: number; signal?: AbortSignal | undefined }): Promise<T>;
  /** The weight of the work that runs now. */
  readonly active: number;
  /** How many wait. */
  readonly waiting: number;
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

  const enter = (weight: number, signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortReason(signal));
        return;
      }
      if (queue.length === 0 && active + weight <= capacity) {
        active += weight;
        resolve();
        return;
      }
      if (queue.length >= maxQueue) {
        const message = `Too many ${what}: ${capacity} are being worked on and ${maxQueue} wait; try again later`;
        reject(new ServiceError('resource_exhausted', message));
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

  return {
    run: async (work, { weight = 1, signal } = {}) => {
      const held = Math.min(weight, capacity);
      await enter(held, signal);
      try {
        return await work();
      } finally {
        active -= held;
        startNext();
      }
    },
    get active() {
      return active;
    },
    get waiting() {
      return queue.length;
    },
  };
}

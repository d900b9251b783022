import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../../errors.js';
import type { RetryOptions } from '../client-options.js';
import type { RunningCall } from './call-runner.js';
import { createRetryBudget } from './retry-budget.js';

/** Makes attempts until one succeeds, or the last one has failed. */
export interface Retries {
  /**
   * @param attempt one attempt. It waits for its place by itself: none is held between attempts, since a place stands for
   * work of the server, and others may need it meanwhile
   */
  run<T>(call: Pick<RunningCall, 'signal' | 'remainingMs' | 'waitFor'>, attempt: () => Promise<T>): Promise<T>;
}

/** One attempt. */
export const NO_RETRIES: Retries = { run: (_, attempt) => attempt() };

/**
 * Makes retries of what is safe to retry. A delay that the call's deadline does not leave time for is not waited: the
 * failure is reported at once.
 */
export function createRetries(options: Required<RetryOptions>): Retries {
  const { attempts, budgetRatio } = options;
  const budget = createRetryBudget(budgetRatio);
  return {
    run: async (call, attempt) => {
      budget.deposit();
      for (let made = 1; ; made++) {
        try {
          return await attempt();
        } catch (error) {
          const delayMs = retryDelayMs(made, options, Math.random());
          const isWorthIt = isSafeToRetry(error) && made < attempts && delayMs < call.remainingMs();
          if (!isWorthIt || call.signal.aborted || !budget.withdraw()) throw error;
          await call.waitFor('another attempt', () => sleep(delayMs, undefined, { signal: call.signal }));
        }
      }
    },
  };
}

/**
 * How long the next attempt is waited for: a random part of a time that doubles with each failure, up to the longest
 * ("full jitter" in M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015).
 * @param failures how many attempts have failed, from 1
 * @param part from 0 to below 1
 */
export function retryDelayMs(
  failures: number,
  { baseDelayMs, maxDelayMs }: Pick<Required<RetryOptions>, 'baseDelayMs' | 'maxDelayMs'>,
  part: number,
): number {
  return part * Math.min(maxDelayMs, baseDelayMs * 2 ** (failures - 1));
}

function isSafeToRetry(error: unknown): boolean {
  return error instanceof ServiceError && error.isSafeToRetry;
}

/**
 * Retries that are there from the start, and the most that are kept: what Finagle's RetryBudget allows by default, 10 a
 * second over its 10 s (https://twitter.github.io/finagle/guide/Glossary.html, "retry budget").
 */
const RESERVE = 100;

/** How many retries all calls together may still make, so that a server that is down is not called much more for it. */
export interface RetryBudget {
  /** Notes a call, which pays for a part of a retry. */
  deposit(): void;
  /** Takes one retry; false when there is none left. */
  withdraw(): boolean;
}

/**
 * Makes a budget, a token bucket that begins full.
 * @param ratio retries for each call, over time: 0.1 is one for every ten
 */
export function createRetryBudget(ratio: number): RetryBudget {
  let tokens = RESERVE;
  return {
    deposit: () => {
      tokens = Math.min(RESERVE, tokens + ratio);
    },
    withdraw: () => {
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

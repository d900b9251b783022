/** Lets things through at most once in a while. */
export interface RateLimit {
  /** How many were held back since the last that was let through; undefined for one that is held back now. */
  pass(): number | undefined;
}

/** @param options.now milliseconds of a clock that never goes back */
export function createRateLimit(options: { intervalMs: number; now?: () => number }): RateLimit {
  const { intervalMs, now = () => performance.now() } = options;
  let passedAt = -Infinity;
  let heldBack = 0;
  return {
    pass: () => {
      if (now() - passedAt < intervalMs) {
        heldBack += 1;
        return undefined;
      }
      const count = heldBack;
      passedAt = now();
      heldBack = 0;
      return count;
    },
  };
}

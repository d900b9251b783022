/** Shares the event loop between the requests that begin and all else it has to do. */
export interface LoopTurns {
  /**
   * Resolves when work may begin: at once while what began in this turn of the loop has not used up its time, else in
   * one of the next turns, first come, first served.
   */
  take(): Promise<void>;
}

/**
 * Limits for how long work begins in one turn of the event loop. Without it, thirty clients whose requests have arrived
 * together keep a health check waiting until the last of them has been begun.
 *
 * Work is counted from the first `take()` of a turn by the clock, so that whatever the loop did meanwhile counts too.
 * @param options.budgetMs one piece of work begins in each turn however long the last one took
 * @param options.now milliseconds of a clock that never goes back; by default `performance.now()`
 */
export function createLoopTurns(options: { budgetMs: number; now?: () => number }): LoopTurns {
  const { budgetMs, now = () => performance.now() } = options;
  let endsAt: number | undefined;

  const isOver = () => {
    if (endsAt !== undefined) return now() > endsAt;
    endsAt = now() + budgetMs;
    setImmediate(() => (endsAt = undefined));
    return false;
  };
  return {
    take: async () => {
      while (isOver()) await nextTurn();
    },
  };
}

/** Node runs what was set for a turn in the order in which it was set, and lets the loop look at its sockets before. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * One step of `overlap`.
 * @param turn resolves when all steps before this one have ended; what comes after waiting for it is done by one step at
 * a time, in order
 * @param failed aborted when another step has failed; undefined where there is no other step
 */
export type Step = (turn: () => Promise<void>, failed: AbortSignal | undefined) => Promise<void>;

/**
 * Runs steps of two parts each, a first one and one that waits for its turn: the first part of a step runs beside the
 * second part of the step before it. At most two steps are under way at once.
 * @throws what the first step to fail has thrown, when no step is under way any more
 */
export async function overlap(steps: readonly Step[]): Promise<void> {
  const [only, ...others] = steps;
  // Nearly all requests: nothing has to be made that tells steps of each other.
  if (only !== undefined && others.length === 0) return only(() => Promise.resolve(), undefined);
  const failure = new AbortController();
  const underWay: Promise<void>[] = [];
  let before = Promise.resolve();
  const begin = (step: Step): { ended: Promise<void>; onTurn: Promise<void> } => {
    const turnOfStep = before;
    let takeTurn: () => void = () => undefined;
    const onTurn = new Promise<void>((resolve) => (takeTurn = resolve));
    const turn = async () => {
      await turnOfStep;
      takeTurn();
    };
    const ended = step(turn, failure.signal).catch((error: unknown) => {
      // Of several failures the first is told: the others may well be its consequence.
      failure.abort(error);
      throw error;
    });
    return { ended, onTurn };
  };
  for (const step of steps) {
    if (failure.signal.aborted) break;
    const { ended, onTurn } = begin(step);
    // Failures are told below, when all has ended.
    before = ended;
    underWay.push(ended.catch(() => undefined));
    await Promise.race([onTurn, underWay.at(-1)]);
  }
  await Promise.all(underWay);
  if (failure.signal.aborted) throw failure.signal.reason;
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLoopTurns } from '../../src/concurrency/loop-turns.js';

/**
 * Requests that arrive one after the other in one turn of the loop, each some milliseconds of work by a clock that work
 * alone moves on.
 * @returns the names of those that began, turn by turn
 */
async function arriveTogether(
  names: readonly string[],
  { workMs, budgetMs = 2 }: { workMs: number; budgetMs?: number },
) {
  let timeMs = 0;
  const begunPerTurn: string[][] = [[]];
  const turns = createLoopTurns({ budgetMs, now: () => timeMs });
  const begin = async (name: string) => {
    await turns.take();
    begunPerTurn.at(-1)?.push(name);
    timeMs += workMs;
  };
  const all: Promise<void>[] = [];
  for (const name of names) {
    all.push(begin(name));
    // Node runs what a socket's event has led to before it takes up the next.
    await new Promise<void>((resolve) => process.nextTick(resolve));
  }
  const finished = Promise.all(all).then(() => true);
  while (!(await Promise.race([finished, nextTurn(false)]))) begunPerTurn.push([]);
  return begunPerTurn.filter((begun) => begun.length > 0);
}

describe('createLoopTurns()', () => {
  it('lets work begin at once while there is time', async () => {
    expect(await arriveTogether(['a', 'b', 'c'], { workMs: 1 })).toEqual([['a', 'b', 'c']]);
  });

  it('puts off to later turns what finds no time, in the order of arrival', async () => {
    const turns = await arriveTogether(['a', 'b', 'c', 'd', 'e', 'f', 'g'], { workMs: 1.5 });
    expect(turns.flat()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(turns.length).toBeGreaterThanOrEqual(3);
    for (const begun of turns) expect(begun.length).toBeLessThanOrEqual(2 + 2);
  });

  it('begins something in each turn, however long it takes', async () => {
    // Sockets are looked at between b and c, and between c and d; b follows a when the turn in which both came ends.
    expect(await arriveTogether(['a', 'b', 'c', 'd'], { workMs: 100 })).toEqual([['a', 'b'], ['c'], ['d']]);
  });

  it('counts the time from the first that begins in a turn', async () => {
    expect(await arriveTogether(['a', 'b'], { workMs: 2, budgetMs: 2 })).toEqual([['a', 'b']]);
  });
});

import { createRandom } from '../../../src/transformers/text-classification/random.js';
import {
  type Coalition,
  planCoalitions,
  shapleyValues,
} from '../../../src/transformers/text-classification/kernel-shap.js';

const random = () => createRandom(3);

/** Plays a game by a plan. */
function solve(players: number, budget: number, game: (coalition: Coalition) => number): number[] {
  const plan = planCoalitions(players, budget, random());
  const ends = { empty: game(new Uint8Array(players)), full: game(new Uint8Array(players).fill(1)) };
  return shapleyValues(plan, plan.coalitions.map(game), ends);
}

/** The definition: the mean over all orders in which players may come, of what each adds. */
function byDefinition(players: number, game: (coalition: Coalition) => number): number[] {
  const sums = new Array<number>(players).fill(0);
  let orders = 0;
  const come = (present: Coalition) => {
    if (present.every((member) => member === 1)) orders++;
    for (let player = 0; player < players; player++) {
      if (present[player] === 1) continue;
      const next = Uint8Array.from(present);
      next[player] = 1;
      const rest = players - next.reduce((sum, member) => sum + member, 0);
      const times = Array.from({ length: rest }, (_, i) => i + 1).reduce((a, b) => a * b, 1);
      sums[player] = (sums[player] ?? 0) + times * (game(next) - game(present));
      come(next);
    }
  };
  come(new Uint8Array(players));
  return sums.map((sum) => sum / orders);
}

/** A game with pairs that are worth more together. */
const paired = (coalition: Coalition) =>
  coalition.reduce((sum, member, i) => sum + member * (i + 1) + 5 * member * (coalition[i + 1] ?? 0), 2);

describe('planCoalitions()', () => {
  it('takes all coalitions where the budget allows it', () => {
    const { coalitions, weights } = planCoalitions(3, 6, random());
    expect(new Set(coalitions.map((coalition) => coalition.join('')))).toEqual(
      new Set(['100', '010', '001', '110', '101', '011']),
    );
    expect(new Set(weights)).toEqual(new Set([1 / 3]));
  });

  it('draws pairs of a coalition and its complement where it does not, the same ones each time', () => {
    const plan = planCoalitions(30, 129, random());
    expect(plan.coalitions).toHaveLength(128);
    plan.coalitions.forEach((coalition, index) => {
      const size = coalition.reduce((sum, member) => sum + member, 0);
      expect(size).toBeGreaterThan(0);
      expect(size).toBeLessThan(30);
      const other = plan.coalitions[index % 2 === 0 ? index + 1 : index - 1];
      expect(coalition.map((member) => 1 - member)).toEqual(other);
    });
    expect(planCoalitions(30, 129, random())).toEqual(plan);
  });

  it('asks nothing about no player and about one', () => {
    expect(planCoalitions(0, 16, random()).coalitions).toEqual([]);
    expect(planCoalitions(1, 16, random()).coalitions).toEqual([]);
  });
});

describe('shapleyValues()', () => {
  it.each([2, 3, 5, 6])('are those of the definition when all coalitions of %i players were played', (players) => {
    const expected = byDefinition(players, paired);
    solve(players, 64, paired).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5));
  });

  it('are exact for players who do not depend on each other, whatever was drawn', () => {
    const alone = (coalition: Coalition) => coalition.reduce((sum, member, i) => sum + member * (i - 7), 3);
    solve(40, 160, alone).forEach((value, i) => expect(value).toBeCloseTo(i - 7, 4));
  });

  it('come near the definition by a part of the coalitions, and sum up to the whole', () => {
    const near = solve(12, 400, paired);
    const exact = solve(12, 4094, paired);
    near.forEach((value, i) => expect(Math.abs(value - (exact[i] ?? NaN))).toBeLessThan(1));
    const total = paired(new Uint8Array(12).fill(1)) - paired(new Uint8Array(12));
    expect(near.reduce((a, b) => a + b, 0)).toBeCloseTo(total, 9);
  });

  it('give a single player all, and nobody nothing', () => {
    expect(solve(1, 16, paired)).toEqual([1]);
    expect(solve(0, 16, paired)).toEqual([]);
  });
});

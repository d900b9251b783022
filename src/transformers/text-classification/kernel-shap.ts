/**
 * What a game is asked: which of its players take part, 1 or 0 for each.
 */
export type Coalition = Uint8Array;

/** The coalitions that a game is to be played with, and how much each counts. */
export interface CoalitionPlan {
  readonly players: number;
  readonly coalitions: readonly Coalition[];
  readonly weights: readonly number[];
}

/** What is added to the diagonal so that a system that hardly tells two players apart can be solved. */
const RIDGE = 1e-9;

/**
 * The coalitions from which KernelSHAP (Lundberg & Lee, NIPS 2017, arXiv:1705.07874) learns what each player is worth:
 * all of them, weighted by the Shapley kernel, where there are no more than `budget`; else so many drawn by that kernel,
 * each with its complement, which more than halves the variance (Covert & Lee, AISTATS 2021, arXiv:2012.01536, 4.2).
 * Neither the empty coalition nor that of all players is among them.
 */
export function planCoalitions(players: number, budget: number, random: () => number): CoalitionPlan {
  if (players < 2) return { players, coalitions: [], weights: [] };
  const all = 2 ** players - 2;
  return all <= budget ? everyCoalition(players, all) : drawnCoalitions(players, budget, random);
}

/**
 * The players' Shapley values, from the least squares that KernelSHAP solves; exact where all coalitions were played.
 * Their sum is `full - empty`.
 * @param values what each coalition of the plan is worth
 * @param ends.empty what nobody is worth
 * @param ends.full what all players together are worth
 */
export function shapleyValues(
  { players, coalitions, weights }: CoalitionPlan,
  values: ArrayLike<number>,
  { empty, full }: { readonly empty: number; readonly full: number },
): number[] {
  const total = full - empty;
  if (players === 0) return [];
  if (players === 1) return [total];
  // The last player takes what is left, so that the sum is right; the others are free.
  const free = players - 1;
  const left = new Float64Array(free * free);
  const right = new Float64Array(free);
  const row = new Float64Array(free);
  for (const [index, coalition] of coalitions.entries()) {
    const last = coalition[free] ?? 0;
    const target = (values[index] ?? 0) - empty - last * total;
    const weight = weights[index] ?? 0;
    for (let i = 0; i < free; i++) row[i] = (coalition[i] ?? 0) - last;
    for (let i = 0; i < free; i++) {
      const scaled = weight * (row[i] ?? 0);
      if (scaled === 0) continue;
      right[i] = (right[i] ?? 0) + scaled * target;
      for (let j = 0; j <= i; j++) left[i * free + j] = (left[i * free + j] ?? 0) + scaled * (row[j] ?? 0);
    }
  }
  const solved = solve(left, right, free);
  return [...solved, total - solved.reduce((sum, value) => sum + value, 0)];
}

function everyCoalition(players: number, all: number): CoalitionPlan {
  const coalitions = Array.from({ length: all }, (_, index) =>
    Uint8Array.from({ length: players }, (__, player) => ((index + 1) >> player) & 1),
  );
  const weights = coalitions.map((coalition) => {
    const size = coalition.reduce((sum, member) => sum + member, 0);
    return (players - 1) / (choose(players, size) * size * (players - size));
  });
  return { players, coalitions, weights };
}

function drawnCoalitions(players: number, budget: number, random: () => number): CoalitionPlan {
  // How likely each size is, 1 to players - 1: the kernel's weight of all coalitions of that size together.
  const sizes = Array.from({ length: players - 1 }, (_, index) => 1 / ((index + 1) * (players - index - 1)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const coalitions: Coalition[] = [];
  const order = Array.from({ length: players }, (_, player) => player);
  while (coalitions.length + 2 <= budget) {
    let rest = random() * total;
    let size = 1;
    while (size < players - 1 && (rest -= sizes[size - 1] ?? 0) > 0) size++;
    const coalition = new Uint8Array(players);
    for (let drawn = 0; drawn < size; drawn++) {
      const other = drawn + Math.floor(random() * (players - drawn));
      const member = order[other] ?? 0;
      order[other] = order[drawn] ?? 0;
      order[drawn] = member;
      coalition[member] = 1;
    }
    coalitions.push(
      coalition,
      coalition.map((member) => 1 - member),
    );
  }
  return { players, coalitions, weights: coalitions.map(() => 1 / coalitions.length) };
}

function choose(n: number, k: number): number {
  let count = 1;
  for (let i = 1; i <= k; i++) count = (count * (n - k + i)) / i;
  return count;
}

/** Solves a symmetric positive definite system, given by its lower half, by Cholesky's method. */
function solve(matrix: Float64Array, vector: Float64Array, size: number): Float64Array {
  const at = (i: number, j: number) => matrix[i * size + j] ?? 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = at(i, j) + (i === j ? RIDGE : 0);
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      matrix[i * size + j] = i === j ? Math.sqrt(Math.max(sum, RIDGE)) : sum / at(j, j);
    }
  }
  const solution = Float64Array.from(vector);
  for (let i = 0; i < size; i++) {
    let sum = solution[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= at(i, k) * (solution[k] ?? 0);
    solution[i] = sum / at(i, i);
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = solution[i] ?? 0;
    for (let k = i + 1; k < size; k++) sum -= at(k, i) * (solution[k] ?? 0);
    solution[i] = sum / at(i, i);
  }
  return solution;
}

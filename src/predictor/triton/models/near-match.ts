/** How many letters may be wrong, missing or too many in a name that is taken for a slip. */
const MAX_SLIPS = 2;

/**
 * The name that was probably meant: the one that differs by case alone, or by two letters at most (Levenshtein
 * distance); undefined when none is near.
 */
export function nearMatch(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  const near = known
    .map((candidate) => ({ candidate, distance: slips(lower, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.min(MAX_SLIPS, candidate.length - 1));
  near.sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** Letters to be inserted, deleted or replaced to make one text of the other; computed row by row. */
function slips(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > MAX_SLIPS) return Infinity;
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const deleted = (above[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, deleted, inserted));
    }
    above = current;
  }
  return above[to.length] ?? Infinity;
}

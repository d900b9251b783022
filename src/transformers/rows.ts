/** Rows of columns of equal length: `zip([1, 2], ['a', 'b'])` is `[[1, 'a'], [2, 'b']]`. */
export function zip<Row extends readonly unknown[]>(...columns: { [K in keyof Row]: readonly Row[K][] }): Row[] {
  const lengths = columns.map((column) => column.length);
  if (new Set(lengths).size > 1) throw new RangeError(`columns of unequal length: ${lengths.join(', ')}`);
  return Array.from({ length: lengths[0] ?? 0 }, (_, row) => columns.map((column) => column[row]) as unknown as Row);
}

/** Undoes `groups.flat()` for values that were made from it one by one. */
export function regroup<Value>(values: readonly Value[], groups: readonly (readonly unknown[])[]): Value[][] {
  const total = groups.reduce((sum, group) => sum + group.length, 0);
  if (values.length !== total) throw new RangeError(`${values.length} values for groups of ${total} in all`);
  let start = 0;
  return groups.map((group) => values.slice(start, (start += group.length)));
}

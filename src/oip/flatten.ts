/** How deep arrays are followed: as deep as Triton itself lets JSON be nested, and far beyond any tensor's rank. */
const MAX_NESTING = 100;

/** The values of a tensor in JSON, row by row, whether they are nested as its shape or flat already. */
export function flatten(values: readonly unknown[]): readonly unknown[] {
  if (!values.some(Array.isArray)) return values;
  const flat: unknown[] = [];
  // Array.prototype.flat() takes three times as long.
  collect(values, { flat, depth: 0 });
  return flat;
}

function collect(values: readonly unknown[], { flat, depth }: { flat: unknown[]; depth: number }): void {
  for (const value of values) {
    if (Array.isArray(value) && depth < MAX_NESTING) collect(value, { flat, depth: depth + 1 });
    else flat.push(value);
  }
}

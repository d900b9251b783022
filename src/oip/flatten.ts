/** How deep arrays are followed: as deep as Triton itself lets JSON be nested, and far beyond any tensor's rank. */
const MAX_NESTING = 100;

/** The values of a tensor in JSON, row by row, whether they are nested as its shape or flat already. */
export function flatten(values: readonly unknown[]): readonly unknown[] {
  return values.some(Array.isArray) ? values.flat(MAX_NESTING) : values;
}

/** Longer than anything takes that a test waits for so, and shorter than the test itself may. */
const PATIENCE_MS = 10_000;

/** Waits until something is there. */
export async function eventually<T>(read: () => T | undefined, what: string): Promise<T> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < PATIENCE_MS) {
    const found = read();
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`${what} does not come`);
}

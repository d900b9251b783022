/** A number rounded to some decimals; halves go up. */
export function decimals(value: number, places: number): number {
  const factor = 10 ** places;
  // Adding 0 makes -0 a plain 0.
  return Math.round(value * factor) / factor + 0;
}

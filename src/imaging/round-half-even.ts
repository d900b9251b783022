/** Rounds to the nearest integer and halves to the even one, as Python's `round` and numpy do: 2.5 becomes 2. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

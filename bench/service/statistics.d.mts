export function percentile(sorted: ArrayLike<number>, share: number): number | undefined;
export function spread(values: readonly (number | undefined)[]): {
  readonly median: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
};

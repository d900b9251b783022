export interface Spread {
  readonly median: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
}

export function percentile(sorted: ArrayLike<number>, share: number): number | undefined;
export function spread(values: readonly (number | undefined)[]): Spread;

import type { Results } from './results.mjs';

export function stagesChart(results: {
  readonly runs: Results['runs'];
  readonly floors: Pick<Results['floors'], 'decode'>;
}): string;

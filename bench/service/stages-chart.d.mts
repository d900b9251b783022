import type { Run } from './targets.mjs';

export function stagesChart(results: {
  readonly runs: readonly Run[];
  readonly floors: { readonly decode: Readonly<Record<string, Readonly<Record<'exact' | 'fast', number>>>> };
}): string;

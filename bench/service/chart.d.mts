import type { Run } from './targets.mjs';

export function chart(results: { readonly runs: readonly Run[] }): string;

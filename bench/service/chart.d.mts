import type { Results } from './results.mjs';

export function chart(results: Pick<Results, 'runs'>): string;

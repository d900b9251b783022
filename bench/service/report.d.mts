import type { Results } from './results.mjs';

export function report(results: Results): string;

import type { Load } from './load.mjs';
import type { Figures } from './results.mjs';

export const MAX_OTHERS_CORES: number;
export function cellsOf(
  names: readonly string[],
  clients?: number,
): { readonly server: string; readonly kind: string }[];
export function planOf(plan: {
  readonly names: readonly string[];
  readonly bodies: readonly string[];
  readonly clientCounts: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly starts: number;
}): { readonly runs: number; readonly maxRepeats: number; readonly minutes: number };
export function lineOf(
  run: Pick<Figures, 'callsPerSecond' | 'p50Ms' | 'p99Ms' | 'errors' | 'firstError' | 'othersCores'>,
): string;
export function figuresOf(
  run: Load & {
    readonly cpuSeconds: {
      readonly server: number;
      readonly triton?: number;
      readonly generator: number;
      readonly busy: number;
    };
  },
): Omit<Figures, 'rssMiB' | 'pssMiB'>;

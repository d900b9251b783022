import type { Run } from './results.mjs';
import type { Spread } from './statistics.mjs';

/** A server, and a kind of body that it is sent. */
export type Way = readonly [server: string, kind: string];

export interface Column {
  readonly title: string;
  /** The best of these counts. */
  readonly ours: readonly Way[];
  readonly peer: Way;
  /** Ratios by body. */
  readonly least: Readonly<Record<string, number>>;
  readonly aim?: Readonly<Record<string, number>>;
}

export interface Ratio {
  readonly title: string;
  readonly body: string;
  readonly clients: number;
  readonly way: string;
  readonly ratio: number;
  readonly cpuRatio: number;
  readonly least: number;
  readonly aim: number | undefined;
  readonly isDisturbed: boolean;
}

export const COLUMNS: readonly Column[];
export const LIMITS: { readonly rssMiB: number; readonly healthP99Ms: number; readonly readyMs: number };
export const BODY_TITLES: Readonly<Record<string, string>>;
export function cell(
  runs: readonly Run[],
  way: Way,
  point: { readonly body: string; readonly clients: number },
  figure: keyof Run,
): Spread | undefined;
export function ratios(runs: readonly Run[]): Ratio[];
export function furtherRatios(runs: readonly Run[]): (Pick<Ratio, 'body' | 'clients' | 'ratio' | 'isDisturbed'> & {
  readonly server: string;
  readonly callsPerSecond: number;
})[];

/** One run's figures, as run.mjs keeps them. */
export interface Run {
  readonly server: string;
  readonly kind: string;
  readonly body: string;
  readonly clients: number;
  readonly [figure: string]: string | number;
}

export const BODY_TITLES: Readonly<Record<string, string>>;
export function cell(
  runs: readonly Run[],
  way: readonly [server: string, kind: string],
  point: { readonly body: string; readonly clients: number },
  figure: string,
): { readonly median: number | undefined } | undefined;
export function ratios(runs: readonly Run[]): readonly {
  readonly title: string;
  readonly body: string;
  readonly clients: number;
  readonly way: string;
  readonly ratio: number;
  readonly least: number;
  readonly aim: number | undefined;
  readonly isReached: boolean;
}[];

interface Demo {
  readonly samples: string;
  readonly models: readonly string[];
  readonly isFetched: boolean;
  readonly hasBadSample: boolean;
  readonly runs: readonly (readonly string[])[];
}

export const DEMOS: Readonly<Record<string, Demo>>;
export const OUTPUT: string;

import type { SampleSpec } from '../../imaging/sample-spec.js';

/** (x / 255 − 0.5) / 0.5 = (x − 127.5) / 127.5, as in PyTorch's tutorial on CIFAR-10, which the classifiers follow. */
const HALF = 127.5;

/** What the classifier expects: `[B, 3, 32, 32]`, RGB, −1..1. */
export const CIFAR10_INPUT: SampleSpec = {
  widthPx: 32,
  heightPx: 32,
  channels: 'rgb',
  mean: [HALF, HALF, HALF],
  std: [HALF, HALF, HALF],
};

/** The classifier's input, `[3, 32, 32]`, of each picture of a request: 12 kB. */
export interface Prepared {
  readonly samples: readonly Float32Array[];
}

/** Prepares pictures for the classifier. */
export function preprocess(samples: readonly Float32Array[]): Prepared {
  return { samples };
}

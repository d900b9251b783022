import type { Picture } from '../../imaging/picture.js';
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

/**
 * The pictures of a request, as decoded. They are stretched batch by batch just before their call, so that the memory of
 * tensors is bounded by the calls in flight and not by the request.
 */
export interface Prepared {
  readonly pictures: readonly Picture[];
}

/** Prepares pictures for the classifier. */
export function preprocess(pictures: readonly Picture[]): Prepared {
  return { pictures };
}

import type { SampleSpec } from '../../imaging/sample-spec.js';
import type { MnistOptions } from './options.js';
import { SIDE } from './size.js';

const GREY = { widthPx: SIDE, heightPx: SIDE, channels: 'grey' } as const;

/** A picture as grey values, 0 (black) to 1 (white): the whole of it, stretched. */
export const GREY_SAMPLE: SampleSpec = { ...GREY, mean: [0], std: [255] };

/** Mean and deviation of MNIST's training pictures, which its classifiers expect to be taken off: (x − mean) / std. */
const MEAN = 0.1307;
const STD = 0.3081;

/** What the model expects: `[B, 1, 28, 28]`, white on black, (x / 255 − 0.1307) / 0.3081. */
export const MNIST_INPUT: SampleSpec = { ...GREY, mean: [MEAN * 255], std: [STD * 255] };

/** The digits of a request, `[28, 28]` each, 0 (black) to 1 (white), written in white on black. */
export interface Prepared {
  readonly digits: readonly Float32Array[];
}

/** Grey values of any size, 0 (black) to 1 (white), row by row. */
export interface GreyPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly grey: Float32Array;
}

/** Grey values of 28 × 28 as white on black, turned round where they are not. */
export function whiteOnBlack(grey: Float32Array, invert: MnistOptions['mnist_invert']): Float32Array {
  const isTurned = invert === 'auto' ? isDarkOnLight({ widthPx: SIDE, heightPx: SIDE, grey }) : invert === 'always';
  return isTurned ? grey.map((value) => 1 - value) : grey;
}

/** Prepares digits for the model. */
export function preprocess(digits: readonly Float32Array[]): Prepared {
  return { digits };
}

/** A digit as the model expects it. */
export function normalise(digit: Float32Array): Float32Array {
  return digit.map((value) => (value - MEAN) / STD);
}

/**
 * Whether what is written is darker than what it is written on. What differs from the ground is ink, and all in all it
 * differs to one side more than to the other. On a black ground nothing is darker and on a white one nothing lighter, so
 * that those are always right; a picture of one value stays as it is.
 */
export function isDarkOnLight(picture: GreyPicture): boolean {
  const ground = groundOf(picture);
  let balance = 0;
  for (const value of picture.grey) balance += ground - value;
  return balance > 0;
}

/** What is written on: the median of the outermost pixels. */
export function groundOf({ widthPx, heightPx, grey }: GreyPicture): number {
  const border = grey.filter((_, at) => {
    const x = at % widthPx;
    const y = Math.floor(at / widthPx);
    return x === 0 || y === 0 || x === widthPx - 1 || y === heightPx - 1;
  });
  return border.sort()[border.length >> 1] ?? 0;
}

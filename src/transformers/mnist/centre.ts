import type { Affine } from '../../imaging/affine.js';
import type { Picture } from '../../imaging/picture.js';
import { resizeAntialiasedBatch } from '../../imaging/resize-antialiased.js';
import type { SampleSpec } from '../../imaging/sample-spec.js';
import { warpBatch } from '../../imaging/warp.js';
import type { MnistOptions } from './options.js';
import { GREY_SAMPLE, type GreyPicture, groundOf, isDarkOnLight } from './preprocess.js';
import { SIDE } from './size.js';

/** How dark and light are told apart; `--mnist_invert`. */
type Invert = MnistOptions['mnist_invert'];

/** A picture's longer side while its ink is looked for: a digit that fills a quarter of it is as large as in MNIST. */
const SEARCH_PX = 112;

/**
 * MNIST's own form: the digit fits into 20 × 20, and the centre of its mass is that of 28 × 28 (LeCun, Bottou, Bengio and
 * Haffner: Gradient-based learning applied to document recognition, Proc. IEEE 86, 11, 1998, III.A).
 */
const BOX_PX = 20;

/** The darkest, or lightest, half per cent of a picture counts as full ink; the rest in proportion. */
const FULL_INK_QUANTILE = 0.995;

/** Ink that differs less than this from the ground is none: the noise of a sheet of one colour. */
const LEAST_CONTRAST = 0.05;

/** Less than this part of full ink is the ground's noise, more than that belongs to a stroke. */
const NOISE = 0.15;
const STROKE = 0.5;

/** The part of a picture in which there are strokes: from the first to before the second, on either axis. */
interface Box {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/**
 * Brings the digit of a whole picture, wherever it stands on it, into MNIST's form: white on black, `[28, 28]`, 0 to 1.
 * The ground, even if it is grey paper, becomes black and the ink white. A picture without ink becomes black.
 */
export function centrePicture({ picture, invert }: { picture: Picture; invert: Invert }): Float32Array {
  const shrink = Math.max(1, Math.max(picture.widthPx, picture.heightPx) / SEARCH_PX);
  const [widthPx, heightPx] = [picture.widthPx, picture.heightPx].map((side) => Math.max(1, Math.round(side / shrink)));
  const spec: SampleSpec = { ...GREY_SAMPLE, widthPx: widthPx ?? 1, heightPx: heightPx ?? 1 };
  return centreGrey({ ...spec, grey: resizeAntialiasedBatch({ pictures: [picture], spec }) }, invert);
}

/** `centrePicture` as a job for a worker pool. */
export const centrePictureJob = { module: import.meta.url, name: 'centrePicture', run: centrePicture } as const;

/** The same for what is grey already, and no larger than SEARCH_PX. */
export function centreGrey(picture: GreyPicture, invert: Invert): Float32Array {
  const ink = inkOf(picture, invert);
  const box = ink && boxOf(picture, ink);
  return ink === undefined || box === undefined ? new Float32Array(SIDE * SIDE) : framed(picture, ink, box);
}

/** How much ink there is at each pixel, 0 to 1; undefined when there is none. */
function inkOf(picture: GreyPicture, invert: Invert): Float32Array | undefined {
  const { grey } = picture;
  const isDark = invert === 'auto' ? isDarkOnLight(picture) : invert === 'always';
  const ground = groundOf(picture);
  const ink = grey.map((value) => Math.max(0, isDark ? ground - value : value - ground));
  const full = ink.slice().sort()[Math.floor((ink.length - 1) * FULL_INK_QUANTILE)] ?? 0;
  if (full < LEAST_CONTRAST) return undefined;
  return ink.map((value) => (value < NOISE * full ? 0 : Math.min(1, value / full)));
}

function boxOf({ widthPx, heightPx }: GreyPicture, ink: Float32Array): Box | undefined {
  const [left, right, top, bottom] = [widthPx, -1, heightPx, -1];
  const found = { left, right, top, bottom };
  for (const [at, value] of ink.entries()) {
    if (value < STROKE) continue;
    const [x, y] = [at % widthPx, Math.floor(at / widthPx)];
    found.left = Math.min(found.left, x);
    found.right = Math.max(found.right, x);
    found.top = Math.min(found.top, y);
    found.bottom = Math.max(found.bottom, y);
  }
  return found.right < 0 ? undefined : { x: [found.left, found.right + 1], y: [found.top, found.bottom + 1] };
}

/** The box of the ink at its size, about its centre of mass, and black around it. */
function framed({ widthPx, heightPx }: GreyPicture, ink: Float32Array, { x, y }: Box): Float32Array {
  const scale = BOX_PX / Math.max(x[1] - x[0], y[1] - y[0]);
  const mass = centreOfMass({ widthPx, ink }, { x, y });
  const [left, top] = [shiftOf(x, mass.x, scale), shiftOf(y, mass.y, scale)];
  const map: Affine = [1 / scale, 0, -left / scale, 0, 1 / scale, -top / scale];
  const picture = { widthPx, heightPx, data: toRgb(ink) };
  const digit = warpBatch({ crops: [{ picture, map }], spec: GREY_SAMPLE });
  const isWithin = (place: number, [from, to]: Box['x'], shift: number) => {
    const source = (place + 0.5 - shift) / scale;
    return source > from - 0.5 / scale && source < to + 0.5 / scale;
  };
  return digit.map((value, at) =>
    isWithin(at % SIDE, x, left) && isWithin(Math.floor(at / SIDE), y, top) ? value : 0,
  );
}

/** Where the picture's edge comes to lie, so that the mass is in the middle but all of the box within. */
function shiftOf([from, to]: Box['x'], mass: number, scale: number): number {
  return Math.min(SIDE - to * scale, Math.max(-from * scale, SIDE / 2 - mass * scale));
}

function centreOfMass(
  { widthPx, ink }: { widthPx: number; ink: Float32Array },
  { x, y }: Box,
): { readonly x: number; readonly y: number } {
  let [mass, overX, overY] = [0, 0, 0];
  for (let row = y[0]; row < y[1]; row++) {
    for (let column = x[0]; column < x[1]; column++) {
      const value = ink[row * widthPx + column] ?? 0;
      mass += value;
      overX += value * (column + 0.5);
      overY += value * (row + 0.5);
    }
  }
  return { x: overX / mass, y: overY / mass };
}

function toRgb(ink: Float32Array): Uint8Array {
  const rgb = new Uint8Array(ink.length * 3);
  for (const [at, value] of ink.entries()) rgb.fill(Math.round(value * 255), at * 3, at * 3 + 3);
  return rgb;
}

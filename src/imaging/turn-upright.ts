import type { Orientation } from './headers/exif-orientation.js';
import type { PixelKernels } from './pixel-kernels.js';
import type { KernelPicture } from './png.js';

/** Bytes of a pixel: RGB. */
const PIXEL = 3;

/** What the kernel writes beyond the end. */
const OVERRUN_BYTES = 16;

/** By EXIF's number: whether rows become columns, and whether the first output pixel is at the right, at the bottom. */
const TURNS: Readonly<Record<Orientation, readonly [isTransposed: boolean, isRight: boolean, isBottom: boolean]>> = {
  1: [false, false, false],
  2: [false, true, false],
  3: [false, true, true],
  4: [false, false, true],
  5: [true, false, false],
  6: [true, false, true],
  7: [true, true, true],
  8: [true, true, false],
};

/**
 * Turns a picture upright (EXIF 2.32, 4.6.4, Orientation).
 * @returns the same picture when it is upright; undefined when the kernels have no room for another
 */
export function turnUpright(
  kernels: PixelKernels,
  picture: KernelPicture,
  orientation: Orientation,
): KernelPicture | undefined {
  if (orientation === 1) return picture;
  const { address, widthPx, heightPx } = picture;
  const [isTransposed, isRight, isBottom] = TURNS[orientation];
  const byteLength = widthPx * heightPx * PIXEL + OVERRUN_BYTES;
  if (!kernels.hasRoom(byteLength)) return undefined;
  const output = kernels.scratch(byteLength);
  const stride = widthPx * PIXEL;
  const begin = address + (isRight ? stride - PIXEL : 0) + (isBottom ? stride * (heightPx - 1) : 0);
  const [across, down] = [isRight ? -PIXEL : PIXEL, isBottom ? -stride : stride];
  if (isTransposed) {
    kernels.exports.turn(begin, down, across, heightPx, widthPx, output);
    return { address: output, widthPx: heightPx, heightPx: widthPx };
  }
  kernels.exports.turn(begin, across, down, widthPx, heightPx, output);
  return { address: output, widthPx, heightPx };
}

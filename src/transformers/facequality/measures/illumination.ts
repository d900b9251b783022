import type { Point } from '../../../imaging/affine.js';
import { distance, type FivePoints, midpoint } from '../points.js';
import { levelShares } from './exposure.js';

/** Side of the cheek squares as a share of the eye distance: ISO/IEC 29794-5 as in OFIQ (illumination uniformity). */
const CHEEK_SIDE = 0.3;

/**
 * How evenly a face is lit from left and right: the area that the luminance histograms of two cheek squares share.
 * @param levels luminance of a square crop, row by row
 * @param five the face's points in that crop
 * @param mouth the middle of the mouth in that crop
 * @returns 0 (nothing in common, or a cheek outside the crop) .. 1 (the same)
 */
export function illuminationUniformity(levels: Uint8Array, five: FivePoints, mouth: Point): number {
  const [left, right] = five;
  const sidePx = Math.max(2, Math.trunc(distance(left, right) * CHEEK_SIDE));
  const below = distance(mouth, midpoint(left, right)) / 2;
  const leftShares = levelShares(squareOf(levels, [left[0] - sidePx, left[1] + below], sidePx));
  const rightShares = levelShares(squareOf(levels, [right[0], right[1] + below], sidePx));
  return leftShares.reduce((shared, share, level) => shared + Math.min(share, rightShares[level] ?? 0), 0);
}

/** The pixels of a square inside the crop; its corner is moved into the crop, what then stands out is cut off. */
function squareOf(levels: Uint8Array, corner: Point, sidePx: number): Uint8Array {
  const widthPx = Math.sqrt(levels.length);
  const [x, y] = corner.map((value) => Math.max(0, Math.trunc(value))) as [number, number];
  const [left, right] = [Math.min(x, widthPx), Math.min(x + sidePx, widthPx)];
  const rows = Math.max(0, Math.min(sidePx, widthPx - y));
  const square = new Uint8Array(rows * (right - left));
  for (let row = 0; row < rows; row++) {
    const start = (y + row) * widthPx;
    square.set(levels.subarray(start + left, start + right), row * (right - left));
  }
  return square;
}

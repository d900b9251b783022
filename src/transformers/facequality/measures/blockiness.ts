import type { Box } from '../../../imaging/boxes.js';
import type { Picture } from '../../../imaging/picture.js';
import { lumaOf } from './luminance.js';
import { median } from './median.js';

/** Side of JPEG's blocks: ISO/IEC 10918-1. */
const BLOCK_PX = 8;
/** Fewer luma steps than three blocks have say nothing. */
const MIN_STEPS = 3 * BLOCK_PX;
/** Keeps the quotient finite where a picture has no steps at all, and near 1 where they are invisible. */
const STEP_OFFSET = 0.25;
/** The surroundings that are looked at, in heights of the face's box. */
const REGION_SIDE = 2;
/** What a region without blocks has. */
const NO_BLOCKS = 1;

/**
 * How much stronger the luma steps around a face are on the best-fitting 8-pixel grid than off it. Our own measure;
 * OFIQ uses a network.
 * @param box the face in the picture
 * @returns the lower of the two directions' values; 1 when there are no blocks or the region is too small
 */
export function blockiness(picture: Picture, box: Box): number {
  const { columnSteps, rowSteps } = lumaSteps(picture, regionAround(picture, box));
  if (columnSteps.length < MIN_STEPS || rowSteps.length < MIN_STEPS) return NO_BLOCKS;
  return Math.min(gridStrength(columnSteps), gridStrength(rowSteps));
}

/** The square about the box's centre, cut to the picture, in whole pixels. */
function regionAround(picture: Picture, [x1, y1, x2, y2]: Box) {
  const half = (REGION_SIDE * (y2 - y1)) / 2;
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const left = Math.trunc(Math.max(0, x - half));
  const top = Math.trunc(Math.max(0, y - half));
  const right = Math.trunc(Math.min(picture.widthPx, x + half));
  const bottom = Math.trunc(Math.min(picture.heightPx, y + half));
  return { left, top, widthPx: Math.max(0, right - left), heightPx: Math.max(0, bottom - top) };
}

/** Mean absolute luma step from each column to the next and from each row to the next, in one pass without a copy. */
function lumaSteps(picture: Picture, region: ReturnType<typeof regionAround>) {
  const { left, top, widthPx, heightPx } = region;
  const columnSteps = new Float64Array(Math.max(0, widthPx - 1));
  const rowSteps = new Float64Array(Math.max(0, heightPx - 1));
  const above = new Float64Array(widthPx);
  for (let row = 0; row < heightPx; row++) {
    let i = 3 * ((top + row) * picture.widthPx + left);
    let before = 0;
    let fromAbove = 0;
    for (let column = 0; column < widthPx; column++, i += 3) {
      const level = lumaOf(picture.data[i] ?? 0, picture.data[i + 1] ?? 0, picture.data[i + 2] ?? 0);
      if (column > 0) columnSteps[column - 1] = (columnSteps[column - 1] ?? 0) + Math.abs(level - before);
      fromAbove += Math.abs(level - (above[column] ?? 0));
      above[column] = level;
      before = level;
    }
    if (row > 0) rowSteps[row - 1] = fromAbove / widthPx;
  }
  return { columnSteps: columnSteps.map((total) => total / heightPx), rowSteps };
}

/** The strongest of the eight phases of the grid, over the median phase. */
function gridStrength(steps: Float64Array): number {
  const phases = Array.from({ length: BLOCK_PX }, (_, phase) => {
    let total = 0;
    let count = 0;
    for (let i = phase; i < steps.length; i += BLOCK_PX, count++) total += steps[i] ?? 0;
    return total / count + STEP_OFFSET;
  });
  return Math.max(...phases) / median(phases);
}

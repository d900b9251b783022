import { internalError } from '../errors.js';

/** A point, x to the right and y down, in pixels; pixel i covers [i, i + 1). */
export type Point = readonly [x: number, y: number];

/** A 2x3 map, row by row: x' = m[0]·x + m[1]·y + m[2], y' = m[3]·x + m[4]·y + m[5]. */
export type Affine = readonly [number, number, number, number, number, number];

/** The map from an output of `outWidthPx` x `outHeightPx` to a rectangle of the picture, which may reach beyond it. */
export function cropMap(
  region: { x: number; y: number; w: number; h: number },
  outWidthPx: number,
  outHeightPx: number,
): Affine {
  return [region.w / outWidthPx, 0, region.x, 0, region.h / outHeightPx, region.y];
}

/**
 * The map that undoes a map.
 * @throws ServiceError `internal` when there is none, since the map flattens the plane or is not finite
 */
export function invertAffine([a, b, tx, c, d, ty]: Affine): Affine {
  const det = a * d - b * c;
  if (!Number.isFinite(1 / det)) {
    throw internalError(new RangeError(`the map [${[a, b, tx, c, d, ty].join(', ')}] has no inverse`));
  }
  return [d / det, -b / det, (b * ty - d * tx) / det, -c / det, a / det, (c * tx - a * ty) / det];
}

/** Maps each point. */
export function applyAffine([a, b, tx, c, d, ty]: Affine, points: readonly Point[]): Point[] {
  return points.map(([x, y]) => [a * x + b * y + tx, c * x + d * y + ty]);
}

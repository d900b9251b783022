import { internalError } from '../errors.js';
import type { Affine, Point } from './affine.js';

/**
 * A 3x3 map of the plane, row by row, that keeps straight lines straight:
 * (x', y') = ((h[0]·x + h[1]·y + h[2]) / w, (h[3]·x + h[4]·y + h[5]) / w), w = h[6]·x + h[7]·y + h[8].
 */
export type Homography = readonly [number, number, number, number, number, number, number, number, number];

/** The corners of a quadrilateral: upper left, upper right, lower right, lower left. */
export type Quad = readonly [Point, Point, Point, Point];

/** Whether a map is a homography, and no affine one. */
export function isHomography(map: Affine | Homography): map is Homography {
  return map.length === 9;
}

/**
 * The map from an output of `outWidthPx` x `outHeightPx` to a quadrilateral of the picture, which may reach beyond it. The
 * map of the unit square to a quadrilateral has a closed form (Heckbert, "Fundamentals of Texture Mapping and Image
 * Warping", 1989, 2.2.3).
 * @param quad convex, as `isConvex` says
 * @throws ServiceError `internal` when there is no such map, since the last three corners lie on a line or one is not finite
 */
export function quadMap(quad: Quad, outWidthPx: number, outHeightPx: number): Homography {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = quad;
  const [dx1, dx2, sumX] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, sumY] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const det = dx1 * dy2 - dx2 * dy1;
  const g = (sumX * dy2 - dx2 * sumY) / det;
  const h = (dx1 * sumY - sumX * dy1) / det;
  const map: Homography = [
    (x1 - x0 + g * x1) / outWidthPx,
    (x3 - x0 + h * x3) / outHeightPx,
    x0,
    (y1 - y0 + g * y1) / outWidthPx,
    (y3 - y0 + h * y3) / outHeightPx,
    y0,
    g / outWidthPx,
    h / outHeightPx,
    1,
  ];
  if (!map.every(Number.isFinite)) {
    throw internalError(new RangeError(`no map leads to the corners [${quad.join('], [')}]`));
  }
  return map;
}

/** Maps each point. */
export function applyHomography(map: Homography, points: readonly Point[]): Point[] {
  const [a, b, c, d, e, f, g, h, i] = map;
  return points.map(([x, y]) => {
    const w = g * x + h * y + i;
    return [(a * x + b * y + c) / w, (d * x + e * y + f) / w];
  });
}

/** The area inside a quadrilateral, positive where its corners go clockwise as seen (Gauss's shoelace formula). */
export function quadArea(quad: Quad): number {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = quad;
  return ((x2 - x0) * (y3 - y1) - (x3 - x1) * (y2 - y0)) / 2;
}

/** Whether all corners of a quadrilateral are finite, go clockwise as seen, and turn outwards, none of them straight. */
export function isConvex(quad: Quad): boolean {
  return quad.every(([x, y], i) => {
    const [nextX, nextY] = quad[(i + 1) % 4] ?? [NaN, NaN];
    const [thenX, thenY] = quad[(i + 2) % 4] ?? [NaN, NaN];
    return (nextX - x) * (thenY - nextY) - (nextY - y) * (thenX - nextX) > 0;
  });
}

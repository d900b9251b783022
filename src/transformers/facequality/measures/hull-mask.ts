import type { Point } from '../../../imaging/affine.js';

/**
 * The pixels of a square crop whose centre lies inside the convex hull of the points.
 * @returns 1 inside, 0 outside, row by row; all 1 when the hull holds no pixel's centre, so that a mask is never empty
 */
export function hullMask(points: readonly Point[], sizePx: number): Uint8Array {
  const hull = convexHull(points);
  const edges = hull.map((from, i) => ({ from, to: hull[(i + 1) % hull.length] ?? from }));
  const mask = new Uint8Array(sizePx * sizePx);
  let inside = 0;
  for (let row = 0; row < sizePx; row++) {
    for (let column = 0; column < sizePx; column++) {
      if (edges.every(({ from, to }) => turn(from, to, [column + 0.5, row + 0.5]) >= 0)) {
        mask[row * sizePx + column] = 1;
        inside++;
      }
    }
  }
  return inside === 0 ? mask.fill(1) : mask;
}

/** Andrew's monotone chain (Information Processing Letters 9(5), 1979); corners in the order in which all turn right. */
function convexHull(points: readonly Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  return [...halfHull(sorted), ...halfHull(sorted.toReversed())];
}

function halfHull(points: readonly Point[]): Point[] {
  const chain: Point[] = [];
  for (const point of points) {
    for (;;) {
      const last = chain.at(-1);
      const beforeLast = chain.at(-2);
      if (last === undefined || beforeLast === undefined || turn(beforeLast, last, point) > 0) break;
      chain.pop();
    }
    chain.push(point);
  }
  return chain.slice(0, -1);
}

/** Twice the signed area of a triangle: positive when the way from a over b to c turns right on screen (y goes down). */
function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

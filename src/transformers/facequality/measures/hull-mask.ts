import type { Point } from '../../../imaging/affine.js';

/** A side of the hull; the face lies to its right on screen, where y goes down. */
interface Edge {
  readonly from: Point;
  readonly to: Point;
}

/**
 * The pixels of a square crop whose centre lies inside the convex hull of the points.
 * @returns 1 inside, 0 outside, row by row; all 1 when the hull holds no pixel's centre, so that a mask is never empty
 */
export function hullMask(points: readonly Point[], sizePx: number): Uint8Array {
  const hull = convexHull(points);
  const edges = hull.map((from, i) => ({ from, to: hull[(i + 1) % hull.length] ?? from }));
  const mask = new Uint8Array(sizePx * sizePx);
  for (let row = 0; row < sizePx; row++) {
    const { left, right } = spanAt(edges, row + 0.5);
    const first = Math.max(0, Math.ceil(left - 0.5));
    const end = Math.min(sizePx, Math.floor(right - 0.5) + 1);
    if (end > first) mask.fill(1, row * sizePx + first, row * sizePx + end);
  }
  return mask.includes(1) ? mask : mask.fill(1);
}

/** Where a horizontal line is right of all edges; empty (left > right) when it misses the hull. */
function spanAt(edges: readonly Edge[], y: number): { left: number; right: number } {
  let left = -Infinity;
  let right = Infinity;
  for (const { from, to } of edges) {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const crossing = from[0] + (dx * (y - from[1])) / dy;
    if (dy > 0) right = Math.min(right, crossing);
    else if (dy < 0) left = Math.max(left, crossing);
    else if (dx * (y - from[1]) < 0) return { left: Infinity, right: -Infinity };
  }
  return { left, right };
}

/** Andrew's monotone chain (Information Processing Letters 9(5), 1979); corners in the order in which all turn right. */
function convexHull(points: readonly Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
  return [...halfHull(sorted), ...halfHull(sorted.toReversed())];
}

function halfHull(points: readonly Point[]): Point[] {
  const chain: Point[] = [];
  for (const point of points) {
    while (chain.length > 1 && !turnsRight(chain.slice(-2), point)) chain.pop();
    chain.push(point);
  }
  return chain.slice(0, -1);
}

/** Whether the way over two points turns right, on screen, to reach a third. */
function turnsRight([a, b]: readonly Point[], c: Point): boolean {
  if (a === undefined || b === undefined) return true;
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0;
}

import type { Affine, Point } from './affine.js';

/**
 * The rotation, uniform scale and shift that takes the `src` points nearest to the `dst` points (least squares): with
 * points as complex numbers about their means, the factor is Σ conj(a)·b / Σ |a|² (Umeyama 1991, without reflection).
 * Points of `src` that all coincide fix no rotation and no scale: then it is the shift alone.
 * @param src at least one point
 * @param dst as many points as `src`
 */
export function similarity(src: readonly Point[], dst: readonly Point[]): Affine {
  const [ax, ay] = mean(src);
  const [bx, by] = mean(dst);
  let re = 0;
  let im = 0;
  let norm = 0;
  dst.forEach(([dstX, dstY], i) => {
    const [srcX, srcY] = src[i] ?? [ax, ay];
    const [x, y, u, v] = [srcX - ax, srcY - ay, dstX - bx, dstY - by];
    re += x * u + y * v;
    im += x * v - y * u;
    norm += x * x + y * y;
  });
  if (norm === 0) return [1, 0, bx - ax, 0, 1, by - ay];
  const [cos, sin] = [re / norm, im / norm];
  return [cos, -sin, bx - (cos * ax - sin * ay), sin, cos, by - (sin * ax + cos * ay)];
}

function mean(points: readonly Point[]): Point {
  let [x, y] = [0, 0];
  for (const [px, py] of points) {
    x += px;
    y += py;
  }
  return [x / points.length, y / points.length];
}

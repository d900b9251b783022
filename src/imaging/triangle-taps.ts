/**
 * Which source pixels, with which weights, make each output pixel along one axis: output pixel i is the sum over t,
 * from `starts[i]` to before `starts[i + 1]`, of `weights[t]` · source pixel `firsts[i] + t − starts[i]`, rounded.
 */
export interface TriangleTaps {
  readonly firsts: Int32Array;
  readonly starts: Int32Array;
  /**
   * Whole numbers, 0 or more. Those of one output pixel add up to 2 ** `WEIGHT_BITS` but for their rounding, which adds
   * 2048 at most (to 6144 pixels that become 3) and would have to add 8225 to make white overflow.
   */
  readonly weights: Int32Array;
}

/**
 * The fraction bits of a weight. Together with the 8 bits of a pixel value, a sum stays below 2 ** 31 (Pillow's
 * Resample.c, `PRECISION_BITS`).
 */
export const WEIGHT_BITS = 22;

/**
 * The taps of Pillow's BILINEAR along a whole axis: a triangle about the output pixel's centre that reaches a source
 * pixel to each side, or an output pixel where that is more, so that shrinking averages (Resample.c,
 * `precompute_coeffs` and `normalize_coeffs_8bpc`; computed in the same order, since the last bit of a weight counts).
 */
export function triangleTaps(sourceLength: number, outLength: number): TriangleTaps {
  const scale = sourceLength / outLength;
  const reach = Math.max(1, scale);
  const firsts = new Int32Array(outLength);
  const starts = new Int32Array(outLength + 1);
  const weights = new Int32Array(outLength * (2 * Math.ceil(reach) + 1));
  let end = 0;
  for (let i = 0; i < outLength; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(sourceLength, Math.trunc(centre + reach + 0.5)) - 1;
    const heights = triangleHeights(first, last, { centre, reach });
    const total = sum(heights);
    for (const height of heights) weights[end++] = Math.trunc(0.5 + (height / total) * 2 ** WEIGHT_BITS);
    firsts[i] = first;
    starts[i + 1] = end;
  }
  return { firsts, starts, weights: weights.subarray(0, end) };
}

/** The heights, 0..1, of a triangle at the middles of the pixels from `first` to `last`. */
function triangleHeights(first: number, last: number, triangle: { centre: number; reach: number }): Float64Array {
  const heights = new Float64Array(last - first + 1);
  const steepness = 1 / triangle.reach;
  for (let i = 0; i < heights.length; i++) {
    heights[i] = Math.max(0, 1 - Math.abs((first + i - triangle.centre + 0.5) * steepness));
  }
  return heights;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

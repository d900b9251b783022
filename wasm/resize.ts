/**
 * Weighted sums of 8-bit pixels along one axis, with whole-number weights of `WEIGHT_BITS` fraction bits, rounded.
 *
 * A weight has up to 23 bits, a lane 16; so weights are kept as a high part and a low part of 8 bits, and the sum of
 * products is taken for each: sum = (high << 8) + low. A pair of taps is one multiplication for each of them
 * (`i32x4.dot_i16x8_s`).
 *
 * The taps of an axis lie in memory as src/imaging/tap-table.ts writes them: for each output pixel its first source pixel
 * (i32), the number of its groups (i32), and then the groups of four taps: high 0 and 1, low 0 and 1, high 2 and 3, low
 * 2 and 3 (i16 each).
 */

/** The fraction bits of a weight, as in src/imaging/triangle-taps.ts. */
const WEIGHT_BITS: i32 = 22;

/** Added to a sum, so that dropping its fraction bits rounds it. */
const HALF: i32 = 1 << (WEIGHT_BITS - 1);

/** The bytes of a group of four taps. */
const GROUP_BYTES: usize = 16;

/** The bytes of four RGB pixels. */
const FOUR_PIXELS: usize = 12;

/**
 * Makes an output row from a source row: interleaved RGB, 8 bits each.
 *
 * Reads up to 16 bytes beyond the source row and writes one byte beyond the output row.
 * @param taps the table of the horizontal axis
 * @param count the output row's pixels
 */
export function resizeRow(source: usize, taps: usize, count: i32, output: usize): void {
  for (let i = 0; i < count; i++) {
    let at = source + 3 * (load<i32>(taps) as usize);
    let groups = load<i32>(taps, 4);
    taps += 8;
    let high = i32x4.splat(0);
    let low = i32x4.splat(HALF);
    while (groups > 0) {
      const pixels = v128.load(at);
      // Two pixels each as R0 R1 G0 G1 B0 B1, widened to 16 bits.
      const first = i8x16.swizzle(pixels, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
      const second = i8x16.swizzle(pixels, i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
      high = i32x4.add(high, i32x4.dot_i16x8_s(first, v128.load32_splat(taps)));
      low = i32x4.add(low, i32x4.dot_i16x8_s(first, v128.load32_splat(taps, 4)));
      high = i32x4.add(high, i32x4.dot_i16x8_s(second, v128.load32_splat(taps, 8)));
      low = i32x4.add(low, i32x4.dot_i16x8_s(second, v128.load32_splat(taps, 12)));
      taps += GROUP_BYTES;
      at += FOUR_PIXELS;
      groups--;
    }
    const sum = i32x4.shr_s(i32x4.add(i32x4.shl(high, 8), low), WEIGHT_BITS);
    const bytes = i8x16.swizzle(sum, i8x16(0, 4, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
    store<i32>(output, i32x4.extract_lane(bytes, 0));
    output += 3;
  }
}

/**
 * Makes output rows from source rows, bytewise.
 *
 * Reads and writes up to 15 bytes beyond the last row, and reads, with weight 0, up to three rows beyond it.
 * @param taps the table of the vertical axis
 * @param count the number of output rows
 * @param length the bytes of a row, source and output alike, without padding between rows
 */
export function resizeColumns(source: usize, taps: usize, count: i32, length: usize, output: usize): void {
  for (let i = 0; i < count; i++) {
    const first = source + length * (load<i32>(taps) as usize);
    const groups = load<i32>(taps, 4);
    taps += 8;
    for (let x: usize = 0; x < length; x += 16) combineRows(first + x, taps, groups, length, output + x);
    taps += GROUP_BYTES * groups;
    output += length;
  }
}

/** Sixteen bytes of an output row. */
function combineRows(at: usize, taps: usize, groups: i32, length: usize, output: usize): void {
  let high0 = i32x4.splat(0);
  let high1 = i32x4.splat(0);
  let high2 = i32x4.splat(0);
  let high3 = i32x4.splat(0);
  let low0 = i32x4.splat(HALF);
  let low1 = i32x4.splat(HALF);
  let low2 = i32x4.splat(HALF);
  let low3 = i32x4.splat(HALF);
  for (let pairs = 2 * groups; pairs > 0; pairs--) {
    const upper = v128.load(at);
    const lower = v128.load(at + length);
    // Each byte beside the one below it.
    const left = v128.shuffle<i8>(upper, lower, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const right = v128.shuffle<i8>(upper, lower, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    const pair0 = i16x8.extend_low_i8x16_u(left);
    const pair1 = i16x8.extend_high_i8x16_u(left);
    const pair2 = i16x8.extend_low_i8x16_u(right);
    const pair3 = i16x8.extend_high_i8x16_u(right);
    const highWeights = v128.load32_splat(taps);
    const lowWeights = v128.load32_splat(taps, 4);
    high0 = i32x4.add(high0, i32x4.dot_i16x8_s(pair0, highWeights));
    high1 = i32x4.add(high1, i32x4.dot_i16x8_s(pair1, highWeights));
    high2 = i32x4.add(high2, i32x4.dot_i16x8_s(pair2, highWeights));
    high3 = i32x4.add(high3, i32x4.dot_i16x8_s(pair3, highWeights));
    low0 = i32x4.add(low0, i32x4.dot_i16x8_s(pair0, lowWeights));
    low1 = i32x4.add(low1, i32x4.dot_i16x8_s(pair1, lowWeights));
    low2 = i32x4.add(low2, i32x4.dot_i16x8_s(pair2, lowWeights));
    low3 = i32x4.add(low3, i32x4.dot_i16x8_s(pair3, lowWeights));
    taps += 8;
    at += 2 * length;
  }
  const words0 = i16x8.narrow_i32x4_s(rounded(high0, low0), rounded(high1, low1));
  const words1 = i16x8.narrow_i32x4_s(rounded(high2, low2), rounded(high3, low3));
  v128.store(output, i8x16.narrow_i16x8_u(words0, words1));
}

function rounded(high: v128, low: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.shl(high, 8), low), WEIGHT_BITS);
}

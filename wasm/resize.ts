/**
 * Weighted sums of 8-bit pixels along one axis, with whole-number weights of `WEIGHT_BITS` fraction bits, rounded.
 *
 * A weight has up to 23 bits, a lane 16; so weights are kept as a high part and a low part, and the sum of products is
 * taken for each: sum = (high << bits of the low part) + low. A pair of taps is one multiplication for each of them
 * (`i32x4.dot_i16x8_s`).
 *
 * The taps of an axis lie in memory as src/imaging/tap-table.ts writes them.
 */

/** The fraction bits of a weight, as in src/imaging/triangle-taps.ts. */
const WEIGHT_BITS: i32 = 22;

/** Added to a sum, so that dropping its fraction bits rounds it. */
const HALF: i32 = 1 << (WEIGHT_BITS - 1);

/** The bytes before the weights of an output pixel, and before all of them in a horizontal table. */
const HEAD_BYTES: usize = 16;

/** Horizontally eight taps are one vector. */
const VECTOR_BYTES: usize = 16;
const VECTOR_PIXELS: usize = 8;

/** Vertically the low parts have 8 bits, and a group of four taps is high 0 and 1, low 0 and 1, high 2 and 3, low 2 and 3. */
const LOW_BITS: i32 = 8;
const GROUP_BYTES: usize = 16;

/**
 * Makes a row of interleaved RGB from one whose red, green and blue stand apart, 8 bits each.
 *
 * The low parts are left out where they cannot change the result, which is so of some 95 in 100 pixels.
 *
 * Reads up to 7 bytes beyond each plane of the source row and writes one byte beyond the output row.
 * @param red the source row's red; green is `planeBytes` behind it, blue behind that by as many
 * @param taps the table of the horizontal axis
 * @param count the output row's pixels
 */
export function resizeRow(red: usize, planeBytes: usize, taps: usize, count: i32, output: usize): void {
  const lowBits = load<i32>(taps);
  taps += HEAD_BYTES;
  for (let i = 0; i < count; i++) {
    const first = red + (load<i32>(taps) as usize);
    const vectors = load<i32>(taps, 4);
    const mostOfLow = v128.load32_splat(taps, 8);
    taps += HEAD_BYTES;
    const high = weighted(first, planeBytes, taps, vectors);
    taps += VECTOR_BYTES * vectors;
    const least = i32x4.add(i32x4.shl(high, lowBits), i32x4.splat(HALF));
    let values = i32x4.shr_s(least, WEIGHT_BITS);
    if (v128.any_true(v128.xor(values, i32x4.shr_s(i32x4.add(least, mostOfLow), WEIGHT_BITS)))) {
      values = i32x4.shr_s(i32x4.add(least, weighted(first, planeBytes, taps, vectors)), WEIGHT_BITS);
    }
    taps += VECTOR_BYTES * vectors;
    const bytes = i8x16.swizzle(values, i8x16(0, 4, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
    store<i32>(output, i32x4.extract_lane(bytes, 0));
    output += 3;
  }
}

/** The sums of red, of green and of blue, each pixel times its weight; blue's twice. */
function weighted(red: usize, planeBytes: usize, weights: usize, vectors: i32): v128 {
  let reds = i32x4.splat(0);
  let greens = i32x4.splat(0);
  let blues = i32x4.splat(0);
  for (; vectors > 0; vectors--, red += VECTOR_PIXELS, weights += VECTOR_BYTES) {
    const eight = v128.load(weights);
    reds = i32x4.add(reds, i32x4.dot_i16x8_s(v128.load8x8_u(red), eight));
    greens = i32x4.add(greens, i32x4.dot_i16x8_s(v128.load8x8_u(red + planeBytes), eight));
    blues = i32x4.add(blues, i32x4.dot_i16x8_s(v128.load8x8_u(red + 2 * planeBytes), eight));
  }
  // The four lanes of each of them are added up.
  const ofTwo = i32x4.add(i32x4.shuffle(reds, greens, 0, 4, 1, 5), i32x4.shuffle(reds, greens, 2, 6, 3, 7));
  const ofBlue = i32x4.add(i32x4.shuffle(blues, blues, 0, 4, 1, 5), i32x4.shuffle(blues, blues, 2, 6, 3, 7));
  return i32x4.add(i64x2.shuffle(ofTwo, ofBlue, 0, 2), i64x2.shuffle(ofTwo, ofBlue, 1, 3));
}

/**
 * Sets red, green and blue of an interleaved row apart, as `resizeRow` takes them.
 *
 * Reads up to 45 bytes beyond the source row and writes up to 15 bytes beyond each plane.
 * @param count the row's pixels
 */
export function splitRow(source: usize, count: usize, red: usize, planeBytes: usize): void {
  const end = red + count;
  for (; red < end; red += 16, source += 48) {
    const first = v128.load(source);
    const second = v128.load(source, 16);
    const third = v128.load(source, 32);
    v128.store(
      red,
      v128.or(
        v128.or(
          i8x16.swizzle(first, i8x16(0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1)),
          i8x16.swizzle(second, i8x16(-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1)),
        ),
        i8x16.swizzle(third, i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13)),
      ),
    );
    v128.store(
      red + planeBytes,
      v128.or(
        v128.or(
          i8x16.swizzle(first, i8x16(1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1)),
          i8x16.swizzle(second, i8x16(-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1)),
        ),
        i8x16.swizzle(third, i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14)),
      ),
    );
    v128.store(
      red + 2 * planeBytes,
      v128.or(
        v128.or(
          i8x16.swizzle(first, i8x16(2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1)),
          i8x16.swizzle(second, i8x16(-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1)),
        ),
        i8x16.swizzle(third, i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15)),
      ),
    );
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
    taps += HEAD_BYTES;
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
  return i32x4.shr_s(i32x4.add(i32x4.shl(high, LOW_BITS), low), WEIGHT_BITS);
}

/**
 * The inverse DCT of 8×8 blocks, to the very bits of libjpeg's accurate integer method (JDCT_ISLOW).
 *
 * The transform is that of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), scaled by √8 in each direction, in fixed
 * point as libjpeg documents it (jidctint.c): factors with 13 bits after the point, 2 bits kept between the pass over
 * the columns and the one over the rows. Each output is made of products with pairs of inputs, which is what
 * `i32x4.dot_i16x8_s` (pmaddwd) computes; sums are exact in 32 bits, so that their order is free. Coefficients that no
 * picture has, but damaged bytes, overflow as they do in libjpeg-turbo for x86 (jidctint-sse2.asm, jidctint-avx2.asm):
 * what has 16 bits there has 16 bits here.
 */
import { high16, high8, low16, low8 } from './lanes';

/** Bits after the point in the factors: libjpeg's CONST_BITS. */
const FACTOR_BITS = 13;
/** Bits after the point between the passes: libjpeg's PASS1_BITS. */
const BETWEEN_BITS = 2;

const COLUMN_SHIFT = FACTOR_BITS - BETWEEN_BITS;
/** Also takes away the 3 bits of the scale √8 · √8. */
const ROW_SHIFT = FACTOR_BITS + BETWEEN_BITS + 3;

/** Samples are centred on 128 (ITU-T T.81, A.3.1), which is added with the rounding. */
const CENTRE = 128;
const COLUMN_ROUNDING = 1 << (COLUMN_SHIFT - 1);
const ROW_ROUNDING = (CENTRE << ROW_SHIFT) + (1 << (ROW_SHIFT - 1));

// The factors of the paper's flow graph, round(x · 2¹³), named by their values.
const F_0_298: i16 = 2446;
const F_0_390: i16 = 3196;
const F_0_541: i16 = 4433;
const F_0_765: i16 = 6270;
const F_0_899: i16 = 7373;
const F_1_175: i16 = 9633;
const F_1_501: i16 = 12299;
const F_1_847: i16 = 15137;
const F_1_961: i16 = 16069;
const F_2_053: i16 = 16819;
const F_2_562: i16 = 20995;
const F_3_072: i16 = 25172;
const ONE: i16 = 8192;

/** Factors for pairs of inputs, where each is to be found below. */
// prettier-ignore
const FACTORS = memory.data<i16>([
  // Inputs 2 and 6.
  F_0_541 + F_0_765, F_0_541,
  F_0_541, F_0_541 - F_1_847,
  // The sums 3 + 7 and 1 + 5.
  F_1_175 - F_1_961, F_1_175,
  F_1_175, F_1_175 - F_0_390,
  // Inputs 1 and 7.
  F_1_501 - F_0_899, -F_0_899,
  -F_0_899, F_0_298 - F_0_899,
  // Inputs 3 and 5.
  F_3_072 - F_2_562, -F_2_562,
  -F_2_562, F_2_053 - F_2_562,
  // Inputs 0 and 2, then 1 and 3, where the others are zero, for outputs 0 to 3.
  ONE, F_0_541 + F_0_765, F_1_501 - F_0_899 - F_0_390 + F_1_175, F_1_175,
  ONE, F_0_541, F_1_175, F_3_072 - F_2_562 - F_1_961 + F_1_175,
  ONE, -F_0_541, F_1_175 - F_0_390, F_1_175 - F_2_562,
  ONE, -F_0_541 - F_0_765, F_1_175 - F_0_899, F_1_175 - F_1_961,
], 16);

/** Bytes of a pair of factors. */
const PAIR: usize = 4;
/** For outputs 0, 3, 4, 7, then for 1, 2, 5, 6. */
const OUTER_26: usize = 0 * PAIR;
const INNER_26: usize = 1 * PAIR;
/** For outputs 1, 3, 4, 6, then for 0, 2, 5, 7. */
const SUMS_OF_37: usize = 2 * PAIR;
const SUMS_OF_15: usize = 3 * PAIR;
/** For outputs 0 and 7, then for 3 and 4. */
const FIRST_17: usize = 4 * PAIR;
const FOURTH_17: usize = 5 * PAIR;
/** For outputs 1 and 6, then for 2 and 5. */
const SECOND_35: usize = 6 * PAIR;
const THIRD_35: usize = 7 * PAIR;
/** For output 0; for output k two pairs · k further. */
const EVEN_02: usize = 8 * PAIR;
const ODD_13: usize = 9 * PAIR;

/** Bytes of a vector: a row of a block of coefficients. */
const ROW: usize = 16;

/** Eight vectors: what goes from pass to pass. */
const between = memory.data(128, 16);

/**
 * Turns a block of coefficients into samples, and clears it.
 * @param coefficients 64 i16, row by row, as quantized; aligned to 16 bytes
 * @param quantization 64 i16, row by row
 * @param samples where the first of 8 rows of 8 u8 goes
 * @param stride bytes from row to row
 */
export function idct8(coefficients: usize, quantization: usize, samples: usize, stride: usize): void {
  let r0 = dequantize(coefficients, quantization, 0);
  const r1 = dequantize(coefficients, quantization, 1);
  const r2 = dequantize(coefficients, quantization, 2);
  const r3 = dequantize(coefficients, quantization, 3);
  const r4 = dequantize(coefficients, quantization, 4);
  const r5 = dequantize(coefficients, quantization, 5);
  const r6 = dequantize(coefficients, quantization, 6);
  const r7 = dequantize(coefficients, quantization, 7);
  if (isTooLarge(r0)) {
    const others = v128.or(v128.or(v128.or(r1, r2), v128.or(r3, r4)), v128.or(v128.or(r5, r6), r7));
    if (!v128.any_true(others)) r0 = wrapped(r0);
  }
  transformEight(r0, r1, r2, r3, r4, r5, r6, r7, COLUMN_ROUNDING, COLUMN_SHIFT);
  clear(coefficients, 8);
  const a0 = low16(kept(0), kept(4));
  const a1 = low16(kept(1), kept(5));
  const a2 = low16(kept(2), kept(6));
  const a3 = low16(kept(3), kept(7));
  const b0 = high16(kept(0), kept(4));
  const b1 = high16(kept(1), kept(5));
  const b2 = high16(kept(2), kept(6));
  const b3 = high16(kept(3), kept(7));
  const c0 = low16(a0, a2);
  const c1 = low16(a1, a3);
  const c2 = high16(a0, a2);
  const c3 = high16(a1, a3);
  const d0 = low16(b0, b2);
  const d1 = low16(b1, b3);
  const d2 = high16(b0, b2);
  const d3 = high16(b1, b3);
  transformEight(
    low16(c0, c1),
    high16(c0, c1),
    low16(c2, c3),
    high16(c2, c3),
    low16(d0, d1),
    high16(d0, d1),
    low16(d2, d3),
    high16(d2, d3),
    ROW_ROUNDING,
    ROW_SHIFT,
  );
  storeSamples(samples, stride);
}

/**
 * The same for a block whose coefficients are all zero but for the first fifteen in zigzag order (ITU-T T.81, figure
 * A.6): those of which row and column, counted from 0, add up to 4 at most. So row 4 has one in its first column alone,
 * and column 4 one in its first row, which the columns' pass only scales.
 */
export function idct8Of15(coefficients: usize, quantization: usize, samples: usize, stride: usize): void {
  const r0 = dequantize(coefficients, quantization, 0);
  if (isTooLarge(r0)) return idct8(coefficients, quantization, samples, stride);
  const r1 = dequantize(coefficients, quantization, 1);
  const r2 = dequantize(coefficients, quantization, 2);
  const r3 = dequantize(coefficients, quantization, 3);
  const r4 = dequantize(coefficients, quantization, 4);
  clear(coefficients, 5);
  // Columns in the order 0, 2, 1, 3, so that what becomes a pair in the second pass stands side by side.
  const p02 = i32x4.shuffle(low16(r0, r2), r0, 0, 2, 1, 3);
  const p13 = i32x4.shuffle(low16(r1, r3), r0, 0, 2, 1, 3);
  const sum = i16x8.add(p02, r4);
  const difference = i16x8.sub(p02, r4);
  const e0 = evenOutput(sum, 0, COLUMN_ROUNDING);
  const e1 = evenOutput(difference, 1, COLUMN_ROUNDING);
  const e2 = evenOutput(difference, 2, COLUMN_ROUNDING);
  const e3 = evenOutput(sum, 3, COLUMN_ROUNDING);
  const o0 = oddOutput(p13, 0);
  const o1 = oddOutput(p13, 1);
  const o2 = oddOutput(p13, 2);
  const o3 = oddOutput(p13, 3);
  const rows01 = narrow(i32x4.add(e0, o0), i32x4.add(e1, o1), COLUMN_SHIFT);
  const rows23 = narrow(i32x4.add(e2, o2), i32x4.add(e3, o3), COLUMN_SHIFT);
  const rows45 = narrow(i32x4.sub(e3, o3), i32x4.sub(e2, o2), COLUMN_SHIFT);
  const rows67 = narrow(i32x4.sub(e1, o1), i32x4.sub(e0, o0), COLUMN_SHIFT);
  const low02 = i32x4.shuffle(rows01, rows23, 0, 2, 4, 6);
  const low13 = i32x4.shuffle(rows01, rows23, 1, 3, 5, 7);
  const high02 = i32x4.shuffle(rows45, rows67, 0, 2, 4, 6);
  const high13 = i32x4.shuffle(rows45, rows67, 1, 3, 5, 7);
  const column4 = i32x4.splat(((<i32>i16x8.extract_lane_s(r0, 4)) << BETWEEN_BITS) & 0xffff);
  const lowSum = i16x8.add(low02, column4);
  const highSum = i16x8.add(high02, column4);
  const lowDifference = i16x8.sub(low02, column4);
  const highDifference = i16x8.sub(high02, column4);
  outputs(0, lowSum, low13, highSum, high13);
  outputs(1, lowDifference, low13, highDifference, high13);
  outputs(2, lowDifference, low13, highDifference, high13);
  outputs(3, lowSum, low13, highSum, high13);
  storeSamples(samples, stride);
}

/** The same for a block of which only the first coefficient is not zero: all samples are alike. */
export function idct8Of1(coefficients: usize, quantization: usize, samples: usize, stride: usize): void {
  const mean: i32 = load<i16>(coefficients) * load<i16>(quantization);
  store<i16>(coefficients, 0);
  // Between the passes a value has 16 bits.
  const sample = ((<i32>(<i16>(mean << BETWEEN_BITS)) + (1 << (BETWEEN_BITS + 2))) >> (BETWEEN_BITS + 3)) + CENTRE;
  const row = i8x16.splat(<u8>max(0, min(255, sample)));
  for (let y = 0; y < 8; y++, samples += stride) v128.store64_lane(samples, row, 0);
}

/** Values that have more than 16 bits between the passes, as only damaged pictures have them. */
// @ts-ignore: a decorator
@inline
function isTooLarge(values: v128): bool {
  return v128.any_true(v128.xor(values, wrapped(values)));
}

/** What libjpeg-turbo makes of values in the first row where all others are zero: only their lower bits go on. */
// @ts-ignore: a decorator
@inline
function wrapped(values: v128): v128 {
  return i16x8.shr_s(i16x8.shl(values, BETWEEN_BITS), BETWEEN_BITS);
}

/** One pass over eight vectors, each lane for itself; leaves its outputs in `between`. */
// @ts-ignore: a decorator
@inline
function transformEight(
  r0: v128,
  r1: v128,
  r2: v128,
  r3: v128,
  r4: v128,
  r5: v128,
  r6: v128,
  r7: v128,
  rounding: i32,
  shift: i32,
): void {
  const sums37 = i16x8.add(r3, r7);
  const sums15 = i16x8.add(r1, r5);
  const lowSums = low16(sums37, sums15);
  const highSums = high16(sums37, sums15);
  const low37 = dot(lowSums, SUMS_OF_37);
  const high37 = dot(highSums, SUMS_OF_37);
  const low15 = dot(lowSums, SUMS_OF_15);
  const high15 = dot(highSums, SUMS_OF_15);
  const low17 = low16(r1, r7);
  const high17 = high16(r1, r7);
  const low35 = low16(r3, r5);
  const high35 = high16(r3, r5);
  const low26 = low16(r2, r6);
  const high26 = high16(r2, r6);
  const sum = i16x8.add(r0, r4);
  const lowSum = i32x4.add(scaledLow(sum), i32x4.splat(rounding));
  const highSum = i32x4.add(scaledHigh(sum), i32x4.splat(rounding));
  const lowOuter = dot(low26, OUTER_26);
  const highOuter = dot(high26, OUTER_26);
  const difference = i16x8.sub(r0, r4);
  const lowDifference = i32x4.add(scaledLow(difference), i32x4.splat(rounding));
  const highDifference = i32x4.add(scaledHigh(difference), i32x4.splat(rounding));
  const lowInner = dot(low26, INNER_26);
  const highInner = dot(high26, INNER_26);
  butterfly(
    0,
    i32x4.add(lowSum, lowOuter),
    i32x4.add(highSum, highOuter),
    i32x4.add(dot(low17, FIRST_17), low15),
    i32x4.add(dot(high17, FIRST_17), high15),
    shift,
  );
  butterfly(
    1,
    i32x4.add(lowDifference, lowInner),
    i32x4.add(highDifference, highInner),
    i32x4.add(dot(low35, SECOND_35), low37),
    i32x4.add(dot(high35, SECOND_35), high37),
    shift,
  );
  butterfly(
    2,
    i32x4.sub(lowDifference, lowInner),
    i32x4.sub(highDifference, highInner),
    i32x4.add(dot(low35, THIRD_35), low15),
    i32x4.add(dot(high35, THIRD_35), high15),
    shift,
  );
  butterfly(
    3,
    i32x4.sub(lowSum, lowOuter),
    i32x4.sub(highSum, highOuter),
    i32x4.add(dot(low17, FOURTH_17), low37),
    i32x4.add(dot(high17, FOURTH_17), high37),
    shift,
  );
}

/** The first four of eight values, in the scale of products with factors. */
// @ts-ignore: a decorator
@inline
function scaledLow(values: v128): v128 {
  return i32x4.shl(i32x4.extend_low_i16x8_s(values), FACTOR_BITS);
}

// @ts-ignore: a decorator
@inline
function scaledHigh(values: v128): v128 {
  return i32x4.shl(i32x4.extend_high_i16x8_s(values), FACTOR_BITS);
}

// @ts-ignore: a decorator
@inline
function evenOutput(p02: v128, k: usize, rounding: i32): v128 {
  return i32x4.add(dot(p02, EVEN_02 + k * 2 * PAIR), i32x4.splat(rounding));
}

// @ts-ignore: a decorator
@inline
function oddOutput(p13: v128, k: usize): v128 {
  return dot(p13, ODD_13 + k * 2 * PAIR);
}

// @ts-ignore: a decorator
@inline
function outputs(k: usize, low02: v128, low13: v128, high02: v128, high13: v128): void {
  butterfly(
    k,
    evenOutput(low02, k, ROW_ROUNDING),
    evenOutput(high02, k, ROW_ROUNDING),
    oddOutput(low13, k),
    oddOutput(high13, k),
    ROW_SHIFT,
  );
}

/** Outputs k and 7 − k of one pass. */
// @ts-ignore: a decorator
@inline
function butterfly(k: usize, lowEven: v128, highEven: v128, lowOdd: v128, highOdd: v128, shift: i32): void {
  v128.store(between + k * ROW, narrow(i32x4.add(lowEven, lowOdd), i32x4.add(highEven, highOdd), shift));
  v128.store(between + (7 - k) * ROW, narrow(i32x4.sub(lowEven, lowOdd), i32x4.sub(highEven, highOdd), shift));
}

/** Eight vectors of samples, each a column, to rows of bytes. */
// @ts-ignore: a decorator
@inline
function storeSamples(samples: usize, stride: usize): void {
  const c02 = i8x16.narrow_i16x8_u(kept(0), kept(2));
  const c13 = i8x16.narrow_i16x8_u(kept(1), kept(3));
  const c46 = i8x16.narrow_i16x8_u(kept(4), kept(6));
  const c57 = i8x16.narrow_i16x8_u(kept(5), kept(7));
  const c01 = low8(c02, c13);
  const c23 = high8(c02, c13);
  const c45 = low8(c46, c57);
  const c67 = high8(c46, c57);
  const first0123 = low16(c01, c23);
  const last0123 = high16(c01, c23);
  const first4567 = low16(c45, c67);
  const last4567 = high16(c45, c67);
  storeTwo(samples, stride, i32x4.shuffle(first0123, first4567, 0, 4, 1, 5));
  storeTwo(samples + 2 * stride, stride, i32x4.shuffle(first0123, first4567, 2, 6, 3, 7));
  storeTwo(samples + 4 * stride, stride, i32x4.shuffle(last0123, last4567, 0, 4, 1, 5));
  storeTwo(samples + 6 * stride, stride, i32x4.shuffle(last0123, last4567, 2, 6, 3, 7));
}

// @ts-ignore: a decorator
@inline
function storeTwo(samples: usize, stride: usize, rows: v128): void {
  v128.store64_lane(samples, rows, 0);
  v128.store64_lane(samples + stride, rows, 1);
}

// @ts-ignore: a decorator
@inline
function dequantize(coefficients: usize, quantization: usize, row: usize): v128 {
  return i16x8.mul(v128.load(coefficients + row * ROW), v128.load(quantization + row * ROW));
}

// @ts-ignore: a decorator
@inline
function clear(coefficients: usize, rows: usize): void {
  for (let end = coefficients + rows * ROW; coefficients < end; coefficients += ROW) {
    v128.store(coefficients, i64x2.splat(0));
  }
}

// @ts-ignore: a decorator
@inline
function kept(index: usize): v128 {
  return v128.load(between + index * ROW);
}

// @ts-ignore: a decorator
@inline
function dot(pairs: v128, factors: usize): v128 {
  return i32x4.dot_i16x8_s(pairs, v128.load32_splat(FACTORS + factors));
}

/** Without the last `shift` bits, to 16 bits. */
// @ts-ignore: a decorator
@inline
function narrow(low: v128, high: v128, shift: i32): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, shift), i32x4.shr_s(high, shift));
}

/**
 * The inverse DCT of 8×8 blocks, to the very bits of libjpeg's accurate integer method (JDCT_ISLOW).
 *
 * The transform is that of Loeffler, Ligtenberg and Moschytz (ICASSP 1989), scaled by √8 in each direction, in fixed
 * point as libjpeg documents it (jidctint.c): factors with 13 bits after the point, 2 bits kept between the pass over
 * the columns and the one over the rows. Sums are exact in 32 bits, so their order is free: here each output is made of
 * products with pairs of inputs, which is what `i32x4.dot_i16x8_s` (pmaddwd) computes.
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
  ONE, ONE,
  ONE, -ONE,
  F_0_541 + F_0_765, F_0_541,
  F_0_541, F_0_541 - F_1_847,
  // Inputs 1 and 3, then 5 and 7, for outputs 0 and 7.
  F_1_501 - F_0_899 - F_0_390 + F_1_175, F_1_175, F_1_175 - F_0_390, F_1_175 - F_0_899,
  // For outputs 1 and 6.
  F_1_175, F_3_072 - F_2_562 - F_1_961 + F_1_175, F_1_175 - F_2_562, F_1_175 - F_1_961,
  // For outputs 2 and 5.
  F_1_175 - F_0_390, F_1_175 - F_2_562, F_2_053 - F_2_562 - F_0_390 + F_1_175, F_1_175,
  // For outputs 3 and 4.
  F_1_175 - F_0_899, F_1_175 - F_1_961, F_1_175, F_0_298 - F_0_899 - F_1_961 + F_1_175,
  // Inputs 0 and 2 where 4 and 6 are zero, for outputs 0, 1, 2, 3 but for the odd inputs.
  ONE, F_0_541 + F_0_765,
  ONE, F_0_541,
  ONE, -F_0_541,
  ONE, -F_0_541 - F_0_765,
], 16);

/** Bytes of a pair of factors. */
const PAIR: usize = 4;
const SUM_04: usize = 0 * PAIR;
const DIFFERENCE_04: usize = 1 * PAIR;
/** For outputs 0, 3, 4, 7. */
const OUTER_26: usize = 2 * PAIR;
/** For outputs 1, 2, 5, 6. */
const INNER_26: usize = 3 * PAIR;
/** For outputs 0 and 7; for outputs k and 7 − k two pairs · k further. */
const ODD_13: usize = 4 * PAIR;
const ODD_57: usize = 5 * PAIR;
/** For output 0; for output k one pair · k further. */
const EVEN_02: usize = 12 * PAIR;

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
  transformEight(
    dequantize(coefficients, quantization, 0),
    dequantize(coefficients, quantization, 1),
    dequantize(coefficients, quantization, 2),
    dequantize(coefficients, quantization, 3),
    dequantize(coefficients, quantization, 4),
    dequantize(coefficients, quantization, 5),
    dequantize(coefficients, quantization, 6),
    dequantize(coefficients, quantization, 7),
    COLUMN_ROUNDING,
    COLUMN_SHIFT,
  );
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
 * The same for a block whose coefficients are all zero but for the first four of the first four rows: the first ten in
 * zigzag order at most (ITU-T T.81, figure A.6).
 */
export function idct8Of4(coefficients: usize, quantization: usize, samples: usize, stride: usize): void {
  const r0 = dequantize(coefficients, quantization, 0);
  const r1 = dequantize(coefficients, quantization, 1);
  const r2 = dequantize(coefficients, quantization, 2);
  const r3 = dequantize(coefficients, quantization, 3);
  clear(coefficients, 4);
  // Columns in the order 0, 2, 1, 3, so that what becomes a pair in the second pass stands side by side.
  const p02 = i32x4.shuffle(low16(r0, r2), r0, 0, 2, 1, 3);
  const p13 = i32x4.shuffle(low16(r1, r3), r0, 0, 2, 1, 3);
  const e0 = evenOf4(p02, 0, COLUMN_ROUNDING);
  const e1 = evenOf4(p02, 1, COLUMN_ROUNDING);
  const e2 = evenOf4(p02, 2, COLUMN_ROUNDING);
  const e3 = evenOf4(p02, 3, COLUMN_ROUNDING);
  const o0 = oddOf4(p13, 0);
  const o1 = oddOf4(p13, 1);
  const o2 = oddOf4(p13, 2);
  const o3 = oddOf4(p13, 3);
  const rows01 = narrow(i32x4.add(e0, o0), i32x4.add(e1, o1), COLUMN_SHIFT);
  const rows23 = narrow(i32x4.add(e2, o2), i32x4.add(e3, o3), COLUMN_SHIFT);
  const rows45 = narrow(i32x4.sub(e3, o3), i32x4.sub(e2, o2), COLUMN_SHIFT);
  const rows67 = narrow(i32x4.sub(e1, o1), i32x4.sub(e0, o0), COLUMN_SHIFT);
  const low02 = i32x4.shuffle(rows01, rows23, 0, 2, 4, 6);
  const low13 = i32x4.shuffle(rows01, rows23, 1, 3, 5, 7);
  const high02 = i32x4.shuffle(rows45, rows67, 0, 2, 4, 6);
  const high13 = i32x4.shuffle(rows45, rows67, 1, 3, 5, 7);
  rowsOf4(0, low02, low13, high02, high13);
  rowsOf4(1, low02, low13, high02, high13);
  rowsOf4(2, low02, low13, high02, high13);
  rowsOf4(3, low02, low13, high02, high13);
  storeSamples(samples, stride);
}

/** The same for a block of which only the first coefficient is not zero: all samples are alike. */
export function idct8Of1(coefficients: usize, quantization: usize, samples: usize, stride: usize): void {
  const sum: i32 = load<i16>(coefficients) * load<i16>(quantization);
  store<i16>(coefficients, 0);
  // The columns' pass keeps it exactly; the rows' divides by 8.
  const sample = ((sum + 4) >> 3) + CENTRE;
  const row = i8x16.splat(<u8>max(0, min(255, sample)));
  for (let y = 0; y < 8; y++, samples += stride) v128.store64_lane(samples, row, 0);
}

/** One pass over eight vectors, each lane for itself; leaves its outputs in `between`. */
// @ts-ignore: a decorator
@inline
function transformEight(
  r0: v128, r1: v128, r2: v128, r3: v128, r4: v128, r5: v128, r6: v128, r7: v128,
  rounding: i32, shift: i32,
): void {
  const low13 = low16(r1, r3);
  const low57 = low16(r5, r7);
  const high13 = high16(r1, r3);
  const high57 = high16(r5, r7);
  const low04 = low16(r0, r4);
  const low26 = low16(r2, r6);
  const high04 = high16(r0, r4);
  const high26 = high16(r2, r6);
  const lowSum = i32x4.add(dot(low04, SUM_04), i32x4.splat(rounding));
  const highSum = i32x4.add(dot(high04, SUM_04), i32x4.splat(rounding));
  const lowOuter = dot(low26, OUTER_26);
  const highOuter = dot(high26, OUTER_26);
  butterfly(0, i32x4.add(lowSum, lowOuter), i32x4.add(highSum, highOuter), odd(low13, low57, 0), odd(high13, high57, 0), shift);
  butterfly(3, i32x4.sub(lowSum, lowOuter), i32x4.sub(highSum, highOuter), odd(low13, low57, 3), odd(high13, high57, 3), shift);
  const lowDifference = i32x4.add(dot(low04, DIFFERENCE_04), i32x4.splat(rounding));
  const highDifference = i32x4.add(dot(high04, DIFFERENCE_04), i32x4.splat(rounding));
  const lowInner = dot(low26, INNER_26);
  const highInner = dot(high26, INNER_26);
  butterfly(1, i32x4.add(lowDifference, lowInner), i32x4.add(highDifference, highInner), odd(low13, low57, 1), odd(high13, high57, 1), shift);
  butterfly(2, i32x4.sub(lowDifference, lowInner), i32x4.sub(highDifference, highInner), odd(low13, low57, 2), odd(high13, high57, 2), shift);
}

/** The share of inputs 1, 3, 5, 7 in output k; in output 7 − k it is the opposite. */
// @ts-ignore: a decorator
@inline
function odd(p13: v128, p57: v128, k: usize): v128 {
  return i32x4.add(dot(p13, ODD_13 + k * 2 * PAIR), dot(p57, ODD_57 + k * 2 * PAIR));
}

// @ts-ignore: a decorator
@inline
function evenOf4(p02: v128, k: usize, rounding: i32): v128 {
  return i32x4.add(dot(p02, EVEN_02 + k * PAIR), i32x4.splat(rounding));
}

// @ts-ignore: a decorator
@inline
function oddOf4(p13: v128, k: usize): v128 {
  return dot(p13, ODD_13 + k * 2 * PAIR);
}

// @ts-ignore: a decorator
@inline
function rowsOf4(k: usize, low02: v128, low13: v128, high02: v128, high13: v128): void {
  butterfly(k, evenOf4(low02, k, ROW_ROUNDING), evenOf4(high02, k, ROW_ROUNDING), oddOf4(low13, k), oddOf4(high13, k), ROW_SHIFT);
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

/**
 * Rows of samples to rows of RGB: interleaved, 3 bytes a pixel, when `planeBytes` is 0, or else red, green and blue apart,
 * each so many bytes behind the one before.
 *
 * Sixteen pixels at a time: sources are read up to 15 bytes, and targets written up to 49 bytes (of planes 15), behind
 * their last pixel.
 */
import { high16, high8, lanesBefore, lanesBehind, low16, low8 } from './lanes';
import { columnSum } from './upsample';

// ITU-T T.871, 7: R = Y + 1.402 Cr, G = Y − 0.344136 Cb − 0.714136 Cr, B = Y + 1.772 Cb, with libjpeg's rounding of each
// factor to five decimals and 16 bits (jdcolor.c). Chroma is doubled here, so that the factors fit into 16 bits.

/** 1.402 / 2 with 15 bits: equal to libjpeg's result for each of the 256 values of Cr. */
const RED_CR: i16 = 22970;
/** 1.772 / 2 with 15 bits: equal to libjpeg's result for each of the 256 values of Cb. */
const BLUE_CB: i16 = 29033;
/** round(0.34414 · 2¹⁶) / 2, negative. */
const GREEN_CB: i16 = -11277;
/** round(0.71414 · 2¹⁶) / 2, negative. */
const GREEN_CR: i16 = -23401;
const GREEN_BITS = 16;
const GREEN_ROUNDING = 1 << (GREEN_BITS - 1);

/** 128 · 16 less, so that a sum becomes a difference to 128. */
const EVEN_BIAS: i16 = 8 - 2048;
const ODD_BIAS: i16 = 7 - 2048;

/** Bytes of four pixels. */
const QUAD: usize = 12;

/** A row of Y, Cb and Cr. */
export function rgbOfYcc(y: usize, cb: usize, cr: usize, target: usize, planeBytes: usize, width: i32): void {
  const end = y + width;
  do {
    // With the highest bit inverted, a sample is its difference to 128.
    const blueness = v128.xor(v128.load(cb), i8x16.splat(-128));
    const redness = v128.xor(v128.load(cr), i8x16.splat(-128));
    const luma = v128.load(y);
    const lowLuma = i16x8.extend_low_i8x16_u(luma);
    const highLuma = i16x8.extend_high_i8x16_u(luma);
    const lowBlueness = doubled(i16x8.extend_low_i8x16_s(blueness));
    const highBlueness = doubled(i16x8.extend_high_i8x16_s(blueness));
    const lowRedness = doubled(i16x8.extend_low_i8x16_s(redness));
    const highRedness = doubled(i16x8.extend_high_i8x16_s(redness));
    target = storePixels(
      target,
      planeBytes,
      i8x16.narrow_i16x8_u(plusScaled(lowLuma, lowRedness, RED_CR), plusScaled(highLuma, highRedness, RED_CR)),
      i8x16.narrow_i16x8_u(plusGreen(lowLuma, lowBlueness, lowRedness), plusGreen(highLuma, highBlueness, highRedness)),
      i8x16.narrow_i16x8_u(plusScaled(lowLuma, lowBlueness, BLUE_CB), plusScaled(highLuma, highBlueness, BLUE_CB)),
    );
    y += 16;
    cb += 16;
    cr += 16;
  } while (y < end);
}

/**
 * A row of Y, and Cb and Cr of half the size, which it enlarges: `enlarge` and `rgbOfYcc` in one, without what goes
 * between them through memory.
 * @param cbNear the row of Cb that is nearer, `cbFar` the one that is further; they are read as by `enlarge`
 */
export function rgbOfHalvedYcc(
  y: usize,
  cbNear: usize,
  cbFar: usize,
  crNear: usize,
  crFar: usize,
  target: usize,
  planeBytes: usize,
  width: i32,
): void {
  let cbLeft = columnSum(cbNear - 8, cbFar - 8);
  let crLeft = columnSum(crNear - 8, crFar - 8);
  let cb = columnSum(cbNear, cbFar);
  let cr = columnSum(crNear, crFar);
  const end = y + width;
  do {
    cbNear += 8;
    cbFar += 8;
    crNear += 8;
    crFar += 8;
    const cbRight = columnSum(cbNear, cbFar);
    const crRight = columnSum(crNear, crFar);
    const cbThree = i16x8.add(cb, i16x8.shl(cb, 1));
    const crThree = i16x8.add(cr, i16x8.shl(cr, 1));
    const evenCb = doubledOfSum(i16x8.add(cbThree, lanesBefore(cbLeft, cb)), EVEN_BIAS);
    const oddCb = doubledOfSum(i16x8.add(cbThree, lanesBehind(cb, cbRight)), ODD_BIAS);
    const evenCr = doubledOfSum(i16x8.add(crThree, lanesBefore(crLeft, cr)), EVEN_BIAS);
    const oddCr = doubledOfSum(i16x8.add(crThree, lanesBehind(cr, crRight)), ODD_BIAS);
    cbLeft = cb;
    crLeft = cr;
    cb = cbRight;
    cr = crRight;
    const luma = v128.load(y);
    const even = v128.and(luma, i16x8.splat(255));
    const odd = i16x8.shr_u(luma, 8);
    target = storePixels(
      target,
      planeBytes,
      evenAndOdd(i8x16.narrow_i16x8_u(plusScaled(even, evenCr, RED_CR), plusScaled(odd, oddCr, RED_CR))),
      evenAndOdd(i8x16.narrow_i16x8_u(plusGreen(even, evenCb, evenCr), plusGreen(odd, oddCb, oddCr))),
      evenAndOdd(i8x16.narrow_i16x8_u(plusScaled(even, evenCb, BLUE_CB), plusScaled(odd, oddCb, BLUE_CB))),
    );
    y += 16;
  } while (y < end);
}

/** A row of red, green and blue, which only stand apart. */
export function rgbOfPlanes(red: usize, green: usize, blue: usize, target: usize, planeBytes: usize, width: i32): void {
  const end = red + width;
  do {
    target = storePixels(target, planeBytes, v128.load(red), v128.load(green), v128.load(blue));
    red += 16;
    green += 16;
    blue += 16;
  } while (red < end);
}

/** A row of grey. */
export function rgbOfGrey(y: usize, target: usize, planeBytes: usize, width: i32): void {
  const end = y + width;
  do {
    const luma = v128.load(y);
    target = storePixels(target, planeBytes, luma, luma, luma);
    y += 16;
  } while (y < end);
}

/** The doubled difference to 128 of (sum + 8) / 16 or (sum + 7) / 16; see `enlarge`. */
// @ts-ignore: a decorator
@inline
function doubledOfSum(sum: v128, bias: i16): v128 {
  return v128.and(i16x8.shr_s(i16x8.add(sum, i16x8.splat(bias)), 3), i16x8.splat(-2));
}

/** From eight bytes for even places and eight for odd ones to sixteen in order. */
// @ts-ignore: a decorator
@inline
function evenAndOdd(bytes: v128): v128 {
  return i8x16.swizzle(bytes, i8x16(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
}

// @ts-ignore: a decorator
@inline
function doubled(value: v128): v128 {
  return i16x8.add(value, value);
}

/** luma + doubled chroma · factor / 2¹⁵, rounded to the nearest. */
// @ts-ignore: a decorator
@inline
function plusScaled(luma: v128, chroma: v128, factor: i16): v128 {
  return i16x8.add(luma, i16x8.q15mulr_sat_s(chroma, i16x8.splat(factor)));
}

// @ts-ignore: a decorator
@inline
function plusGreen(luma: v128, blueness: v128, redness: v128): v128 {
  const low = greenShare(low16(blueness, redness));
  const high = greenShare(high16(blueness, redness));
  return i16x8.add(luma, i16x8.narrow_i32x4_s(low, high));
}

// @ts-ignore: a decorator
@inline
function greenShare(chroma: v128): v128 {
  const factors = i16x8(GREEN_CB, GREEN_CR, GREEN_CB, GREEN_CR, GREEN_CB, GREEN_CR, GREEN_CB, GREEN_CR);
  return i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(chroma, factors), i32x4.splat(GREEN_ROUNDING)), GREEN_BITS);
}

/**
 * Sixteen pixels; interleaved by four stores of which each overwrites the four bytes too many of the one before.
 * @returns where the next pixels go
 */
// @ts-ignore: a decorator
@inline
function storePixels(target: usize, planeBytes: usize, red: v128, green: v128, blue: v128): usize {
  if (planeBytes != 0) {
    v128.store(target, red);
    v128.store(target + planeBytes, green);
    v128.store(target + 2 * planeBytes, blue);
    return target + 16;
  }
  const lowPair = low8(red, green);
  const highPair = high8(red, green);
  const lowBlue = low8(blue, blue);
  const highBlue = high8(blue, blue);
  v128.store(target, withoutFourth(low16(lowPair, lowBlue)));
  v128.store(target, withoutFourth(high16(lowPair, lowBlue)), QUAD);
  v128.store(target, withoutFourth(low16(highPair, highBlue)), 2 * QUAD);
  v128.store(target, withoutFourth(high16(highPair, highBlue)), 3 * QUAD);
  return target + 4 * QUAD;
}

/** Four pixels of four bytes as four of three; the rest becomes zero. */
// @ts-ignore: a decorator
@inline
function withoutFourth(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
}

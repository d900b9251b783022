/**
 * Rows of a subsampled component at twice its width or height: libjpeg's "fancy" upsampling, a triangle filter. Each
 * output is ¾ of the nearer sample and ¼ of the further one, in each direction that is doubled; the halves of rounding
 * go up and down by turns, as documented in libjpeg (jdsample.c).
 *
 * Source rows carry a copy of their first sample before them and one of their last behind them: there a triangle gives
 * the sample itself. `width` is that of the source, in samples; sources are read up to 16 bytes before their first
 * sample and 31 bytes behind their last, and what is written is rounded up to 16 samples of the source.
 */
import { high8, lanesBefore, lanesBehind, low8 } from './lanes';

/** Twice the width: (3a + left + 1) / 4, (3a + right + 2) / 4. */
export function widen(source: usize, target: usize, width: i32): void {
  const end = source + width;
  do {
    const here = v128.load(source);
    const even = threeToOneDown(here, v128.load(source - 1));
    const odd = threeToOneUp(here, v128.load(source + 1));
    v128.store(target, low8(even, odd));
    v128.store(target, high8(even, odd), 16);
    source += 16;
    target += 32;
  } while (source < end);
}

/** Twice the height, the row above the middle of a sample: (3 · near + far + 1) / 4. */
export function heightenAbove(near: usize, far: usize, target: usize, width: i32): void {
  const end = near + width;
  do {
    v128.store(target, threeToOneDown(v128.load(near), v128.load(far)));
    near += 16;
    far += 16;
    target += 16;
  } while (near < end);
}

/** Twice the height, the row below the middle of a sample: (3 · near + far + 2) / 4. */
export function heightenBelow(near: usize, far: usize, target: usize, width: i32): void {
  const end = near + width;
  do {
    v128.store(target, threeToOneUp(v128.load(near), v128.load(far)));
    near += 16;
    far += 16;
    target += 16;
  } while (near < end);
}

/** Twice both: with s = 3 · near + far in each column, (3s + left + 8) / 16 and (3s + right + 7) / 16. */
export function enlarge(near: usize, far: usize, target: usize, width: i32): void {
  let left = columnSum(near - 8, far - 8);
  let here = columnSum(near, far);
  const end = near + width;
  do {
    const right = columnSum(near + 8, far + 8);
    const three = i16x8.add(here, i16x8.shl(here, 1));
    const before = lanesBefore(left, here);
    const after = lanesBehind(here, right);
    const even = i16x8.shr_u(i16x8.add(i16x8.add(three, before), i16x8.splat(8)), 4);
    const odd = i16x8.shr_u(i16x8.add(i16x8.add(three, after), i16x8.splat(7)), 4);
    v128.store(target, v128.or(even, i16x8.shl(odd, 8)));
    left = here;
    here = right;
    near += 8;
    far += 8;
    target += 16;
  } while (near < end);
}

/** `factor` times the width by repetition: what libjpeg does for factors that it has no filter for. */
export function repeat(source: usize, target: usize, width: i32, factor: i32): void {
  const end = source + width;
  do {
    const sample = load<u8>(source);
    for (let i = 0; i < factor; i++) store<u8>(target++, sample);
    source++;
  } while (source < end);
}

/** (3a + b + 1) / 4, as the mean, rounded down, of a and the mean of both, rounded up. */
// @ts-ignore: a decorator
@inline
function threeToOneDown(a: v128, b: v128): v128 {
  return meanDown(a, i8x16.avgr_u(a, b));
}

/** (3a + b + 2) / 4, as the mean, rounded up, of a and the mean of both, rounded down. */
// @ts-ignore: a decorator
@inline
function threeToOneUp(a: v128, b: v128): v128 {
  return i8x16.avgr_u(a, meanDown(a, b));
}

// @ts-ignore: a decorator
@inline
function meanDown(a: v128, b: v128): v128 {
  return i8x16.sub(i8x16.avgr_u(a, b), v128.and(v128.xor(a, b), i8x16.splat(1)));
}

/** 3 · near + far of eight columns, in 16 bits. */
// @ts-ignore: a decorator
@inline
export function columnSum(near: usize, far: usize): v128 {
  const sample = v128.load8x8_u(near);
  return i16x8.add(i16x8.add(sample, i16x8.shl(sample, 1)), v128.load8x8_u(far));
}

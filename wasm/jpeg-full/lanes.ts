/**
 * Lanes of two vectors. `low` and `high`: their low or high halves interleaved, lanes of `a` before lanes of `b`.
 */

// @ts-ignore: a decorator
@inline
export function low16(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

// @ts-ignore: a decorator
@inline
export function high16(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

// @ts-ignore: a decorator
@inline
export function low8(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: a decorator
@inline
export function high8(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Of 16-bit lanes that go on from `left` to `here` the ones before those of `here`. */
// @ts-ignore: a decorator
@inline
export function lanesBefore(left: v128, here: v128): v128 {
  return i16x8.shuffle(left, here, 7, 8, 9, 10, 11, 12, 13, 14);
}

/** Of 16-bit lanes that go on from `here` to `right` the ones behind those of `here`. */
// @ts-ignore: a decorator
@inline
export function lanesBehind(here: v128, right: v128): v128 {
  return i16x8.shuffle(here, right, 1, 2, 3, 4, 5, 6, 7, 8);
}

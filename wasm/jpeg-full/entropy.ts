/**
 * Reads blocks of coefficients from the entropy-coded bytes between two markers (ITU-T T.81, F.2.2), which `unstuff` has
 * made ready: backwards, so that a plain load of eight bytes gives the first of them the highest place.
 */
import { DOUBLE_FILL, MARKER, unstuff } from '../jpeg/unstuff';
import { Component } from './component';
import { END_OF_BLOCK, entryAt, valueOf } from './huffman';

/** How far an MCU of ten blocks of 64 symbols, 27 bits each, may be read below what `unstuff` wrote. */
export const OVERRUN_BYTES: usize = 4096;

/** Behind the last coefficient: what goes too far is written there, before that is seen. */
const B: u8 = 128;

/** Where a coefficient stands in its block, in bytes, by its place in zigzag order (ITU-T T.81, figure A.6). */
// prettier-ignore
export const PLACES = memory.data<u8>([
  0, 2, 16, 32, 18, 4, 6, 20, 34, 48, 64, 50, 36, 22, 8, 10,
  24, 38, 52, 66, 80, 96, 82, 68, 54, 40, 26, 12, 14, 28, 42, 56,
  70, 84, 98, 112, 114, 100, 86, 72, 58, 44, 30, 46, 60, 74, 88, 102,
  116, 118, 104, 90, 76, 62, 78, 92, 106, 120, 122, 108, 94, 110, 124, 126,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
  B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
]);
const BLOCK_BYTES: usize = 128;
/** Zero between blocks, but for what went too far. */
export const coefficients = memory.data(144, 16);

/** The next bits, the first in the highest place; how many of them are counted; where the bytes behind those are loaded. */
let heldBits: u64 = 0;
let heldCount: i32 = 0;
let nextLoad: usize = 0;
/** The lowest byte that `unstuff` wrote: the last one of the segment. */
let bottom: usize = 0;

/** To be called for each picture: one that was damaged may have left something behind. */
export function clear(): void {
  memory.fill(coefficients, 0, BLOCK_BYTES);
  store<u32>(DOUBLE_FILL, 0);
}

/** Begins what lies between two markers: bytes from `source` on, which are written down from `top`. */
export function beginSegment(source: usize, top: usize): void {
  bottom = top - unstuff(source, top);
  nextLoad = top - 8;
  heldBits = 0;
  heldCount = 0;
}

/** The marker that the segment ends with: the address of its 0xFF. */
export function markerBehind(): usize {
  return load<usize>(MARKER);
}

/**
 * Have all bits been used but those that fill up the last byte? No is also said where 0xFF was repeated, of which
 * libjpeg-turbo makes other coefficients in its fast and its careful way of reading.
 */
export function isUsedUp(): bool {
  const left = 8 * <i32>(nextLoad + 8 - bottom) + heldCount;
  return left >= 0 && left < 8 && load<u32>(DOUBLE_FILL) == 0;
}

/** Has certainly more been read than there is? */
// @ts-ignore: a decorator
@inline
export function isOverrun(): bool {
  return nextLoad + 16 < bottom;
}

/**
 * Decodes the coefficients of a block.
 * @returns the last one's place in zigzag order that may not be zero; beyond 63 when the bytes are damaged
 */
// @ts-ignore: a decorator
@inline
export function decodeBlock(component: Component): i32 {
  let bits = heldBits | (load<u64>(nextLoad) >> heldCount);
  let at = nextLoad - ((63 - heldCount) >> 3);
  let count = heldCount | 56;
  let entry = entryAt(component.dc, bits);
  component.prediction += valueOf(entry, bits);
  store<i16>(coefficients, component.prediction);
  bits <<= entry & 63;
  count -= entry & 63;
  let last: i32 = (entry >> 8) & 255;
  const ac = component.ac;
  // 56 bits are enough for two symbols with their values, of at most 16 + 10 or 16 + 11 bits.
  while (last < 63) {
    entry = entryAt(ac, bits);
    last += (entry >> 8) & 255;
    store<i16>(coefficients + load<u8>(PLACES + last), valueOf(entry, bits));
    bits <<= entry & 63;
    count -= entry & 63;
    if (last >= 63) break;
    bits |= load<u64>(at) >> count;
    at -= (63 - count) >> 3;
    count |= 56;
    entry = entryAt(ac, bits);
    last += (entry >> 8) & 255;
    store<i16>(coefficients + load<u8>(PLACES + last), valueOf(entry, bits));
    bits <<= entry & 63;
    count -= entry & 63;
  }
  heldBits = bits;
  heldCount = count;
  nextLoad = at;
  return last & END_OF_BLOCK ? last ^ END_OF_BLOCK : last;
}

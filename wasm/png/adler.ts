/** The checksum of zlib's streams: Adler-32 (RFC 1950, 8.2 and 9). */

const MODULUS: u32 = 65_521;

/** So many bytes can be added up in 32 bits before a remainder has to be taken (zlib, adler32.c: NMAX), in 16s. */
const RUN_BYTES: usize = 5552;

/** Goes on with a checksum; it begins with 1. */
export function adler32(checksum: u32, from: usize, byteLength: usize): u32 {
  let sum = checksum & 0xffff;
  let sums = checksum >> 16;
  const end = from + byteLength;
  while (from < end) {
    const stop = from + min(RUN_BYTES, end - from);
    const blocks = (stop - from) >> 4;
    sums += sum * ((blocks as u32) << 4);
    const stopBlocks = from + (blocks << 4);
    let before = i32x4.splat(0);
    let added = i32x4.splat(0);
    let weighted = i32x4.splat(0);
    for (; from < stopBlocks; from += 16) {
      const bytes = v128.load(from);
      before = i32x4.add(before, added);
      added = i32x4.add(added, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes)));
      const first = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(bytes), i16x8(16, 15, 14, 13, 12, 11, 10, 9));
      const second = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(bytes), i16x8(8, 7, 6, 5, 4, 3, 2, 1));
      weighted = i32x4.add(weighted, i32x4.add(first, second));
    }
    sum += total(added);
    sums += (total(before) << 4) + total(weighted);
    for (; from < stop; from++) {
      sum += load<u8>(from);
      sums += sum;
    }
    sum %= MODULUS;
    sums %= MODULUS;
  }
  return (sums << 16) | sum;
}

function total(lanes: v128): u32 {
  const halves = i32x4.add(lanes, i8x16.shuffle(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return (i32x4.extract_lane(halves, 0) + i32x4.extract_lane(halves, 1)) as u32;
}

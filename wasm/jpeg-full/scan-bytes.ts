/**
 * The entropy-coded bytes of a scan, made ready for reading: without the zero that stands behind each 0xFF (ITU-T T.81,
 * B.1.1.5), and backwards, so that a plain load of eight bytes gives the first of them the highest place.
 */

/** Zeros behind the last byte: more than one MCU of ten blocks with 64 codes of 32 bits each can ask for. */
export const PADDING: usize = 4096;

const MARKER: u8 = 0xff;

/** Where the last segment's bytes ended: at the 0xFF of a marker, or at `end`. */
export let segmentEnd: usize = 0;

/**
 * Copies bytes backwards up to the next marker.
 * @param source the segment's first byte
 * @param end behind the last byte that there is
 * @param top behind where the first byte goes; below there is room for `end - source` bytes and the padding
 * @returns how many bytes there are
 */
export function turnSegment(source: usize, end: usize, top: usize): usize {
  let target = top;
  while (source < end) {
    if (source + 16 <= end) {
      const bytes = v128.load(source);
      const found = i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(-1)));
      v128.store(target - 16, i8x16.swizzle(bytes, i8x16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)));
      const plain: usize = found == 0 ? 16 : ctz(found);
      source += plain;
      target -= plain;
      if (found == 0) continue;
    }
    const byte = load<u8>(source);
    if (byte == MARKER) {
      if (source + 1 >= end || load<u8>(source, 1) != 0) break;
      source++;
    }
    source++;
    store<u8>(--target, byte);
  }
  segmentEnd = source;
  memory.fill(target - PADDING, 0, PADDING);
  return top - target;
}

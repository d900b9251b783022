const FILL: u32 = 0xff;
const CHUNK: usize = 16;

/** Where `unstuff` stopped: the address of the marker behind the segment. */
export const MARKER: usize = memory.data(8, 8);
/** Not zero once `unstuff` has gone over a 0xFF that another one follows, which no encoder writes; for others to clear. */
export const DOUBLE_FILL: usize = memory.data(4, 4);

/**
 * Writes the entropy-coded bytes from `source` up to the next marker backwards, the first one just below `top`, without
 * the zeros that are stuffed behind 0xFF (ITU-T T.81, B.1.1.5). Backwards, because a little-endian load then has the
 * stream's first byte as its most significant one. Stops at the marker, which has to be there: the host puts one behind
 * the picture, and 16 bytes. Below what it writes, 16 bytes are overwritten.
 * @returns how many bytes were written
 */
export function unstuff(source: usize, top: usize): usize {
  const fill = i8x16.splat(<i8>FILL);
  let to = top;
  while (true) {
    const chunk = v128.load(source);
    v128.store(to - CHUNK, i8x16.shuffle(chunk, chunk, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
    const fills = i8x16.bitmask(i8x16.eq(chunk, fill));
    if (fills == 0) {
      source += CHUNK;
      to -= CHUNK;
      continue;
    }
    const before = <usize>ctz(fills);
    source += before;
    to -= before;
    const next = <u32>load<u8>(source, 1);
    if (next == 0) {
      // The 0xFF itself was stored with its chunk.
      source += 2;
      to -= 1;
    } else if (next == FILL) {
      store<u32>(DOUBLE_FILL, 1);
      source += 1;
    } else {
      break;
    }
  }
  store<usize>(MARKER, source);
  return top - to;
}

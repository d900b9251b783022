/**
 * Huffman tables, ITU-T T.81, annex C and F.2.2.3: for each value of the next bits the code that they begin with.
 */

/** Bits that are looked up at once; longer codes are rare. */
const LOOKUP_BITS: i32 = 9;
const LONGEST: i32 = 16;

/** Of a table: the entries, for each length the limit of its codes and the place of its symbols, counts and symbols. */
const LIMITS: usize = 4 << LOOKUP_BITS;
const COUNTS: usize = LIMITS + 8 * (LONGEST + 1);
const SYMBOLS: usize = COUNTS + LONGEST;
const TABLE: usize = (SYMBOLS + 256 + 15) & ~15;

/** Three tables for DC, then three for AC. */
const AC = 3;
const tables = memory.data(6 * <i32>TABLE, 16);

/** Steps of the place in zigzag order that lead beyond every block: the block is at its end, or there is no such code. */
export const END_OF_BLOCK: i32 = 128;
const NO_CODE: i32 = 192;

/** The most bits that a value may have in 8-bit pictures: ITU-T T.81, tables F.1 and F.2. */
const MAX_DC_SIZE: i32 = 11;
const MAX_AC_SIZE: i32 = 10;
/** So many zeros, and no value. */
const ZERO_RUN: i32 = 0xf0;

/**
 * What is said of a code: in the lowest byte the bits of code and value together, in the next one the step, above that a
 * mask of the bits of the value.
 */
// @ts-ignore: a decorator
@inline
function entryOf(length: i32, size: i32, step: i32): u32 {
  return (length + size) | (step << 8) | (((1 << size) - 1) << 16);
}

function entry(isDc: bool, length: i32, symbol: i32): u32 {
  if (isDc) return entryOf(length, symbol, 0);
  const size = symbol & 15;
  return entryOf(length, size, size != 0 || symbol == ZERO_RUN ? (symbol >> 4) + 1 : END_OF_BLOCK);
}

function isAllowed(isDc: bool, symbol: i32): bool {
  return isDc ? symbol <= MAX_DC_SIZE : (symbol & 15) <= MAX_AC_SIZE;
}

// @ts-ignore: a decorator
@inline
function tableAt(slot: i32): usize {
  return tables + <usize>slot * TABLE;
}

/**
 * Makes a component's table, unless it is the same as the one of a component before or as in the picture before.
 * @param index the component, 0 to 2; tables of those before it stay as they are
 * @param codes 16 counts and the symbols, as many as the counts say
 * @returns its address; 0 if 8-bit pictures have no such codes
 */
export function huffmanTable(index: i32, codes: usize, isDc: bool): usize {
  const first = isDc ? 0 : AC;
  for (let slot = first; slot <= first + index; slot++) {
    if (isSame(tableAt(slot), codes)) return tableAt(slot);
  }
  const table = tableAt(first + index);
  return fill(table, codes, isDc) ? table : 0;
}

function isSame(table: usize, codes: usize): bool {
  let count: usize = 0;
  for (let i = 0; i < LONGEST; i++) {
    const ofLength = load<u8>(codes + i);
    if (ofLength != load<u8>(table + COUNTS + i)) return false;
    count += ofLength;
  }
  return count > 0 && memory.compare(table + SYMBOLS, codes + LONGEST, count) == 0;
}

function fill(table: usize, codes: usize, isDc: bool): bool {
  // No counts either: a table that is given up is the same as no other.
  memory.fill(table, 0, SYMBOLS);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= LONGEST; length++) {
    const count = <i32>load<u8>(codes + length - 1);
    // A code of ones only is reserved (annex C.2, note 2).
    if (code + count >= 1 << length || place + count > 256) return false;
    // A code is a symbol's place and this difference.
    store<i32>(table + LIMITS + 8 * length, code + count);
    store<i32>(table + LIMITS + 8 * length, place - code, 4);
    for (let i = 0; i < count; i++, code++, place++) {
      const symbol = load<u8>(codes + LONGEST + place);
      if (!isAllowed(isDc, symbol)) return false;
      store<u8>(table + SYMBOLS + place, symbol);
      if (length > LOOKUP_BITS) continue;
      const first = table + (code << (LOOKUP_BITS - length + 2));
      const last = table + ((code + 1) << (LOOKUP_BITS - length + 2));
      const value = entry(isDc, length, symbol);
      for (let at = first; at < last; at += 4) store<u32>(at, value);
    }
    code <<= 1;
  }
  memory.copy(table + COUNTS, codes, LONGEST);
  return true;
}

/**
 * The entry of the code that the next bits begin with; `NO_CODE` is its step if there is none.
 * @param bits the first in the highest place
 */
// @ts-ignore: a decorator
@inline
export function entryAt(table: usize, bits: u64): u32 {
  const found = load<u32>(table + ((<usize>(bits >> (64 - LOOKUP_BITS))) << 2));
  return found != 0 ? found : longEntry(table, bits);
}

function longEntry(table: usize, bits: u64): u32 {
  for (let length = LOOKUP_BITS + 1; length <= LONGEST; length++) {
    const code = <i32>(bits >> (64 - length));
    const limit = table + LIMITS + 8 * length;
    if (code < load<i32>(limit)) {
      return entry(table < tableAt(AC), length, load<u8>(table + SYMBOLS + code + load<i32>(limit, 4)));
    }
  }
  return entryOf(0, 0, NO_CODE);
}

/** The value behind the code that the bits begin with: ITU-T T.81, F.2.2.1, "extend". */
// @ts-ignore: a decorator
@inline
export function valueOf(entry: u32, bits: u64): i32 {
  const mask: i32 = entry >> 16;
  const value = (<i32>(bits >> (64 - (entry & 63)))) & mask;
  // Those that begin with 0 are negative; all ones if it is one of them.
  const isNegative = (2 * value - mask - 1) >> 31;
  return value - (mask & isNegative);
}

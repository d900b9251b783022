/**
 * Huffman tables, ITU-T T.81, annex C and F.2.2.3: for each value of the next bits the code that they begin with.
 */

/** Bits that are looked up at once; longer codes are rare. */
export const LOOKUP_BITS: i32 = 10;
const LONGEST: i32 = 16;

/** Table: the entries, then for each length the limit of its codes and the place of its symbols, then the symbols. */
const LIMITS: usize = 4 << LOOKUP_BITS;
const SYMBOLS: usize = LIMITS + 8 * (LONGEST + 1);
const TABLE: usize = (SYMBOLS + 256 + 15) & ~15;

/** Four tables for DC, then four for AC. */
const tables = memory.data(35_968, 16);

/** What is said of a code: the bits of code and value together, of the code, the run of zeros, and the bits of the value. */
// @ts-ignore: a decorator
@inline
function entry(length: i32, symbol: i32): u32 {
  const size = symbol & 15;
  return (length + size) | (length << 8) | ((symbol >> 4) << 16) | (size << 24);
}

export function tableAt(slot: i32): usize {
  return tables + <usize>slot * TABLE;
}

/**
 * Reads a table as it stands in a DHT segment behind its class and number.
 * @param source 16 counts and the symbols, as many as the counts say
 * @returns are the counts possible?
 */
export function setHuffmanTable(slot: i32, source: usize): bool {
  const table = tableAt(slot);
  const symbols = table + SYMBOLS;
  memory.fill(table, 0, SYMBOLS);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= LONGEST; length++) {
    const count = <i32>load<u8>(source + length - 1);
    // A code of ones only is reserved (annex C.2, note 2).
    if (code + count >= 1 << length || place + count > 256) return false;
    // A code is a symbol's place and this difference.
    store<i32>(table + LIMITS + 8 * length, code + count);
    store<i32>(table + LIMITS + 8 * length, place - code, 4);
    for (let i = 0; i < count; i++, code++, place++) {
      const symbol = load<u8>(source + LONGEST + place);
      store<u8>(symbols + place, symbol);
      if (length > LOOKUP_BITS) continue;
      const first = table + (<usize>(code << (LOOKUP_BITS - length)) << 2);
      const last = table + (<usize>((code + 1) << (LOOKUP_BITS - length)) << 2);
      for (let at = first; at < last; at += 4) store<u32>(at, entry(length, symbol));
    }
    code <<= 1;
  }
  return true;
}

/**
 * The entry of a code that is longer than what is looked up at once.
 * @param bits the next bits, the first in the highest place
 * @returns 0 if no code begins like this
 */
export function longEntry(table: usize, bits: u64): u32 {
  for (let length = LOOKUP_BITS + 1; length <= LONGEST; length++) {
    const code = <i32>(bits >> (64 - length));
    const limit = table + LIMITS + 8 * length;
    if (code < load<i32>(limit)) return entry(length, load<u8>(table + SYMBOLS + code + load<i32>(limit, 4)));
  }
  return 0;
}

/**
 * Tables that decode the Huffman codes of DEFLATE (RFC 1951, 3.2), in the manner of zlib's inftrees.c: the next bits
 * are the index; codes that are longer than a table's index go on in a table behind it.
 *
 * An entry: bits 0-5 how many bits the code and the extra bits behind it take, 8-11 how many the code takes, 16-30 the
 * literal, or the least length or distance, and the flags. To a further table: bits 0-5 the index's bits, 8-11 the
 * further index's bits, 16-30 the number of its first entry.
 */

/** The entry is a literal. */
export const LITERAL: u32 = 0x8000_0000;
/** The entry is neither a literal nor a length nor a distance. */
export const OTHER: u32 = 0x8000;
/** Of `OTHER`: leads to a further table. */
export const FURTHER: u32 = 0x4000;
/** Of `OTHER`: the end of the block. Without either of both no code begins with such bits. */
export const END: u32 = 0x2000;

/** Alphabets (3.2.5, 3.2.7). */
export const CODE_LENGTHS = 0;
export const LITERALS = 1;
export const DISTANCES = 2;

/** Symbols of the alphabets that a stream may use: the last two of both are never in it. */
export const MAX_LITERALS: u32 = 286;
export const MAX_DISTANCES: u32 = 30;

/** Bits of a table's index. 11 and 8 keep both tables within the first cache, and longer codes are rare. */
export const CODE_LENGTHS_BITS = 7;
export const LITERALS_BITS = 11;
export const DISTANCES_BITS = 8;

/** Most entries of any complete code of 15 bits, by zlib's examples/enough.c for 288 and 32 symbols and these bits. */
const MAX_LITERAL_ENTRIES = 2342;
const MAX_DISTANCE_ENTRIES = 402;

export const CODE_LENGTHS_TABLE: usize = memory.data((1 << CODE_LENGTHS_BITS) * 4, 16);
export const LITERALS_TABLE: usize = memory.data(MAX_LITERAL_ENTRIES * 4, 16);
export const DISTANCES_TABLE: usize = memory.data(MAX_DISTANCE_ENTRIES * 4, 16);

/** The longest code (3.2.7). */
const MAX_BITS = 15;

/** Least lengths and distances, and the bits behind their codes (3.2.5). */
const LENGTH_BASES: usize = memory.data<u16>([
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
]);
const LENGTH_EXTRAS: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
]);
const DISTANCE_BASES: usize = memory.data<u16>([
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
]);

/** How many codes are so long, and the place of the first of them among the sorted symbols: 16 of each. */
const COUNTS: usize = memory.data(16 * 2);
const PLACES: usize = memory.data(16 * 2);
/** Symbols sorted by the length of their codes. */
const SORTED: usize = memory.data(288 * 2);

/**
 * Makes a table of codes' lengths.
 *
 * As zlib does, it refuses codes that do not use up all bits, but for a single one of 1 bit and no distances at all.
 * @param lengths a byte for each symbol; 0 where it has no code
 * @returns whether the lengths make a code
 */
export function buildTable(alphabet: i32, lengths: usize, count: i32, table: usize, tableBits: i32): bool {
  const longest = sortSymbols(lengths, count);
  const left = unusedCodes();
  const isSingle = longest == 1 && left > 0;
  if (left < 0 || (left > 0 && longest != 0 && (alphabet == CODE_LENGTHS || !isSingle))) return false;
  if (longest == 0 && alphabet != DISTANCES) return false;
  if (left > 0) fill(table, 1 << tableBits, 1, OTHER);
  if (longest > 0) placeCodes(alphabet, longest, table, tableBits);
  return true;
}

/** Returns the length of the longest code. */
function sortSymbols(lengths: usize, count: i32): i32 {
  memory.fill(COUNTS, 0, 32);
  for (let i = 0; i < count; i++) {
    const at = COUNTS + ((load<u8>(lengths + i) as usize) << 1);
    store<u16>(at, load<u16>(at) + 1);
  }
  store<u16>(COUNTS, 0);
  let longest = 0;
  let place: u16 = 0;
  for (let length = 1; length <= MAX_BITS; length++) {
    const codes = load<u16>(COUNTS + (length << 1));
    store<u16>(PLACES + (length << 1), place);
    place += codes;
    if (codes > 0) longest = length;
  }
  for (let i = 0; i < count; i++) {
    const length = load<u8>(lengths + i) as usize;
    if (length == 0) continue;
    const at = PLACES + (length << 1);
    const free = load<u16>(at);
    store<u16>(SORTED + ((free as usize) << 1), i as u16);
    store<u16>(at, free + 1);
  }
  return longest;
}

/** How many codes of the greatest length are not used; negative where there are more codes than bits allow. */
function unusedCodes(): i32 {
  let left = 1;
  for (let length = 1; length <= MAX_BITS; length++) {
    left = (left << 1) - load<u16>(COUNTS + (length << 1));
    if (left < 0) return left;
  }
  return left;
}

function placeCodes(alphabet: i32, longest: i32, table: usize, tableBits: i32): void {
  const mask = (1 << tableBits) - 1;
  let place: usize = SORTED;
  let end = 1 << tableBits;
  let first = 0;
  let size = 0;
  let prefix = -1;
  // The first bit of a code is its highest and comes first, that is, lowest in the index.
  let code = 0;
  for (let length = 1; length <= longest; length++) {
    for (let left = load<u16>(COUNTS + (length << 1)) as i32; left > 0; left--) {
      const entry = entryOf(alphabet, load<u16>(place));
      place += 2;
      if (length <= tableBits) {
        fill(table + (code << 2), (1 << tableBits) - code, 1 << length, withLength(entry, length));
      } else {
        if ((code & mask) != prefix) {
          prefix = code & mask;
          const bits = furtherBits(length, left, longest, tableBits);
          first = end;
          size = 1 << bits;
          end += size;
          const pointer = OTHER | FURTHER | ((first as u32) << 16) | ((bits as u32) << 8) | (tableBits as u32);
          store<u32>(table + (prefix << 2), pointer);
        }
        const further = code >> tableBits;
        const step = 1 << (length - tableBits);
        fill(table + ((first + further) << 2), size - further, step, withLength(entry, length - tableBits));
      }
      code = nextCode(code, length);
    }
  }
}

/** The bits of a further table's index: of as many codes as still fit behind one beginning. */
function furtherBits(length: i32, codesLeft: i32, longest: i32, tableBits: i32): i32 {
  let bits = length - tableBits;
  let left = (1 << bits) - codesLeft;
  while (left > 0 && bits + tableBits < longest) {
    bits++;
    left = (left << 1) - load<u16>(COUNTS + ((bits + tableBits) << 1));
  }
  return bits;
}

/** The next code of a length: 1 more, with its bits in reverse. */
function nextCode(code: i32, length: i32): i32 {
  let bit = 1 << (length - 1);
  while ((code & bit) != 0) bit >>= 1;
  return bit == 0 ? 0 : (code & (bit - 1)) + bit;
}

function fill(from: usize, count: i32, step: i32, entry: u32): void {
  for (let i = 0; i < count; i += step) store<u32>(from + (i << 2), entry);
}

function withLength(entry: u32, length: i32): u32 {
  return entry + ((length as u32) << 8) + (length as u32);
}

/** The entry of a symbol, without the length of its code. */
function entryOf(alphabet: i32, symbol: u32): u32 {
  if (alphabet == CODE_LENGTHS) return symbol << 16;
  if (alphabet == DISTANCES) {
    if (symbol >= MAX_DISTANCES) return OTHER;
    const extra: u32 = symbol < 4 ? 0 : (symbol >> 1) - 1;
    return ((load<u16>(DISTANCE_BASES + (symbol << 1)) as u32) << 16) | extra;
  }
  if (symbol < 256) return LITERAL | (symbol << 16);
  if (symbol == 256) return OTHER | END;
  if (symbol >= MAX_LITERALS) return OTHER;
  const length = symbol - 257;
  return ((load<u16>(LENGTH_BASES + (length << 1)) as u32) << 16) | load<u8>(LENGTH_EXTRAS + length);
}

/**
 * Tables that tell by the next bits of the stream what they mean (ITU-T T.81, annexes C and F.2.2). A table takes
 * `TABLE_BYTES`: an entry for each value of the next `LOOKUP_BITS` bits, then what finds codes that are longer.
 *
 * An entry holds: bits 0 to 5 how many bits the symbol takes, the coefficient's own ones included; bit 6, `IS_APART`,
 * whether these, or the code itself, go beyond the lookup; bits 8 to 15 how many coefficients the symbol goes on by; bits 16 to 31 the
 * coefficient, or, when it is apart, in bits 16 to 20 the code's bits alone and in bits 24 to 27 the coefficient's.
 */
export const LOOKUP_BITS: u32 = 11;
export const LOOKUP_SHIFT: u64 = 64 - LOOKUP_BITS;
const ENTRIES: u32 = 1 << LOOKUP_BITS;
export const IS_APART: u32 = 64;

/** Goes on beyond the last coefficient, 63, from wherever it stands, and is told from every run and from an escape. */
export const END_OF_BLOCK: u32 = 128;
/** The code is longer than the lookup, or there is none such: 0 bits taken. */
const ESCAPE_STEP: u32 = 192;
const ESCAPE: u32 = (ESCAPE_STEP << 8) | IS_APART;

/** Of codes of each length from 1 to 16: the 16 bits that are behind the last, and the symbol's index less the code. */
const LIMITS: usize = ENTRIES * 4;
const OFFSETS: usize = LIMITS + 17 * 4;
const SYMBOLS: usize = OFFSETS + 17 * 4;
const KIND: usize = SYMBOLS + 4;
/** Of one table, a multiple of 16. */
export const TABLE_BYTES: usize = (KIND + 4 + 15) & ~15;

/** How many bits a symbol's coefficient takes, and how many coefficients it goes on by. */
function sizeOf(symbol: u32, isDc: bool): u32 {
  return isDc ? symbol : symbol & 15;
}
function stepOf(symbol: u32, isDc: bool): u32 {
  if (isDc) return 1;
  const run = symbol >> 4;
  return (symbol & 15) == 0 && run != 15 ? END_OF_BLOCK : run + 1;
}

/** The coefficient of `size` bits, of which those that begin with 0 are negative (F.2.2.1, EXTEND). */
export function extend(bits: i32, size: u32): i32 {
  return bits < (1 << size) >> 1 ? bits - (1 << size) + 1 : bits;
}

/**
 * Builds a table from a DHT segment's 16 counts and the symbols that follow them, which stay where they are. The host
 * has seen to it that the codes fit in 16 bits, and that DC symbols are 15 at most.
 */
export function buildTable(table: usize, counts: usize, isDc: bool): void {
  const symbols = counts + 16;
  for (let i: u32 = 0; i < ENTRIES; i++) store<u32>(table + (i << 2), ESCAPE);
  store<usize>(table, symbols, SYMBOLS);
  store<u32>(table, isDc ? 1 : 0, KIND);
  let code: u32 = 0;
  let index: u32 = 0;
  for (let length: u32 = 1; length <= 16; length++) {
    const count = <u32>load<u8>(counts + length - 1);
    store<u32>(table + (length << 2), index - code, OFFSETS);
    if (length <= LOOKUP_BITS) {
      for (let i: u32 = 0; i < count; i++) {
        storeSymbol(table, code + i, length, <u32>load<u8>(symbols + index + i), isDc);
      }
    }
    code += count;
    index += count;
    store<u32>(table + (length << 2), code << (16 - length), LIMITS);
    code <<= 1;
  }
}

/** The entries of all lookups that begin with a code. */
function storeSymbol(table: usize, code: u32, length: u32, symbol: u32, isDc: bool): void {
  const size = sizeOf(symbol, isDc);
  const taken = length + size;
  const common = (stepOf(symbol, isDc) << 8) | taken;
  let at = table + (code << (LOOKUP_BITS - length + 2));
  if (taken > LOOKUP_BITS) {
    const entry = (size << 24) | (length << 16) | common | IS_APART;
    for (let i: u32 = 0; i < 1 << (LOOKUP_BITS - length); i++, at += 4) store<u32>(at, entry);
    return;
  }
  for (let bits: u32 = 0; bits < 1 << size; bits++) {
    const entry = (extend(bits, size) << 16) | common;
    for (let i: u32 = 0; i < 1 << (LOOKUP_BITS - taken); i++, at += 4) store<u32>(at, entry);
  }
}

/** The entry, apart, of the symbol that the bits begin with, whose code is longer than the lookup; 0 when none does. */
export function findSymbol(table: usize, bits: u64): u32 {
  const next = <u32>(bits >> 48);
  let length: u32 = LOOKUP_BITS + 1;
  while (length <= 16 && next >= load<u32>(table + (length << 2), LIMITS)) length++;
  if (length > 16) return 0;
  const index = (next >> (16 - length)) + load<u32>(table + (length << 2), OFFSETS);
  const symbol = <u32>load<u8>(load<usize>(table, SYMBOLS) + index);
  const isDc = load<u32>(table, KIND) != 0;
  const size = sizeOf(symbol, isDc);
  return (size << 24) | (length << 16) | (stepOf(symbol, isDc) << 8) | IS_APART | (length + size);
}

/** The coefficient of an entry that is apart; `bits` begin with its symbol. */
export function coefficientApart(entry: u32, bits: u64): i32 {
  const size = (entry >> 24) & 15;
  return extend(<i32>(((bits << ((entry >> 16) & 31)) >> 1) >> (63 - size)), size);
}

/** A table of pairs. */
export const PAIR_TABLE_BYTES: usize = 8 << LOOKUP_BITS;

/**
 * Of a table of AC symbols, one that tells two of them at once where both lie within the lookup whole. An entry, of 64
 * bits, holds in bits 0 to 5 how many bits they take, the symbols' own steps in bits 8 to 15 and 16 to 23, 0 for a second
 * one that is not there, and their coefficients in bits 32 to 47 and 48 to 63; or `IS_APART` alone.
 */
export function buildPairTable(pairs: usize, table: usize): void {
  for (let i: u32 = 0; i < ENTRIES; i++) {
    const first = load<u32>(table + (i << 2));
    const taken = first & 63;
    let entry: u64 = IS_APART;
    if ((first & IS_APART) == 0) {
      entry = ((<u64>(first >> 16)) << 32) | (first & 0xffff);
      const second = load<u32>(table + (((i << taken) & (ENTRIES - 1)) << 2));
      const isAlone = ((first >> 8) & 255) >= END_OF_BLOCK || second & IS_APART || taken + (second & 63) > LOOKUP_BITS;
      if (!isAlone) entry += ((<u64>(second >> 16)) << 48) | ((second & 0xff00) << 8) | (second & 63);
    }
    store<u64>(pairs + (i << 3), entry);
  }
}

/** How many bits a table for going over symbols looks at: as many as hold two or three of them. */
const SKIP_BITS: u32 = 12;
export const SKIP_SHIFT: u64 = 64 - SKIP_BITS;
/** An entry's bits below its step. */
export const SKIP_STEP_SHIFT: u32 = 6;
/** Goes beyond the last coefficient, and further than six symbols do, which are the most that a lookup holds. */
export const SKIP_END: u32 = 256;
/** Goes beyond the last coefficient, but is no end of a block; 0 bits taken. */
const SKIP_ESCAPE: u32 = 512 << SKIP_STEP_SHIFT;
/** How far filling goes beyond a table's end, rounded up. */
const FILL_BYTES: usize = 16;
const TAILS: usize = (2 << SKIP_BITS) + FILL_BYTES;
/** A table, and those of fewer bits that it is made of. */
export const SKIP_TABLE_BYTES: usize = TAILS + (2 << SKIP_BITS) + FILL_BYTES;

/**
 * Of a DHT segment's counts and symbols, a table for going over AC symbols without looking at the coefficients. An entry,
 * of 16 bits, holds in bits 0 to 5 how many bits all the symbols take that lie within the lookup whole, or the first one
 * alone; from bit 6 on how many coefficients they go on by.
 *
 * What may follow a symbol within a lookup is what a lookup of so many bits fewer tells, so tables of 0, 1, 2… bits are
 * made of each other.
 */
export function buildSkipTable(skips: usize, counts: usize): void {
  const tails = skips + TAILS;
  for (let width: u32 = 0; width < SKIP_BITS; width++) fillSkips(tails + (2 << width), tails, counts, width);
  fillSkips(skips, tails, counts, SKIP_BITS);
}

/** Codes stand in the order of their bits, so each one's entries follow the last one's and may be written beyond them. */
function fillSkips(target: usize, tails: usize, counts: usize, width: u32): void {
  const end = target + (2 << width);
  const isWhole = width == SKIP_BITS;
  let at = counts + 16;
  for (let length: u32 = 1; length <= width && length <= 16; length++) {
    const last = at + <usize>load<u8>(counts + length - 1);
    for (; at < last; at++) {
      const symbol = <u32>load<u8>(at);
      const isEnd = stepOf(symbol, false) == END_OF_BLOCK;
      const step = isEnd ? SKIP_END : stepOf(symbol, false);
      const taken = length + (symbol & 15);
      const entry = <u16>((step << SKIP_STEP_SHIFT) | taken);
      const span = (<usize>2) << (width - length);
      if (isEnd || taken > width) {
        fill(target, span, isEnd || isWhole ? entry : 0);
      } else {
        const tail = (<usize>2) << (width - taken);
        for (let to = target; to < target + span; to += tail) addToAll(to, tails + tail, tail, entry);
      }
      target += span;
    }
  }
  if (target < end) fill(target, end - target, isWhole ? <u16>SKIP_ESCAPE : 0);
}

function fill(target: usize, byteLength: usize, entry: u16): void {
  const entries = i16x8.splat(entry);
  for (const end = target + byteLength; target < end; target += 16) v128.store(target, entries);
}

function addToAll(target: usize, source: usize, byteLength: usize, entry: u16): void {
  const entries = i16x8.splat(entry);
  for (const end = target + byteLength; target < end; target += 16, source += 16) {
    v128.store(target, i16x8.add(v128.load(source), entries));
  }
}

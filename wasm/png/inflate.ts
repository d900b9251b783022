/**
 * Decompresses zlib's streams (RFC 1950, RFC 1951) whose length is known before.
 *
 * Bits are taken from a 64-bit buffer that is filled up without a branch, as libdeflate does.
 */
import { adler32 } from './adler';
import {
  buildTable,
  CODE_LENGTHS,
  CODE_LENGTHS_BITS,
  CODE_LENGTHS_TABLE,
  DISTANCES,
  DISTANCES_BITS,
  DISTANCES_TABLE,
  END,
  FURTHER,
  LITERAL,
  LITERALS,
  LITERALS_BITS,
  LITERALS_TABLE,
  MAX_DISTANCES,
  MAX_LITERALS,
  OTHER,
} from './huffman';

/** Types of blocks (RFC 1951, 3.2.3). */
const STORED = 0;
const FIXED = 1;
const DYNAMIC = 2;

/** The farthest that a match may lie back, and what a stream of 32 KiB or less needs not say (RFC 1950, 2.2). */
const MAX_WINDOW: usize = 32_768;

/** The order of the lengths of code lengths' codes (RFC 1951, 3.2.7). */
const ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** Lengths of the codes of a block; a repetition may go 138 beyond the last. */
const LENGTHS: usize = memory.data(MAX_LITERALS + MAX_DISTANCES + 138);

/** For each distance below 16 the places that 16 bytes repeat, and by how much such a store gets on. */
// prettier-ignore
const REPEATED: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
  0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0,
  0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0,
  0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
]);
const STEPS: usize = memory.data<u8>([0, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15]);

/** Where the stream goes on, its end, and bits that were taken from it: `held` of them count. */
let source: usize = 0;
let end: usize = 0;
let bits: u64 = 0;
let held: u32 = 0;
/** Where output begins, goes on, and has to end. */
let start: usize = 0;
let output: usize = 0;
let limit: usize = 0;

/**
 * Decompresses a stream.
 *
 * May read 64 bytes beyond the stream, and write 288 beyond the output.
 * @param expected how many bytes the stream holds
 * @returns whether it holds just these and its checksum is right; bytes may follow it
 */
export function inflate(from: usize, byteLength: usize, to: usize, expected: usize): bool {
  if (byteLength < 2 || !isHeader(load<u8>(from), load<u8>(from + 1), expected)) return false;
  source = from + 2;
  end = from + byteLength;
  bits = 0;
  held = 0;
  start = output = to;
  limit = to + expected;
  let checksum: u32 = 1;
  let isLast = false;
  while (!isLast) {
    refill();
    isLast = take(1) == 1;
    const before = output;
    if (!readBlock(take(2)) || output > limit || source > end + 8) return false;
    // Block by block, while the bytes are still in the cache.
    checksum = adler32(checksum, before, output - before);
  }
  source -= held >> 3;
  return output == limit && source + 4 <= end && bswap(load<u32>(source)) == checksum;
}

/** DEFLATE, without a dictionary, with a window within which all matches of the output lie (RFC 1950, 2.2). */
function isHeader(method: u32, flags: u32, expected: usize): bool {
  if (((method << 8) | flags) % 31 != 0 || (flags & 0x20) != 0) return false;
  const window: usize = 256 << (method >> 4);
  return (method & 15) == 8 && window <= MAX_WINDOW && window >= min(expected, MAX_WINDOW);
}

function readBlock(type: u32): bool {
  if (type == STORED) return copyStored();
  if (type == FIXED) return buildFixed() && decodeBlock();
  return type == DYNAMIC && readCodes() && decodeBlock();
}

/** At least 56 bits. */
function refill(): void {
  bits |= load<u64>(source) << held;
  source += (63 - held) >> 3;
  held |= 56;
}

function take(count: u32): u32 {
  const value = (bits as u32) & ((1 << count) - 1);
  bits >>= count;
  held -= count;
  return value;
}

/** RFC 1951, 3.2.4. */
function copyStored(): bool {
  source -= held >> 3;
  bits = 0;
  held = 0;
  if (source + 4 > end) return false;
  const length: usize = load<u16>(source);
  if ((length ^ load<u16>(source + 2)) != 0xffff) return false;
  source += 4;
  if (length > end - source || length > limit - output) return false;
  memory.copy(output, source, length);
  source += length;
  output += length;
  return true;
}

/** RFC 1951, 3.2.6. */
function buildFixed(): bool {
  memory.fill(LENGTHS, 8, 144);
  memory.fill(LENGTHS + 144, 9, 112);
  memory.fill(LENGTHS + 256, 7, 24);
  memory.fill(LENGTHS + 280, 8, 8);
  if (!buildTable(LITERALS, LENGTHS, 288, LITERALS_TABLE, LITERALS_BITS)) return false;
  memory.fill(LENGTHS, 5, 32);
  return buildTable(DISTANCES, LENGTHS, 32, DISTANCES_TABLE, DISTANCES_BITS);
}

/** RFC 1951, 3.2.7. */
function readCodes(): bool {
  const literals = take(5) + 257;
  const distances = take(5) + 1;
  const count = take(4) + 4;
  if (literals > MAX_LITERALS || distances > MAX_DISTANCES) return false;
  memory.fill(LENGTHS, 0, 19);
  for (let i: u32 = 0; i < count; i++) {
    refill();
    store<u8>(LENGTHS + load<u8>(ORDER + i), take(3) as u8);
  }
  if (!buildTable(CODE_LENGTHS, LENGTHS, 19, CODE_LENGTHS_TABLE, CODE_LENGTHS_BITS)) return false;
  // A block whose codes have no end is refused when it goes beyond the stream or the output.
  return (
    readLengths(literals + distances) &&
    buildTable(LITERALS, LENGTHS, literals, LITERALS_TABLE, LITERALS_BITS) &&
    buildTable(DISTANCES, LENGTHS + literals, distances, DISTANCES_TABLE, DISTANCES_BITS)
  );
}

function readLengths(count: u32): bool {
  let i: u32 = 0;
  while (i < count) {
    if (source > end + 8) return false;
    refill();
    const entry = load<u32>(CODE_LENGTHS_TABLE + (((bits as u32) & ((1 << CODE_LENGTHS_BITS) - 1)) << 2));
    take(entry & 63);
    const symbol = entry >> 16;
    if (symbol < 16) {
      store<u8>(LENGTHS + i++, symbol as u8);
      continue;
    }
    if (symbol == 16 && i == 0) return false;
    const repeated: u8 = symbol == 16 ? load<u8>(LENGTHS + i - 1) : 0;
    const times = symbol == 16 ? take(2) + 3 : symbol == 17 ? take(3) + 3 : take(7) + 11;
    memory.fill(LENGTHS + i, repeated, times);
    i += times;
  }
  return i == count;
}

/**
 * Decodes a block by the two tables, RFC 1951, 3.2.3. Goes on a little beyond the end of the stream or the output
 * before it stops there: what it reads and writes then is the caller's.
 */
function decodeBlock(): bool {
  // In registers while it lasts.
  let at = source;
  let buffer = bits;
  let count = held;
  let to = output;
  const last = limit;
  const readable = end + 8;
  while (at <= readable && to <= last) {
    buffer |= load<u64>(at) << count;
    at += (63 - count) >> 3;
    count |= 56;
    let entry = lookUp(LITERALS_TABLE, buffer, LITERALS_BITS);
    // Three literals of the table's 11 bits are within 56 bits; with a match behind two it would be more.
    if (entry & LITERAL) {
      buffer >>= entry;
      count -= entry & 63;
      store<u8>(to++, (entry >> 16) as u8);
      entry = lookUp(LITERALS_TABLE, buffer, LITERALS_BITS);
      if (entry & LITERAL) {
        buffer >>= entry;
        count -= entry & 63;
        store<u8>(to++, (entry >> 16) as u8);
        entry = lookUp(LITERALS_TABLE, buffer, LITERALS_BITS);
        if (entry & LITERAL) {
          buffer >>= entry;
          count -= entry & 63;
          store<u8>(to++, (entry >> 16) as u8);
          continue;
        }
      }
      buffer |= load<u64>(at) << count;
      at += (63 - count) >> 3;
      count |= 56;
    }
    if (entry & OTHER) {
      if (entry & FURTHER) {
        buffer >>= entry;
        count -= entry & 63;
        entry = load<u32>(LITERALS_TABLE + (((entry >> 16) + lowBits(buffer, entry >> 8)) << 2));
      }
      if (entry & LITERAL) {
        buffer >>= entry;
        count -= entry & 63;
        store<u8>(to++, (entry >> 16) as u8);
        continue;
      }
      if (entry & OTHER) {
        source = at;
        bits = buffer >> entry;
        held = count - (entry & 63);
        output = to;
        return (entry & END) != 0;
      }
    }
    const length = ((entry >> 16) + extra(buffer, entry)) as usize;
    buffer >>= entry;
    count -= entry & 63;
    entry = lookUp(DISTANCES_TABLE, buffer, DISTANCES_BITS);
    if (entry & OTHER) {
      if (!(entry & FURTHER)) return false;
      buffer >>= entry;
      count -= entry & 63;
      entry = load<u32>(DISTANCES_TABLE + ((((entry >> 16) & 0x7fff) + lowBits(buffer, entry >> 8)) << 2));
      if (entry & OTHER) return false;
    }
    const distance = ((entry >> 16) + extra(buffer, entry)) as usize;
    buffer >>= entry;
    count -= entry & 63;
    if (distance > to - start) return false;
    copyMatch(to, distance, length);
    to += length;
  }
  return false;
}

function lookUp(table: usize, buffer: u64, tableBits: u32): u32 {
  return load<u32>(table + (((buffer as u32) & ((1 << tableBits) - 1)) << 2));
}

/** So many of the next bits, at most 15; only the lowest four bits of `count` are looked at. */
function lowBits(buffer: u64, count: u32): u32 {
  return (buffer as u32) & ((1 << (count & 15)) - 1);
}

/** The extra bits behind the code of an entry. */
function extra(buffer: u64, entry: u32): u32 {
  const length = (entry >> 8) & 15;
  return ((buffer >> length) as u32) & ((1 << ((entry & 63) - length)) - 1);
}

/** 16 bytes at a time, so up to 15 beyond the length. */
function copyMatch(to: usize, distance: usize, length: usize): void {
  const stop = to + length;
  let from = to - distance;
  if (distance >= 16) {
    do {
      v128.store(to, v128.load(from));
      from += 16;
      to += 16;
    } while (to < stop);
    return;
  }
  const repeated = i8x16.swizzle(v128.load(from), v128.load(REPEATED + (distance << 4)));
  const step: usize = load<u8>(STEPS + distance);
  do {
    v128.store(to, repeated);
    to += step;
  } while (to < stop);
}

/**
 * Decoding of single blocks. The stream lies backwards (unstuff.ts): its byte i is the one below `top` − i. A position is
 * a number of bits from the stream's beginning. Each decoder returns the position behind its block, or `DAMAGED`, which is
 * beyond any stream; one block reads at most 2048 bits beyond the end of the stream.
 *
 * `bits` holds the next bits of the stream from its most significant bit on, of which `count` are accounted for (those
 * beyond are right, too); `at` is the address of the eight bytes behind them.
 */
import {
  coefficientApart,
  END_OF_BLOCK,
  SKIP_END,
  findSymbol,
  IS_APART,
  LOOKUP_SHIFT,
  SKIP_SHIFT,
  SKIP_STEP_SHIFT,
} from './huffman';

export const DAMAGED: u32 = 0xffffffff;

/** What is added to a block: the level shift of A.3.1, and a half to round. */
const LEVEL: f32 = 128.5;

/** A block's 8 × 8 pixels while they are summed up. */
const SUMS: usize = memory.data(256, 16);

/** A block in the order of a minimum coded unit; src/imaging/reduced-jpeg-plan.ts lays it out. */
@unmanaged
export class Block {
  /** 1, 2, 4 or 8 pixels a side. */
  size: u32;
  dcTable: usize;
  acTable: usize;
  /** Of AC symbols, several at once: for a size of 1 the table to go over them, for 2 and 4 that of pairs. */
  fastTable: usize;
  basis: usize;
  /** The address of the component's last DC coefficient. */
  lastDc: usize;
  /** Where the first block of the row goes, and how far the next ones and the next row are. */
  target: usize;
  step: u32;
  stride: u32;
  rowStep: u32;
  /** Told by `size` once, as blocks are many; called through the table, each decoder keeps what it needs in registers. */
  decoder: u32;
}

/** The entry of the symbol that the bits begin with, also where it is longer than the lookup; 0 when there is none. */
function entryOf(table: usize, bits: u64): u32 {
  const entry = load<u32>(table + ((<usize>(bits >> LOOKUP_SHIFT)) << 2));
  return entry & 63 ? entry : findSymbol(table, bits);
}

/** The coefficient of an entry. */
function valueOf(entry: u32, bits: u64): i32 {
  return entry & IS_APART ? coefficientApart(entry, bits) : (<i32>entry) >> 16;
}

/** Adds up the component's DC coefficient. */
function addDc(block: Block, difference: i32): i32 {
  const dc = load<i32>(block.lastDc) + difference;
  store<i32>(block.lastDc, dc);
  return dc;
}

function firstStep(pair: u64): u32 {
  return ((<u32>pair) >> 8) & 255;
}

function secondStep(pair: u64): u32 {
  return ((<u32>pair) >> 16) & 255;
}

function firstValue(pair: u64): i32 {
  return <i32>(<i16>(<u32>(pair >> 32)));
}

function secondValue(pair: u64): i32 {
  return <i32>((<i64>pair) >> 48);
}

/**
 * Whether a pair ends its block where its second symbol, or its first one, leads to `second`: not when a coefficient of
 * its own ends it before. Without a branch for either, since both are as frequent; the coefficient of an end is 0.
 */
function isEndOfBlock(first: u32, second: u32): bool {
  return second >= END_OF_BLOCK && first - 63 >= END_OF_BLOCK - 63;
}

/** Four pixels, and what a coefficient adds to them. */
function addPixels(sum: v128, coefficient: i32, picture: usize): v128 {
  return f32x4.add(sum, f32x4.mul(f32x4.splat(<f32>coefficient), v128.load(picture)));
}

/** The position that the next bits are at. */
function positionOf(top: usize, at: usize, count: u64): u32 {
  return ((<u32>(top - 8 - at)) << 3) - <u32>count;
}

/** One pixel: the DC coefficient alone. */
export function decodeBlock1(block: Block, target: usize, top: usize, position: u32): u32 {
  let at = top - 8 - (position >> 3);
  let bits = load<u64>(at) << (position & 7);
  let count: u64 = 56 - (position & 7);
  at -= 7;
  let entry = entryOf(block.dcTable, bits);
  if (entry == 0) return DAMAGED;
  const dc = addDc(block, valueOf(entry, bits));
  bits <<= entry;
  count -= entry & 63;
  const pixel = ((dc * load<i32>(block.basis) + 4) >> 3) + 128;
  store<u8>(target, <u8>(pixel < 0 ? 0 : pixel > 255 ? 255 : pixel));
  const table = block.fastTable;
  let k: u32 = 1;
  while (true) {
    do {
      bits |= load<u64>(at) >> count;
      at -= <usize>((63 - count) >> 3);
      count |= 56;
      // Two lookups take 27 bits each at most.
      entry = <u32>load<u16>(table + ((<usize>(bits >> SKIP_SHIFT)) << 1));
      bits <<= entry;
      count -= entry & 63;
      k += entry >> SKIP_STEP_SHIFT;
      if (k >= 64) break;
      entry = <u32>load<u16>(table + ((<usize>(bits >> SKIP_SHIFT)) << 1));
      bits <<= entry;
      count -= entry & 63;
      k += entry >> SKIP_STEP_SHIFT;
    } while (k < 64);
    // A block ends with its last coefficient or with an end of block that begins before that.
    if (k == 64 || k - SKIP_END - 1 < 63) return positionOf(top, at, count);
    // The last entry took symbols behind the block's end, or is an escape: one symbol instead.
    k -= entry >> SKIP_STEP_SHIFT;
    const here = positionOf(top, at, count + (entry & 63));
    entry = entryOf(block.acTable, load<u64>(top - 8 - (here >> 3)) << (here & 7));
    if (entry == 0) return DAMAGED;
    k += (entry >> 8) & 255;
    position = here + (entry & 63);
    if (k >= 64) return position;
    at = top - 8 - (position >> 3);
    bits = load<u64>(at) << (position & 7);
    count = 56 - (position & 7);
    at -= 7;
  }
}

/** 2 × 2 pixels. */
export function decodeBlock2(block: Block, target: usize, top: usize, position: u32): u32 {
  let at = top - 8 - (position >> 3);
  let bits = load<u64>(at) << (position & 7);
  let count: u64 = 56 - (position & 7);
  at -= 7;
  let entry = entryOf(block.dcTable, bits);
  if (entry == 0) return DAMAGED;
  const dc = addDc(block, valueOf(entry, bits));
  bits <<= entry;
  count -= entry & 63;
  const basis = block.basis;
  const pairs = block.fastTable;
  const table = block.acTable;
  let sum = f32x4.add(f32x4.splat(LEVEL), f32x4.mul(f32x4.splat(<f32>dc), v128.load(basis)));
  let k: u32 = 0;
  while (true) {
    let pair: u64;
    do {
      bits |= load<u64>(at) >> count;
      at -= <usize>((63 - count) >> 3);
      count |= 56;
      pair = load<u64>(pairs + ((<usize>(bits >> LOOKUP_SHIFT)) << 3));
      if (pair & IS_APART) break;
      const first = k + firstStep(pair);
      k = first + secondStep(pair);
      if (k >= 64) break;
      bits <<= pair;
      count -= pair & 63;
      sum = addPixels(sum, firstValue(pair), basis + (first << 4));
      sum = addPixels(sum, secondValue(pair), basis + (k << 4));
    } while (k < 63);
    if (k == 63) break;
    if (k >= 64) {
      const first = k - secondStep(pair);
      if (isEndOfBlock(first, k)) {
        count -= pair & 63;
        sum = addPixels(sum, firstValue(pair), basis + ((first & 63) << 4));
        break;
      }
      // The second symbol is behind the block's end: the first one alone.
      k = first - firstStep(pair);
    }
    entry = entryOf(table, bits);
    if (entry == 0) return DAMAGED;
    const value = valueOf(entry, bits);
    bits <<= entry;
    count -= entry & 63;
    k += (entry >> 8) & 255;
    if (k >= 64) break;
    sum = addPixels(sum, value, basis + (k << 4));
    if (k == 63) break;
  }
  const pixels = narrow(i32x4.trunc_sat_f32x4_s(sum));
  store<u16>(target, <u16>pixels);
  store<u16>(target + block.stride, <u16>(pixels >> 16));
  return positionOf(top, at, count);
}

/** Four pixels of 8 bits each. */
function narrow(pixels: v128): u32 {
  const words = i16x8.narrow_i32x4_s(pixels, pixels);
  return i32x4.extract_lane(i8x16.narrow_i16x8_u(words, words), 0);
}

/** 4 × 4 pixels. */
export function decodeBlock4(block: Block, target: usize, top: usize, position: u32): u32 {
  let at = top - 8 - (position >> 3);
  let bits = load<u64>(at) << (position & 7);
  let count: u64 = 56 - (position & 7);
  at -= 7;
  let entry = entryOf(block.dcTable, bits);
  if (entry == 0) return DAMAGED;
  const dc = addDc(block, valueOf(entry, bits));
  bits <<= entry;
  count -= entry & 63;
  const basis = block.basis;
  const pairs = block.fastTable;
  const table = block.acTable;
  const flat = f32x4.add(f32x4.splat(LEVEL), f32x4.mul(f32x4.splat(<f32>dc), v128.load(basis)));
  let sum0 = flat;
  let sum1 = flat;
  let sum2 = flat;
  let sum3 = flat;
  let k: u32 = 0;
  while (true) {
    let pair: u64;
    do {
      bits |= load<u64>(at) >> count;
      at -= <usize>((63 - count) >> 3);
      count |= 56;
      pair = load<u64>(pairs + ((<usize>(bits >> LOOKUP_SHIFT)) << 3));
      if (pair & IS_APART) break;
      const first = k + firstStep(pair);
      k = first + secondStep(pair);
      if (k >= 64) break;
      bits <<= pair;
      count -= pair & 63;
      const picture1 = basis + (first << 6);
      const picture2 = basis + (k << 6);
      const value1 = firstValue(pair);
      const value2 = secondValue(pair);
      sum0 = addPixels(addPixels(sum0, value1, picture1), value2, picture2);
      sum1 = addPixels(addPixels(sum1, value1, picture1 + 16), value2, picture2 + 16);
      sum2 = addPixels(addPixels(sum2, value1, picture1 + 32), value2, picture2 + 32);
      sum3 = addPixels(addPixels(sum3, value1, picture1 + 48), value2, picture2 + 48);
    } while (k < 63);
    if (k == 63) break;
    if (k >= 64) {
      const first = k - secondStep(pair);
      if (isEndOfBlock(first, k)) {
        count -= pair & 63;
        const picture = basis + ((first & 63) << 6);
        const coefficient = firstValue(pair);
        sum0 = addPixels(sum0, coefficient, picture);
        sum1 = addPixels(sum1, coefficient, picture + 16);
        sum2 = addPixels(sum2, coefficient, picture + 32);
        sum3 = addPixels(sum3, coefficient, picture + 48);
        break;
      }
      // The second symbol is behind the block's end: the first one alone.
      k = first - firstStep(pair);
    }
    entry = entryOf(table, bits);
    if (entry == 0) return DAMAGED;
    const value = valueOf(entry, bits);
    bits <<= entry;
    count -= entry & 63;
    k += (entry >> 8) & 255;
    if (k >= 64) break;
    const picture = basis + (k << 6);
    const coefficient = value;
    sum0 = addPixels(sum0, coefficient, picture);
    sum1 = addPixels(sum1, coefficient, picture + 16);
    sum2 = addPixels(sum2, coefficient, picture + 32);
    sum3 = addPixels(sum3, coefficient, picture + 48);
    if (k == 63) break;
  }
  const upper = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(sum0), i32x4.trunc_sat_f32x4_s(sum1));
  const lower = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(sum2), i32x4.trunc_sat_f32x4_s(sum3));
  const pixels = i8x16.narrow_i16x8_u(upper, lower);
  const stride = block.stride;
  v128.store32_lane(target, pixels, 0);
  v128.store32_lane(target + stride, pixels, 1);
  v128.store32_lane(target + stride * 2, pixels, 2);
  v128.store32_lane(target + stride * 3, pixels, 3);
  return positionOf(top, at, count);
}

/** 8 × 8 pixels. */
export function decodeBlock8(block: Block, target: usize, top: usize, position: u32): u32 {
  let at = top - 8 - (position >> 3);
  let bits = load<u64>(at) << (position & 7);
  let count: u64 = 56 - (position & 7);
  at -= 7;
  let entry = entryOf(block.dcTable, bits);
  if (entry == 0) return DAMAGED;
  const dc = addDc(block, valueOf(entry, bits));
  bits <<= entry;
  count -= entry & 63;
  const basis = block.basis;
  const table = block.acTable;
  const flat = f32x4.add(f32x4.splat(LEVEL), f32x4.mul(f32x4.splat(<f32>dc), v128.load(basis)));
  for (let i: usize = 0; i < 256; i += 16) v128.store(SUMS + i, flat);
  let k: u32 = 0;
  while (true) {
    do {
      bits |= load<u64>(at) >> count;
      at -= <usize>((63 - count) >> 3);
      count |= 56;
      entry = load<u32>(table + ((<usize>(bits >> LOOKUP_SHIFT)) << 2));
      if (entry & IS_APART) break;
      bits <<= entry;
      count -= entry & 63;
      k += (entry >> 8) & 255;
      if (k >= 64) break;
      addPicture(f32x4.splat(<f32>((<i32>entry) >> 16)), basis + (k << 8));
    } while (k < 63);
    if (k >= 63) break;
    if ((entry & 63) == 0) entry = findSymbol(table, bits);
    if (entry == 0) return DAMAGED;
    const value = coefficientApart(entry, bits);
    bits <<= entry;
    count -= entry & 63;
    k += (entry >> 8) & 255;
    if (k >= 64) break;
    addPicture(f32x4.splat(<f32>value), basis + (k << 8));
    if (k == 63) break;
  }
  for (let y: usize = 0; y < 8; y++) {
    const left = i32x4.trunc_sat_f32x4_s(v128.load(SUMS + (y << 5)));
    const right = i32x4.trunc_sat_f32x4_s(v128.load(SUMS + (y << 5), 16));
    const words = i16x8.narrow_i32x4_s(left, right);
    v128.store64_lane(target, i8x16.narrow_i16x8_u(words, words), 0);
    target += block.stride;
  }
  return positionOf(top, at, count);
}

function addPicture(coefficient: v128, picture: usize): void {
  for (let i: usize = 0; i < 256; i += 64) {
    const sums = SUMS + i;
    const from = picture + i;
    v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(coefficient, v128.load(from))));
    v128.store(sums, f32x4.add(v128.load(sums, 16), f32x4.mul(coefficient, v128.load(from, 16))), 16);
    v128.store(sums, f32x4.add(v128.load(sums, 32), f32x4.mul(coefficient, v128.load(from, 32))), 32);
    v128.store(sums, f32x4.add(v128.load(sums, 48), f32x4.mul(coefficient, v128.load(from, 48))), 48);
  }
}

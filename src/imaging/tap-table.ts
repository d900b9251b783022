import { type TriangleTaps, triangleTaps } from './triangle-taps.js';

/**
 * Bytes before the weights of an output pixel: its first source pixel, and the number of its groups of taps (int32 each).
 */
const HEAD_BYTES = 16;

/** Taps are worked on in groups of so many; a last group is filled up with weights of 0. */
const HORIZONTAL_GROUP = 8;
const VERTICAL_GROUP = 4;

/** Of a weight: two parts of 16 bits. */
const WEIGHT_BYTES = 4;

/** What a part of a weight may have at most, as a signed number of 16 bits. */
const PART_BITS = 15;

/** The bits of the low part in a vertical table. */
const VERTICAL_LOW_BITS = 8;

/** The greatest value of a pixel. */
const MAX_VALUE = 255;

/** A service meets few sizes again and again; of others no more than some hundred kB are kept. */
const KEPT_TABLES = 32;

const kept = new Map<string, Uint8Array>();

/**
 * The taps of a whole axis of Pillow's BILINEAR as the kernel `resizeRow` of wasm/resize.ts reads them: the bits of the
 * low parts of all weights (int32, and 12 bytes of nothing); then for each output pixel its first source pixel, the number
 * of its groups of eight taps, the most that its low parts can add to a sum (int32 each, and four bytes of nothing), the
 * high parts of all its weights, and the low parts (int16 each). The tables used last are kept.
 */
export function horizontalTable(sourceLength: number, outLength: number): Uint8Array {
  return keptOr(`across ${sourceLength} ${outLength}`, () => {
    const { firsts, starts, weights } = triangleTaps(sourceLength, outLength);
    const greatest = weights.reduce((most, weight) => Math.max(most, weight), 0);
    const lowBits = Math.max(0, 32 - Math.clz32(greatest) - PART_BITS);
    const groups = groupCounts(starts, HORIZONTAL_GROUP);
    const byteLength = groups.reduce((sum, count) => sum + entryBytes(count * HORIZONTAL_GROUP), HEAD_BYTES);
    const table = new DataView(new ArrayBuffer(byteLength));
    table.setInt32(0, lowBits, true);
    let at = HEAD_BYTES;
    for (const [i, count] of groups.entries()) {
      const taps = count * HORIZONTAL_GROUP;
      const ofPixel = weights.subarray(starts[i], starts[i + 1]);
      const low = ofPixel.map((weight) => weight & ((1 << lowBits) - 1));
      table.setInt32(at, firsts[i] ?? 0, true);
      table.setInt32(at + 4, count, true);
      table.setInt32(at + 8, MAX_VALUE * low.reduce((sum, part) => sum + part, 0), true);
      ofPixel.forEach((weight, tap) => table.setInt16(at + HEAD_BYTES + 2 * tap, weight >> lowBits, true));
      low.forEach((part, tap) => table.setInt16(at + HEAD_BYTES + 2 * (taps + tap), part, true));
      at += entryBytes(taps);
    }
    return new Uint8Array(table.buffer);
  });
}

/**
 * The same as the kernel `resizeColumns` reads them: for each output row its first source row and the number of its groups
 * of four taps (int32 each, and eight bytes of nothing), and for each pair of taps the weights' high parts, then their low
 * parts of 8 bits (int16 each).
 */
export function verticalTable(sourceLength: number, outLength: number): Uint8Array {
  return keptOr(`down ${sourceLength} ${outLength}`, () => {
    const { firsts, starts, weights } = triangleTaps(sourceLength, outLength);
    const groups = groupCounts(starts, VERTICAL_GROUP);
    const byteLength = groups.reduce((sum, count) => sum + entryBytes(count * VERTICAL_GROUP), 0);
    const table = new DataView(new ArrayBuffer(byteLength));
    let at = 0;
    for (const [i, count] of groups.entries()) {
      const taps = count * VERTICAL_GROUP;
      const ofPixel = weights.subarray(starts[i], starts[i + 1]);
      table.setInt32(at, firsts[i] ?? 0, true);
      table.setInt32(at + 4, count, true);
      ofPixel.forEach((weight, tap) => {
        const place = at + HEAD_BYTES + 4 * tap - 2 * (tap % 2);
        table.setInt16(place, weight >> VERTICAL_LOW_BITS, true);
        table.setInt16(place + 4, weight & ((1 << VERTICAL_LOW_BITS) - 1), true);
      });
      at += entryBytes(taps);
    }
    return new Uint8Array(table.buffer);
  });
}

/** Where the entry of each output row begins in a vertical table, and where the last one ends. */
export function entryOffsets(table: Uint8Array): readonly number[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const offsets = [0];
  for (let at = 0; at < table.byteLength; offsets.push(at)) {
    at += entryBytes(view.getInt32(at + 4, true) * VERTICAL_GROUP);
  }
  return offsets;
}

function keptOr(key: string, make: () => Uint8Array): Uint8Array {
  const table = kept.get(key) ?? make();
  // Those used last stand last.
  kept.delete(key);
  kept.set(key, table);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_TABLES && oldest !== undefined) kept.delete(oldest);
  return table;
}

/** How many groups the taps of each output pixel are. */
function groupCounts(starts: TriangleTaps['starts'], group: number): number[] {
  return Array.from(starts.subarray(1), (end, i) => Math.ceil((end - (starts[i] ?? 0)) / group));
}

function entryBytes(taps: number): number {
  return HEAD_BYTES + taps * WEIGHT_BYTES;
}

import { type TriangleTaps, triangleTaps } from './triangle-taps.js';

/** Bytes before the groups of an output pixel: its first source pixel and the number of its groups. */
const HEAD_BYTES = 8;

/** Taps are worked on in groups of so many; a last group is filled up with weights of 0. */
const GROUP = 4;

/** A group's bytes: a high and a low part of 16 bits for each weight. */
const GROUP_BYTES = 16;

/** A service meets few sizes again and again; of others no more than some hundred kB are kept. */
const KEPT_TABLES = 32;

const kept = new Map<string, Uint8Array>();

/** The taps of a whole axis of Pillow's BILINEAR as `tapTable` lays them out; the tables used last are kept. */
export function axisTable(sourceLength: number, outLength: number): Uint8Array {
  const key = `${sourceLength} ${outLength}`;
  const table = kept.get(key) ?? tapTable(triangleTaps(sourceLength, outLength));
  // Those used last stand last.
  kept.delete(key);
  kept.set(key, table);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_TABLES && oldest !== undefined) kept.delete(oldest);
  return table;
}

/** Where the entry of each output pixel begins in a table of `tapTable`, and where the last one ends. */
export function entryOffsets(table: Uint8Array): readonly number[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const offsets = [0];
  for (let at = 0; at < table.byteLength; offsets.push(at)) {
    at += HEAD_BYTES + view.getInt32(at + 4, true) * GROUP_BYTES;
  }
  return offsets;
}

/**
 * Lays out the taps of an axis as the kernels of wasm/resize.ts read them: for each output pixel its first source pixel
 * and the number of its groups of four taps (int32 each); for each pair of taps the weights' high parts, then their low
 * parts of 8 bits (int16 each). Weights have no more than 23 bits.
 */
function tapTable({ firsts, starts, weights }: TriangleTaps): Uint8Array {
  const groups = Array.from(firsts, (_, i) => Math.ceil(((starts[i + 1] ?? 0) - (starts[i] ?? 0)) / GROUP));
  const byteLength = groups.reduce((sum, count) => sum + HEAD_BYTES + count * GROUP_BYTES, 0);
  const table = new DataView(new ArrayBuffer(byteLength));
  let at = 0;
  for (const [i, count] of groups.entries()) {
    table.setInt32(at, firsts[i] ?? 0, true);
    table.setInt32(at + 4, count, true);
    at += HEAD_BYTES;
    const ofPixel = weights.subarray(starts[i], starts[i + 1]);
    for (let tap = 0; tap < count * GROUP; tap += 2, at += GROUP_BYTES / 2) {
      for (const [side, weight] of [ofPixel[tap] ?? 0, ofPixel[tap + 1] ?? 0].entries()) {
        table.setInt16(at + 2 * side, weight >> 8, true);
        table.setInt16(at + 4 + 2 * side, weight & 0xff, true);
      }
    }
  }
  return new Uint8Array(table.buffer);
}

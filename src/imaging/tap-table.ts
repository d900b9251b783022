import type { TriangleTaps } from './triangle-taps.js';

/** Bytes before the groups of an output pixel: its first source pixel and the number of its groups. */
const HEAD_BYTES = 8;

/** Taps are worked on in groups of so many; a last group is filled up with weights of 0. */
const GROUP = 4;

/** A group's bytes: a high and a low part of 16 bits for each weight. */
const GROUP_BYTES = 16;

/**
 * Lays out the taps of an axis as the kernels of wasm/resize.ts read them: for each output pixel its first source pixel
 * and the number of its groups of four taps (int32 each); for each pair of taps the weights' high parts, then their low
 * parts of 8 bits (int16 each). Weights have no more than 23 bits.
 */
export function tapTable({ firsts, starts, weights }: TriangleTaps): Uint8Array {
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

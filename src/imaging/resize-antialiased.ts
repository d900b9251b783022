import type { Picture } from './picture.js';
import type { ResizeBatchInput } from './resize.js';
import { createBatch, type Sink, storeLine } from './sample-spec.js';
import { type TriangleTaps, triangleTaps, WEIGHT_BITS } from './triangle-taps.js';

/** What each sum begins with, so that dropping its fraction bits rounds it. */
const HALF = 2 ** (WEIGHT_BITS - 1);

/**
 * Stretches each whole picture into one `[N, C, H, W]` float32 batch as Pillow's `Image.resize(size, BILINEAR)` does,
 * which averages when shrinking: the very pixel values of Pillow 13.0.0 on 8-bit RGB.
 *
 * Either axis is a pass of its own whose results are rounded to 8 bits; within it all is whole numbers. So it counts
 * which pass comes first: the horizontal one, unless the height loses more than twice as many pixels as the width. Pillow
 * before 13 knows no such exception: of pictures so tall, some of its values are greater or less by 1.
 */
export function resizeAntialiasedBatch({ pictures, spec }: ResizeBatchInput): Float32Array {
  const { data, sinks } = createBatch(spec, pictures.length);
  sinks.forEach((sink, i) => {
    const picture = pictures[i];
    if (picture !== undefined) storePicture(sink, resizePicture(picture, spec));
  });
  return data;
}

/** `resizeAntialiasedBatch` as a job for a worker pool. */
export const resizeAntialiasedBatchJob = {
  module: import.meta.url,
  name: 'resizeAntialiasedBatch',
  run: resizeAntialiasedBatch,
} as const;

function resizePicture(picture: Picture, to: { widthPx: number; heightPx: number }): Picture {
  const lostRows = picture.heightPx - to.heightPx;
  const isTall = lostRows > 0 && lostRows > 2 * (picture.widthPx - to.widthPx);
  return isTall
    ? resizeRows(resizeColumns(picture, to.heightPx), to.widthPx)
    : resizeColumns(resizeRows(picture, to.widthPx), to.heightPx);
}

/** The horizontal pass. */
function resizeRows(picture: Picture, widthPx: number): Picture {
  if (picture.widthPx === widthPx) return picture;
  const { heightPx } = picture;
  const taps = triangleTaps(picture.widthPx, widthPx);
  const length = widthPx * 3;
  const data = new Uint8Array(length * heightPx);
  for (let y = 0; y < heightPx; y++) combinePixels(rowView(picture, y), taps, data.subarray(y * length));
  return { widthPx, heightPx, data };
}

/** A row and a byte more, since its last pixel is read as four bytes too. */
function rowView({ data, widthPx, heightPx }: Picture, y: number): DataView {
  const length = widthPx * 3;
  if (y < heightPx - 1) return new DataView(data.buffer, data.byteOffset + y * length, length + 1);
  const copy = new Uint8Array(length + 1);
  copy.set(data.subarray(y * length, (y + 1) * length));
  return new DataView(copy.buffer);
}

/**
 * Makes each pixel of an output row from its taps: four in each turn of the loop, and a pixel read as one integer, since
 * what V8 checks at each turn and at each read takes longer than the sums do.
 */
function combinePixels(row: DataView, { firsts, starts, weights }: TriangleTaps, out: Uint8Array): void {
  let tap = 0;
  for (let x = 0, to = 0; x < firsts.length; x++, to += 3) {
    const end = starts[x + 1] ?? 0;
    let at = (firsts[x] ?? 0) * 3;
    let r = HALF;
    let g = HALF;
    let b = HALF;
    for (; tap + 3 < end; tap += 4, at += 12) {
      const w0 = weights[tap] ?? 0;
      const w1 = weights[tap + 1] ?? 0;
      const w2 = weights[tap + 2] ?? 0;
      const w3 = weights[tap + 3] ?? 0;
      const p0 = row.getInt32(at, true);
      const p1 = row.getInt32(at + 3, true);
      const p2 = row.getInt32(at + 6, true);
      const p3 = row.getInt32(at + 9, true);
      r = (r + times(w0, p0) + times(w1, p1) + times(w2, p2) + times(w3, p3)) | 0;
      g = (g + times(w0, p0 >> 8) + times(w1, p1 >> 8) + times(w2, p2 >> 8) + times(w3, p3 >> 8)) | 0;
      b = (b + times(w0, p0 >> 16) + times(w1, p1 >> 16) + times(w2, p2 >> 16) + times(w3, p3 >> 16)) | 0;
    }
    for (; tap < end; tap++, at += 3) {
      const weight = weights[tap] ?? 0;
      const pixel = row.getInt32(at, true);
      r = (r + times(weight, pixel)) | 0;
      g = (g + times(weight, pixel >> 8)) | 0;
      b = (b + times(weight, pixel >> 16)) | 0;
    }
    out[to] = r >> WEIGHT_BITS;
    out[to + 1] = g >> WEIGHT_BITS;
    out[to + 2] = b >> WEIGHT_BITS;
  }
}

/** A weight times the lowest byte of an integer. */
function times(weight: number, bytes: number): number {
  return Math.imul(weight, bytes & 0xff);
}

/** The vertical pass. */
function resizeColumns(picture: Picture, heightPx: number): Picture {
  if (picture.heightPx === heightPx) return picture;
  const { widthPx } = picture;
  const { firsts, starts, weights } = triangleTaps(picture.heightPx, heightPx);
  const length = widthPx * 3;
  const data = new Uint8Array(length * heightPx);
  const sums = new Int32Array(length);
  for (let y = 0; y < heightPx; y++) {
    sums.fill(HALF);
    const rows = picture.data.subarray((firsts[y] ?? 0) * length);
    addRows(sums, rows, weights.subarray(starts[y], starts[y + 1]));
    for (let i = 0, to = y * length; i < length; i++, to++) data[to] = (sums[i] ?? 0) >> WEIGHT_BITS;
  }
  return { widthPx, heightPx, data };
}

/** Adds the first rows to the sums, one for each weight; four in each turn, as in `combinePixels`. */
function addRows(sums: Int32Array, rows: Uint8Array, weights: Int32Array): void {
  const { length } = sums;
  const rowAt = (row: number) => rows.subarray(row * length, (row + 1) * length);
  let row = 0;
  for (; row + 3 < weights.length; row += 4) {
    addFourRows(sums, [rowAt(row), rowAt(row + 1), rowAt(row + 2), rowAt(row + 3)], weights.subarray(row, row + 4));
  }
  for (; row < weights.length; row++) addRow(sums, rowAt(row), weights[row] ?? 0);
}

function addFourRows(
  sums: Int32Array,
  [row0, row1, row2, row3]: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array],
  [w0 = 0, w1 = 0, w2 = 0, w3 = 0]: Int32Array,
): void {
  for (let i = 0; i < sums.length; i++) {
    const upper = Math.imul(w0, row0[i] ?? 0) + Math.imul(w1, row1[i] ?? 0);
    const lower = Math.imul(w2, row2[i] ?? 0) + Math.imul(w3, row3[i] ?? 0);
    sums[i] = ((sums[i] ?? 0) + upper + lower) | 0;
  }
}

function addRow(sums: Int32Array, row: Uint8Array, weight: number): void {
  for (let i = 0; i < sums.length; i++) sums[i] = ((sums[i] ?? 0) + Math.imul(weight, row[i] ?? 0)) | 0;
}

function storePicture(sink: Sink, { widthPx, heightPx, data }: Picture): void {
  const line = new Float64Array(widthPx * 3);
  for (let y = 0; y < heightPx; y++) {
    line.set(data.subarray(y * line.length, (y + 1) * line.length));
    storeLine(sink, y, line);
  }
}

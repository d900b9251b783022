import type { AxisTaps } from './axis-taps.js';
import type { Picture } from './picture.js';
import { type Sink, storeLine } from './sample-spec.js';

/**
 * Samples a picture along its axes: for each output row first the sum over the row's taps, of the columns that are used
 * at all, then over each column's taps. The taps are made once for all pixels, so this is the fast way for every map
 * without rotation.
 */
export function sampleUpright(picture: Picture, taps: { columns: AxisTaps; rows: AxisTaps }, sink: Sink): void {
  const { rows } = taps;
  const { used, columns } = compact(taps.columns, picture.widthPx);
  const sums = new Float64Array(used.length * 3);
  const line = new Float64Array((columns.starts.length - 1) * 3);
  for (let y = 0; y + 1 < rows.starts.length; y++) {
    sums.fill(0);
    for (let tap = rows.starts[y] ?? 0; tap < (rows.starts[y + 1] ?? 0); tap++) {
      const start = (rows.sources[tap] ?? 0) * picture.widthPx * 3;
      addRow(sums, { data: picture.data, start, used, weight: rows.weights[tap] ?? 0 });
    }
    combineColumns(sums, columns, line);
    storeLine(sink, y, line);
  }
}

/** The source columns that have a tap, ascending, and the taps with each source as its place among them. */
function compact(columns: AxisTaps, widthPx: number): { used: Int32Array; columns: AxisTaps } {
  const sources = columns.sources.subarray(0, columns.starts.at(-1));
  const used = Int32Array.from(new Set(sources)).sort();
  const places = new Int32Array(widthPx);
  used.forEach((column, place) => (places[column] = place));
  return { used, columns: { ...columns, sources: sources.map((column) => places[column] ?? 0) } };
}

function addRow(sums: Float64Array, row: { data: Uint8Array; start: number; used: Int32Array; weight: number }): void {
  const { data, start, used, weight } = row;
  for (let place = 0, to = 0; place < used.length; place++, to += 3) {
    const at = start + (used[place] ?? 0) * 3;
    sums[to] = (sums[to] ?? 0) + weight * (data[at] ?? 0);
    sums[to + 1] = (sums[to + 1] ?? 0) + weight * (data[at + 1] ?? 0);
    sums[to + 2] = (sums[to + 2] ?? 0) + weight * (data[at + 2] ?? 0);
  }
}

function combineColumns(sums: Float64Array, { starts, sources, weights }: AxisTaps, line: Float64Array): void {
  let tap = 0;
  for (let x = 0, to = 0; to < line.length; x++, to += 3) {
    const end = starts[x + 1] ?? 0;
    let r = 0;
    let g = 0;
    let b = 0;
    for (; tap < end; tap++) {
      const at = (sources[tap] ?? 0) * 3;
      const weight = weights[tap] ?? 0;
      r += weight * (sums[at] ?? 0);
      g += weight * (sums[at + 1] ?? 0);
      b += weight * (sums[at + 2] ?? 0);
    }
    line[to] = r;
    line[to + 1] = g;
    line[to + 2] = b;
  }
}

import type { AxisTaps } from './axis-taps.js';
import { copyInPhase, PHASE_BYTES } from './copy-in-phase.js';
import type { Picture } from './picture.js';
import { type PixelKernels, pixelKernels, placed } from './pixel-kernels.js';
import type { Sink } from './sample-spec.js';

/** What kernels may read and write beyond the end of rows, of sums, and of lines. */
const OVERRUN_BYTES = 64;

/** Source rows that are kept: an output row has 16 taps at most, and shares most of them with the one before. */
const KEPT_ROWS = 32;

/** The kernels' class LineLayout: six float64, three int32. */
const LAYOUT_BYTES = 64;

/**
 * Samples a picture along its axes: for each output row first the sum over the row's taps, of the columns that are used
 * at all, then over each column's taps. The taps are made once for all pixels, so this is the fast way for every map
 * without rotation.
 */
export function sampleUpright(picture: Picture, taps: { columns: AxisTaps; rows: AxisTaps }, sink: Sink): void {
  const kernels = pixelKernels();
  kernels.reset();
  const { rows } = taps;
  const { used, columns } = compact(taps.columns, picture.widthPx);
  const widthPx = columns.starts.length - 1;
  const sumBytes = used.length * 3 * Float64Array.BYTES_PER_ELEMENT;
  const sums = kernels.scratch(sumBytes + OVERRUN_BYTES);
  const line = kernels.scratch(widthPx * 3 * Float32Array.BYTES_PER_ELEMENT + OVERRUN_BYTES);
  const tables = [columns.starts.subarray(1), columns.sources, columns.weights] as const;
  const [ends, sources, weights] = tables.map((table) => placed(kernels, table)) as [number, number, number];
  const layout = placed(kernels, layoutOf(sink, widthPx));
  const rowAt = rowKeeper(kernels, picture, used);
  // Made late: memory has grown by now.
  const { bytes } = kernels.views();
  const { addWeighted, combineColumns } = kernels.exports;
  for (let y = 0; y + 1 < rows.starts.length; y++) {
    bytes.fill(0, sums, sums + sumBytes);
    for (let tap = rows.starts[y] ?? 0; tap < (rows.starts[y + 1] ?? 0); tap++) {
      addWeighted(rowAt(rows.sources[tap] ?? 0), used.length * 3, rows.weights[tap] ?? 0, sums);
    }
    combineColumns(sums, ends, sources, weights, widthPx, layout, line);
    storeRow(sink, y, new Float32Array(bytes.buffer, line, widthPx * 3));
  }
}

/**
 * The source columns that have a tap, ascending, and the taps with each source as its place among them. Where gaps are
 * few, columns without a tap are among them: a row is then copied in one piece.
 */
function compact(columns: AxisTaps, widthPx: number): { used: Int32Array; columns: AxisTaps } {
  const end = columns.starts.at(-1);
  const sources = columns.sources.subarray(0, end);
  const used = withFewGaps(Int32Array.from(new Set(sources)).sort());
  const places = new Int32Array(widthPx);
  used.forEach((column, place) => (places[column] = place));
  const weights = columns.weights.subarray(0, end);
  return { used, columns: { ...columns, weights, sources: sources.map((column) => places[column] ?? 0) } };
}

function withFewGaps(columns: Int32Array): Int32Array {
  const [first = 0] = columns;
  const length = (columns.at(-1) ?? 0) - first + 1;
  return length > 2 * columns.length ? columns : Int32Array.from({ length }, (_, i) => first + i);
}

/**
 * Brings source rows into the kernels' memory, their used columns alone.
 * @returns what gives a row's address, good until the next `KEPT_ROWS` others have been asked for
 */
function rowKeeper(kernels: PixelKernels, { data, widthPx }: Picture, used: Int32Array): (row: number) => number {
  const [first = 0] = used;
  const isGapless = used.length === (used.at(-1) ?? 0) - first + 1;
  const byteLength = used.length * 3;
  const roomBytes = byteLength + PHASE_BYTES + OVERRUN_BYTES;
  const kept = Array.from({ length: KEPT_ROWS }, () => {
    const room = kernels.scratch(roomBytes);
    return { room, row: -1, address: room };
  });
  return (row) => {
    const place = kept[row % KEPT_ROWS];
    if (place === undefined) throw new RangeError(`there is no row ${row}`);
    if (place.row === row) return place.address;
    const target = new Uint8Array(kernels.memory.buffer, place.room, roomBytes);
    const start = (row * widthPx + first) * 3;
    place.row = row;
    if (isGapless) place.address = copyInPhase(data.subarray(start, start + byteLength), target).byteOffset;
    else gather(data.subarray(row * widthPx * 3, (row + 1) * widthPx * 3), used, target);
    return place.address;
  };
}

function gather(row: Uint8Array, used: Int32Array, target: Uint8Array): void {
  for (let place = 0, to = 0; place < used.length; place++, to += 3) {
    const at = (used[place] ?? 0) * 3;
    target[to] = row[at] ?? 0;
    target[to + 1] = row[at + 1] ?? 0;
    target[to + 2] = row[at + 2] ?? 0;
  }
}

/** As the kernels' class LineLayout: a line of planes where the sink has planes, else of pixels. */
function layoutOf(sink: Sink, widthPx: number): Uint8Array {
  const layout = new DataView(new ArrayBuffer(LAYOUT_BYTES));
  [...sink.scale, ...sink.shift].forEach((value, i) => layout.setFloat64(8 * i, value, true));
  layout.setInt32(48, 4 * sink.pixelStride, true);
  layout.setInt32(52, 4 * (hasPlanes(sink) ? widthPx : sink.channelStride), true);
  layout.setInt32(56, Number(sink.isGrey), true);
  return new Uint8Array(layout.buffer);
}

/** Whether a row of a channel lies in one piece. */
function hasPlanes({ pixelStride }: Sink): boolean {
  return pixelStride === 1;
}

/** @param line as `layoutOf` says */
function storeRow(sink: Sink, row: number, line: Float32Array): void {
  const { data, isGrey, channelStride } = sink;
  const to = sink.start + row * sink.rowStride;
  if (!hasPlanes(sink)) {
    data.set(line, to);
    return;
  }
  const widthPx = line.length / 3;
  for (let channel = 0; channel < (isGrey ? 1 : 3); channel++) {
    data.set(line.subarray(channel * widthPx, (channel + 1) * widthPx), to + channel * channelStride);
  }
}

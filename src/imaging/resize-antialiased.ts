import type { Picture } from './picture.js';
import { type PixelKernels, pixelKernels, placed } from './pixel-kernels.js';
import type { ResizeBatchInput } from './resize.js';
import { createBatch, storePixels } from './sample-spec.js';
import { entryOffsets, horizontalTable, verticalTable } from './tap-table.js';

/** A size of a picture. */
export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A picture whose pixels the kernels can read: RGB, 8 bits each, rows without padding. */
export interface KernelRows extends PictureSize {
  /** The address of row `from`, behind which the rows up to `to`, not included, and 48 readable bytes lie. */
  readonly rows: (from: number, to: number) => number;
}

/** Rows of a picture in the kernels' memory: 8 bits each, red, green and blue apart. */
interface PlanarRows {
  /** Of the first row's red. */
  readonly address: number;
  readonly count: number;
  /** Bytes from a row's red to its green, from that to its blue, and from that to the next row. */
  readonly planeBytes: number;
}

/** A picture whose rows come one band after the other, each only once. */
export interface KernelBands extends PictureSize {
  /**
   * Brings the next rows, behind which 16 bytes may be read.
   * @returns undefined when there are no more, or the picture turns out to be damaged
   */
  readonly next: () => PlanarRows | undefined;
}

/** What kernels may read beyond the end of rows, and write. */
const OVERRUN_BYTES = 48;

/** What kernels may read and write beyond a plane of a row. */
const PLANE_OVERRUN_BYTES = 16;

/** The kernel of the vertical pass reads, with weight 0, up to so many rows beyond the last. */
const OVERRUN_ROWS = 3;

/** So much of a picture outside the kernels' memory is copied there at once. */
const BAND_BYTES = 256 * 1024;

/**
 * Stretches each whole picture into one `[N, C, H, W]` float32 batch as Pillow's `Image.resize(size, BILINEAR)` does,
 * which averages when shrinking: the very pixel values of Pillow 13.0.0 on 8-bit RGB.
 */
export function resizeAntialiasedBatch({ pictures, spec }: ResizeBatchInput): Float32Array {
  const { data, sinks } = createBatch(spec, pictures.length);
  sinks.forEach((sink, i) => {
    const picture = pictures[i];
    if (picture !== undefined) storePixels(sink, resizePicture(picture, spec));
  });
  return data;
}

/**
 * Stretches a picture on this thread, as resizeAntialiased does.
 * @returns its pixels, RGB, valid until the next job of the kernels
 */
export function resizePicture(picture: Picture, size: PictureSize): Uint8Array {
  const kernels = pixelKernels();
  kernels.reset();
  return resizeAntialiased(kernels, rowsOf(kernels, picture), size);
}

/** `resizeAntialiasedBatch` as a job for a worker pool. */
export const resizeAntialiasedBatchJob = {
  module: import.meta.url,
  name: 'resizeAntialiasedBatch',
  run: resizeAntialiasedBatch,
} as const;

/** A picture that lies in the kernels' memory. */
export function kernelRows(address: number, { widthPx, heightPx }: PictureSize): KernelRows {
  return { widthPx, heightPx, rows: (from) => address + from * widthPx * 3 };
}

/**
 * Stretches a picture as Pillow does (`ImagingResample`).
 *
 * Either axis is a pass of its own whose results are rounded to 8 bits; within it all is whole numbers. So it counts
 * which pass comes first: the horizontal one, unless the height loses more than twice as many pixels as the width. Pillow
 * before 13 knows no such exception: of pictures so tall, some of its values are greater or less by 1.
 * @returns a view on the kernels' memory, valid until the next job
 * @throws RangeError when the kernels have no room for the picture between the passes
 */
export function resizeAntialiased(kernels: PixelKernels, source: KernelRows, size: PictureSize): Uint8Array {
  const resized = beginsWithRows(source, size)
    ? resizeHeight(kernels, resizeWidth(kernels, source, size.widthPx), size.heightPx)
    : resizeWidth(kernels, resizeHeight(kernels, source, size.heightPx), size.widthPx);
  return pixelsOf(kernels, resized);
}

/**
 * As resizeAntialiased, while the picture is decoded: its rows are used while they are in the processor's cache, and all
 * of its pixels are never there at once.
 * @param source one of which `beginsWithRows` is true
 * @returns undefined when the picture is damaged
 */
export function resizeBands(kernels: PixelKernels, source: KernelBands, size: PictureSize): Uint8Array | undefined {
  const { heightPx } = source;
  const { widthPx } = size;
  const output = pixelsFor(kernels, { widthPx, heightPx });
  const taps = placed(kernels, horizontalTable(source.widthPx, widthPx));
  for (let y = 0; y < heightPx;) {
    const band = source.next();
    if (band === undefined) return undefined;
    const { address, count, planeBytes } = band;
    for (let row = 0; row < count; row++, y++) {
      kernels.exports.resizeRow(address + row * 3 * planeBytes, planeBytes, taps, widthPx, output + y * widthPx * 3);
    }
  }
  return pixelsOf(kernels, resizeHeight(kernels, kernelRows(output, { widthPx, heightPx }), size.heightPx));
}

/** Whether the horizontal pass comes first, which takes each row once and in order. */
export function beginsWithRows(source: PictureSize, size: PictureSize): boolean {
  const lostRows = source.heightPx - size.heightPx;
  return lostRows <= 0 || lostRows <= 2 * (source.widthPx - size.widthPx);
}

/** The horizontal pass. */
function resizeWidth(kernels: PixelKernels, source: KernelRows, widthPx: number): KernelRows {
  const { heightPx } = source;
  if (source.widthPx === widthPx) return source;
  const taps = placed(kernels, horizontalTable(source.widthPx, widthPx));
  const planeBytes = planeBytesOf(source.widthPx);
  const red = kernels.scratch(3 * planeBytes);
  const output = pixelsFor(kernels, { widthPx, heightPx });
  const bandRows = Math.max(1, Math.floor(BAND_BYTES / (source.widthPx * 3)));
  for (let from = 0; from < heightPx; from += bandRows) {
    const to = Math.min(heightPx, from + bandRows);
    const address = source.rows(from, to);
    for (let y = from; y < to; y++) {
      kernels.exports.splitRow(address + (y - from) * source.widthPx * 3, source.widthPx, red, planeBytes);
      kernels.exports.resizeRow(red, planeBytes, taps, widthPx, output + y * widthPx * 3);
    }
  }
  return kernelRows(output, { widthPx, heightPx });
}

/** What a plane of a row takes, with what kernels may read and write beyond it. */
export function planeBytesOf(widthPx: number): number {
  return widthPx + PLANE_OVERRUN_BYTES;
}

/** The vertical pass. */
function resizeHeight(kernels: PixelKernels, source: KernelRows, heightPx: number): KernelRows {
  const { widthPx } = source;
  if (source.heightPx === heightPx) return source;
  const table = verticalTable(source.heightPx, heightPx);
  const firsts = new DataView(table.buffer, table.byteOffset);
  const taps = placed(kernels, table);
  const output = pixelsFor(kernels, { widthPx, heightPx });
  const length = widthPx * 3;
  // Row by row, since of a picture elsewhere only the rows of one output row are brought here.
  const offsets = entryOffsets(table);
  for (let y = 0; y < heightPx; y++) {
    const entry = offsets[y] ?? 0;
    const first = firsts.getInt32(entry, true);
    const to = Math.min(source.heightPx, first + 4 * firsts.getInt32(entry + 4, true));
    // The kernel counts rows from the picture's first one.
    const origin = source.rows(first, to) - first * length;
    kernels.exports.resizeColumns(origin, taps + entry, 1, length, output + y * length);
  }
  return kernelRows(output, { widthPx, heightPx });
}

/** The rows of a picture that lies elsewhere: copied into the kernels' memory when they are asked for. */
function rowsOf(kernels: PixelKernels, { widthPx, heightPx, data }: Picture): KernelRows {
  const length = widthPx * 3;
  let band = { address: 0, byteLength: 0 };
  return {
    widthPx,
    heightPx,
    rows: (from, to) => {
      const byteLength = (to - from) * length;
      if (byteLength > band.byteLength) {
        const withOverrun = byteLength + OVERRUN_ROWS * length + OVERRUN_BYTES;
        band = { address: kernels.scratch(withOverrun), byteLength };
      }
      new Uint8Array(kernels.memory.buffer, band.address).set(data.subarray(from * length, to * length));
      return band.address;
    },
  };
}

function pixelsOf({ memory }: PixelKernels, { widthPx, heightPx, rows }: KernelRows): Uint8Array {
  return new Uint8Array(memory.buffer, rows(0, heightPx), widthPx * heightPx * 3);
}

function pixelsFor(kernels: PixelKernels, { widthPx, heightPx }: PictureSize): number {
  return kernels.scratch(widthPx * 3 * (heightPx + OVERRUN_ROWS) + OVERRUN_BYTES);
}

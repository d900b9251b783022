import type { AxisTaps } from './axis-taps.js';
import type { Picture } from './picture.js';
import { type Sink, store } from './sample-spec.js';

/**
 * Samples a picture along its axes: each output pixel is the sum over its row's and its column's taps. The taps are made
 * once for all pixels, so this is the fast way for every map without rotation.
 */
export function sampleUpright(picture: Picture, taps: { columns: AxisTaps; rows: AxisTaps }, sink: Sink): void {
  const { data, widthPx } = picture;
  const { columns, rows } = taps;
  const columnOffsets = columns.sources.map((source) => source * 3);
  const pixel = { r: 0, g: 0, b: 0 };
  for (let y = 0; y + 1 < rows.starts.length; y++) {
    for (let x = 0; x + 1 < columns.starts.length; x++) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let row = rows.starts[y] ?? 0; row < (rows.starts[y + 1] ?? 0); row++) {
        const rowOffset = (rows.sources[row] ?? 0) * widthPx * 3;
        const rowWeight = rows.weights[row] ?? 0;
        for (let column = columns.starts[x] ?? 0; column < (columns.starts[x + 1] ?? 0); column++) {
          const at = rowOffset + (columnOffsets[column] ?? 0);
          const weight = rowWeight * (columns.weights[column] ?? 0);
          r += weight * (data[at] ?? 0);
          g += weight * (data[at + 1] ?? 0);
          b += weight * (data[at + 2] ?? 0);
        }
      }
      pixel.r = r;
      pixel.g = g;
      pixel.b = b;
      store(sink, sink.start + y * sink.rowStride + x * sink.pixelStride, pixel);
    }
  }
}

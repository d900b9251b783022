import { centredPlace, type Place } from './letterbox.js';
import type { ResizeBatchInput } from './resize.js';
import { resizePicture } from './resize-antialiased.js';
import { createBatch, type SampleSpec, type Sink, storePixels } from './sample-spec.js';

/**
 * Puts each whole picture into the middle of its entry of a `[N, C, H, W]` float32 batch, its sides' ratio kept and bars
 * of the spec's `fill` on both sides (`centredPlace`); stretched as `resizeAntialiasedBatch` does.
 */
export function letterboxBatch({ pictures, spec }: ResizeBatchInput): Float32Array {
  const { data, sinks } = createBatch(spec, pictures.length);
  sinks.forEach((sink, i) => {
    const picture = pictures[i];
    if (picture === undefined) return;
    fillPlanes(sink, spec);
    const place = centredPlace(picture, spec);
    storeInto(sink, place, resizePicture(picture, place));
  });
  return data;
}

/** `letterboxBatch` as a job for a worker pool. */
export const letterboxBatchJob = { module: import.meta.url, name: 'letterboxBatch', run: letterboxBatch } as const;

function fillPlanes({ data, start, channelStride, isGrey, scale, shift }: Sink, { fill = 0 }: SampleSpec): void {
  for (let channel = 0; channel < (isGrey ? 1 : 3); channel++) {
    const from = start + channel * channelStride;
    data.fill(fill * (scale[channel] ?? 1) + (shift[channel] ?? 0), from, from + channelStride);
  }
}

function storeInto(sink: Sink, { left, top, widthPx, heightPx }: Place, pixels: Uint8Array): void {
  for (let y = 0; y < heightPx; y++) {
    const start = sink.start + (top + y) * sink.rowStride + left * sink.pixelStride;
    storePixels({ ...sink, start }, pixels.subarray(y * widthPx * 3, (y + 1) * widthPx * 3));
  }
}

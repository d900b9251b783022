import { axisTaps } from './axis-taps.js';
import type { Picture } from './picture.js';
import { createBatch, type SampleSpec } from './sample-spec.js';
import { sampleUpright } from './sample-upright.js';

/** What `resizeBatch` is given; plain data, so that it can cross to a worker thread. */
export interface ResizeBatchInput {
  readonly pictures: readonly Picture[];
  readonly spec: SampleSpec;
}

/**
 * Stretches each whole picture into one `[N, C, H, W]` float32 batch as OpenCV's `INTER_LINEAR` does: half-pixel
 * centres, edge pixels repeated, no averaging when shrinking. Not rounded to whole pixel values in between, so within
 * one of `cv2.resize` on 8-bit pictures.
 */
export function resizeBatch({ pictures, spec }: ResizeBatchInput): Float32Array {
  const { data, sinks } = createBatch(spec, pictures.length);
  sinks.forEach((sink, i) => {
    const picture = pictures[i];
    if (picture === undefined) return;
    const columns = wholeAxis(picture.widthPx, spec.widthPx);
    const rows = wholeAxis(picture.heightPx, spec.heightPx);
    sampleUpright(picture, { columns, rows }, sink);
  });
  return data;
}

/** `resizeBatch` as a job for a worker pool. */
export const resizeBatchJob = { module: import.meta.url, name: 'resizeBatch', run: resizeBatch } as const;

function wholeAxis(sourceLength: number, outLength: number) {
  return axisTaps({ scale: sourceLength / outLength, shift: 0, outLength, sourceLength, samples: 1 });
}

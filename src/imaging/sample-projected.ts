import type { Homography } from './homography.js';
import type { Picture } from './picture.js';
import { type Sink, storeLine } from './sample-spec.js';

/**
 * Samples a picture through any map: bilinear, pixel centres at +0.5, edge pixels repeated, `samples` x `samples` evenly
 * spaced samples averaged for each output pixel.
 */
export function sampleProjected(
  picture: Picture,
  how: { map: Homography; widthPx: number; heightPx: number; samples: number },
  sink: Sink,
): void {
  const line = new Float64Array(how.widthPx * 3);
  for (let y = 0; y < how.heightPx; y++) {
    line.fill(0);
    for (let sample = 0; sample < how.samples ** 2; sample++) {
      const offsetX = ((sample % how.samples) + 0.5) / how.samples;
      const offsetY = (Math.floor(sample / how.samples) + 0.5) / how.samples;
      addSamples(line, picture, { map: how.map, x: offsetX, y: y + offsetY, share: 1 / how.samples ** 2 });
    }
    storeLine(sink, y, line);
  }
}

/** Adds to each pixel of an output line its share of the sample at (pixel + x, y). */
function addSamples(
  line: Float64Array,
  picture: Picture,
  from: { map: Homography; x: number; y: number; share: number },
): void {
  const { data } = picture;
  const right = picture.widthPx - 1;
  const bottom = picture.heightPx - 1;
  const rowLength = picture.widthPx * 3;
  const [a, b, tx, c, d, ty, g, h, tw] = from.map;
  for (let to = 0, outX = from.x; to < line.length; to += 3, outX++) {
    // 1 for an affine map.
    const w = g * outX + h * from.y + tw;
    const x = (a * outX + b * from.y + tx) / w - 0.5;
    const y = (c * outX + d * from.y + ty) / w - 0.5;
    const floorX = Math.floor(x);
    const floorY = Math.floor(y);
    const weightRight = x - floorX;
    const weightLower = (y - floorY) * from.share;
    const weightUpper = from.share - weightLower;
    const left = clamp(floorX, right) * 3;
    const next = clamp(floorX + 1, right) * 3;
    const upper = clamp(floorY, bottom) * rowLength;
    const lower = clamp(floorY + 1, bottom) * rowLength;
    for (let channel = 0; channel < 3; channel++) {
      const upperLeft = data[upper + left + channel] ?? 0;
      const upperRight = data[upper + next + channel] ?? 0;
      const lowerLeft = data[lower + left + channel] ?? 0;
      const lowerRight = data[lower + next + channel] ?? 0;
      const above = upperLeft + (upperRight - upperLeft) * weightRight;
      const below = lowerLeft + (lowerRight - lowerLeft) * weightRight;
      line[to + channel] = (line[to + channel] ?? 0) + above * weightUpper + below * weightLower;
    }
  }
}

/** An index within 0..last; `value` may be far outside the range of 32-bit integers, so it is cut before it is one. */
function clamp(value: number, last: number): number {
  return Math.min(Math.max(value, 0), last) | 0;
}

import type { Affine } from './affine.js';
import type { Picture } from './picture.js';
import { type Sink, store } from './sample-spec.js';

/**
 * Samples a picture through any map: bilinear, pixel centres at +0.5, edge pixels repeated, `samples` x `samples` evenly
 * spaced samples averaged for each output pixel.
 */
export function sampleRotated(
  picture: Picture,
  how: { map: Affine; widthPx: number; heightPx: number; samples: number },
  sink: Sink,
): void {
  const { data } = picture;
  const { map, samples } = how;
  const [a, b, tx, c, d, ty] = map;
  const right = picture.widthPx - 1;
  const bottom = picture.heightPx - 1;
  const rowLength = picture.widthPx * 3;
  const share = 1 / (samples * samples);
  const pixel = { r: 0, g: 0, b: 0 };
  for (let y = 0; y < how.heightPx; y++) {
    for (let x = 0; x < how.widthPx; x++) {
      pixel.r = 0;
      pixel.g = 0;
      pixel.b = 0;
      for (let sample = 0; sample < samples * samples; sample++) {
        const outX = x + ((sample % samples) + 0.5) / samples;
        const outY = y + (Math.floor(sample / samples) + 0.5) / samples;
        const sourceX = a * outX + b * outY + tx - 0.5;
        const sourceY = c * outX + d * outY + ty - 0.5;
        const floorX = Math.floor(sourceX);
        const floorY = Math.floor(sourceY);
        const toRight = sourceX - floorX;
        const toBottom = sourceY - floorY;
        const left = Math.min(Math.max(floorX, 0), right) * 3;
        const next = Math.min(Math.max(floorX + 1, 0), right) * 3;
        const upper = Math.min(Math.max(floorY, 0), bottom) * rowLength;
        const lower = Math.min(Math.max(floorY + 1, 0), bottom) * rowLength;
        addPixel(pixel, data, upper + left, (1 - toRight) * (1 - toBottom) * share);
        addPixel(pixel, data, upper + next, toRight * (1 - toBottom) * share);
        addPixel(pixel, data, lower + left, (1 - toRight) * toBottom * share);
        addPixel(pixel, data, lower + next, toRight * toBottom * share);
      }
      store(sink, sink.start + y * sink.rowStride + x * sink.pixelStride, pixel);
    }
  }
}

function addPixel(sum: { r: number; g: number; b: number }, data: Uint8Array, at: number, weight: number): void {
  sum.r += weight * (data[at] ?? 0);
  sum.g += weight * (data[at + 1] ?? 0);
  sum.b += weight * (data[at + 2] ?? 0);
}

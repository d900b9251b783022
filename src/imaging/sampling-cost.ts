import type { PictureHeader } from './header.js';
import type { PictureFormat } from './picture-format.js';

/** What it takes to decode and stretch a picture, in microseconds: of itself, for each byte, for each pixel. */
interface Cost {
  readonly fixed: number;
  readonly perByte: number;
  readonly perPixel: number;
}

/** Measured by bench/imaging/sampling-cost.mjs. */
const COSTS: Partial<Record<PictureFormat, Cost>> = {
  jpeg: { fixed: 20, perByte: 0.01, perPixel: 0.004 },
  png: { fixed: 40, perByte: 0.005, perPixel: 0.006 },
};

/** About how long the kernels take for a picture, in microseconds. */
export function samplingMicroseconds({ format, pixels }: PictureHeader, byteLength: number): number {
  const { fixed, perByte, perPixel } = COSTS[format] ?? { fixed: Infinity, perByte: 0, perPixel: 0 };
  return fixed + perByte * byteLength + perPixel * pixels;
}

import type { PictureHeader } from './header.js';
import type { PictureFormat } from './picture-format.js';

/** What it takes to decode and stretch a picture, in microseconds: of itself, for each byte, for each pixel. */
interface Cost {
  readonly fixed: number;
  readonly perByte: number;
  readonly perPixel: number;
}

/** Fitted to pictures of 32×32, 640×480 and 1920×1080 on a server's processor (`npm run bench`, floors). */
const COSTS: Partial<Record<PictureFormat, Cost>> = {
  jpeg: { fixed: 15, perByte: 0.0123, perPixel: 0.0013 },
  png: { fixed: 25, perByte: 0.0035, perPixel: 0.0049 },
};

/** About how long the kernels take for a picture, in microseconds. */
export function samplingMicroseconds({ format, pixels }: PictureHeader, byteLength: number): number {
  const { fixed, perByte, perPixel } = COSTS[format] ?? { fixed: Infinity, perByte: 0, perPixel: 0 };
  return fixed + perByte * byteLength + perPixel * pixels;
}

import type { Point } from '../../../imaging/affine.js';
import { hullMask } from './hull-mask.js';
import { lumaOf } from './luminance.js';
import { median } from './median.js';

/** Side of the blocks that are averaged first, so that noise does not count. */
const BLOCK_PX = 4;
/** Distance in chroma (Cb, Cr), and share of the median luma, beyond which a block is foreign; set on real photos. */
const FOREIGN_CHROMA = 18;
const FOREIGN_DARK = 0.35;
const FOREIGN_BRIGHT = 1.9;
const BRIGHT_OFFSET = 10;
/** From colour differences to Cb and Cr: Rec. ITU-R BT.601. */
const CB_SCALE = 0.564;
const CR_SCALE = 0.713;

/**
 * How much of a face (brows to chin) does not look like the rest of its skin: the share of blocks whose chroma or luma
 * is far from the face's median. Our own measure; OFIQ uses a segmentation network.
 * @param rgb a square crop `[S, S, 3]`, 0..255, S a multiple of 4
 * @param landmarks the face's 68 points in that crop
 * @returns 0..1
 */
export function foreignShare(rgb: Float32Array, landmarks: readonly Point[]): number {
  const sidePx = Math.sqrt(rgb.length / 3);
  const blocksPerSide = sidePx / BLOCK_PX;
  const mask = hullMask(
    landmarks.map(([x, y]) => [x / BLOCK_PX, y / BLOCK_PX] as const),
    blocksPerSide,
  );
  const face = blockColours(rgb, sidePx).filter((_, i) => mask[i] === 1);
  const typical = {
    luma: median(face.map(({ luma }) => luma)),
    cb: median(face.map(({ cb }) => cb)),
    cr: median(face.map(({ cr }) => cr)),
  };
  const foreign = face.filter(
    ({ luma, cb, cr }) =>
      Math.hypot(cb - typical.cb, cr - typical.cr) > FOREIGN_CHROMA ||
      luma < FOREIGN_DARK * typical.luma ||
      luma > FOREIGN_BRIGHT * typical.luma + BRIGHT_OFFSET,
  );
  return foreign.length / face.length;
}

/** Mean luma and chroma of each block, row by row. */
function blockColours(rgb: Float32Array, sidePx: number) {
  const blocksPerSide = sidePx / BLOCK_PX;
  return Array.from({ length: blocksPerSide ** 2 }, (_, block) => {
    const top = Math.floor(block / blocksPerSide) * BLOCK_PX;
    const left = (block % blocksPerSide) * BLOCK_PX;
    const mean = (channel: number) => {
      let total = 0;
      for (let row = top; row < top + BLOCK_PX; row++) {
        for (let column = left; column < left + BLOCK_PX; column++) {
          total += rgb[3 * (row * sidePx + column) + channel] ?? 0;
        }
      }
      return total / BLOCK_PX ** 2;
    };
    const [red, green, blue] = [mean(0), mean(1), mean(2)];
    const luma = lumaOf(red, green, blue);
    return { luma, cb: CB_SCALE * (blue - luma), cr: CR_SCALE * (red - luma) };
  });
}

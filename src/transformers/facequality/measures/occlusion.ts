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
  const face = blockColours(rgb, { sidePx, mask });
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

/** Mean luma and chroma of each block that the mask holds, row by row. */
function blockColours(rgb: Float32Array, { sidePx, mask }: { sidePx: number; mask: Uint8Array }) {
  const blocksPerSide = sidePx / BLOCK_PX;
  const colours: { readonly luma: number; readonly cb: number; readonly cr: number }[] = [];
  for (let block = 0; block < mask.length; block++) {
    if (mask[block] !== 1) continue;
    const top = Math.floor(block / blocksPerSide) * BLOCK_PX;
    const left = (block % blocksPerSide) * BLOCK_PX;
    let [red, green, blue] = [0, 0, 0];
    for (let row = top; row < top + BLOCK_PX; row++) {
      const start = 3 * (row * sidePx + left);
      for (let at = start; at < start + 3 * BLOCK_PX; at += 3) {
        red += rgb[at] ?? 0;
        green += rgb[at + 1] ?? 0;
        blue += rgb[at + 2] ?? 0;
      }
    }
    const pixels = BLOCK_PX ** 2;
    const luma = lumaOf(red / pixels, green / pixels, blue / pixels);
    colours.push({ luma, cb: CB_SCALE * (blue / pixels - luma), cr: CR_SCALE * (red / pixels - luma) });
  }
  return colours;
}

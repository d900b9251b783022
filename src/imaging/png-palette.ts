import { COLOUR_TYPES, type PngChunks } from './png-chunks.js';

const OPAQUE = 255;

/**
 * The colours that a PNG's numbers stand for, red, green, blue and a byte that does not count of each, with alpha laid
 * on white: of a palette, and of grey where it has less than 8 bits or a grey that is transparent.
 * @returns undefined where its chunks do not agree, so that libvips has to judge them
 */
export function pngColours(png: PngChunks): Uint8Array | undefined {
  return png.colourType === COLOUR_TYPES.palette ? paletteColours(png) : greyColours(png);
}

function paletteColours({ palette, transparency, depth }: PngChunks): Uint8Array | undefined {
  const count = palette.length / 3;
  const alphas = transparency ?? new Uint8Array(0);
  if (count === 0 || count > 1 << depth || alphas.length > count) return undefined;
  const colours = new Uint8Array(4 * count);
  for (let i = 0; i < count; i++) {
    const alpha = alphas[i] ?? OPAQUE;
    for (let c = 0; c < 3; c++) colours[4 * i + c] = onWhite(palette[3 * i + c] ?? 0, alpha);
  }
  return colours;
}

/** Grey of fewer bits is stretched to 8 by repeating them (ISO/IEC 15948, 13.12). */
function greyColours({ transparency, depth }: PngChunks): Uint8Array | undefined {
  const count = 1 << depth;
  const transparent = transparency && readSamples(transparency, 1, count);
  if (transparency !== undefined && transparent === undefined) return undefined;
  const colours = new Uint8Array(4 * count);
  for (let i = 0; i < count; i++) {
    const grey = i === transparent?.[0] ? 255 : (i * 255) / (count - 1);
    colours.fill(grey, 4 * i, 4 * i + 3);
  }
  return colours;
}

/**
 * The samples of a transparent grey or colour, each 2 bytes whatever its depth (11.3.2).
 * @returns undefined where there are others, or one is not below `limit`
 */
export function readSamples(transparency: Uint8Array, count: number, limit: number): number[] | undefined {
  if (transparency.length !== 2 * count) return undefined;
  const samples = Array.from(
    { length: count },
    (_, i) => ((transparency[2 * i] ?? 0) << 8) | (transparency[2 * i + 1] ?? 0),
  );
  return samples.every((sample) => sample < limit) ? samples : undefined;
}

/** As the kernels do it (wasm/png/to-rgb.ts). */
function onWhite(value: number, alpha: number): number {
  return 255 - alpha + Math.floor((value * alpha) / 255);
}

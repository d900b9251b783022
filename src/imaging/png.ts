import type { PixelKernels } from './pixel-kernels.js';
import { COLOUR_TYPES, type PngChunks, readPngChunks } from './png-chunks.js';
import { pngColours, readSamples } from './png-palette.js';
import type { PictureSize } from './resize-antialiased.js';

/** A picture in the kernels' memory: RGB, 8 bits each, rows without padding. */
export interface KernelPicture extends PictureSize {
  readonly address: number;
}

/** What the kernels may read and write beyond what they are given (wasm/png). */
const STREAM_OVERRUN_BYTES = 64;
const INFLATE_OVERRUN_BYTES = 288;
const RGB_OVERRUN_BYTES = 48;

/** What unfiltering needs between its output and its source. */
const ROWS_GAP_BYTES = 16;

/** The kernels' palette: 4 bytes of each colour. */
const COLOURS_BYTES = 4 * 256;

/** Samples of a pixel. */
const CHANNELS: Readonly<Record<number, number>> = {
  [COLOUR_TYPES.grey]: 1,
  [COLOUR_TYPES.rgb]: 3,
  [COLOUR_TYPES.palette]: 1,
  [COLOUR_TYPES.greyAlpha]: 2,
  [COLOUR_TYPES.rgba]: 4,
};

/** Where the parts of a picture lie in the kernels' memory. */
interface Layout {
  readonly stream: number;
  readonly streamBytes: number;
  readonly rowBytes: number;
  /** Of all rows, each behind the byte of its filter. */
  readonly filteredBytes: number;
  readonly filtered: number;
  readonly rows: number;
  /** A byte for each pixel; only where several share one. */
  readonly numbers: number;
  readonly colours: number;
  /** What RGB is written to; where it takes no more than the rows do, these. */
  readonly rgb: number;
}

/**
 * Decodes a PNG of at most 8 bits a sample that is not interlaced, with alpha laid on white: the very pixels that
 * `decodePicture` makes.
 *
 * What is not a whole and orderly picture of this kind is left to libvips, which knows what to tolerate and what to
 * turn.
 * @returns the picture, until the kernels' next job; undefined where libvips is to decode it
 */
export function decodePng(kernels: PixelKernels, bytes: Uint8Array): KernelPicture | undefined {
  const png = readPngChunks(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (png === undefined) return undefined;
  const layout = layOut(kernels, png);
  if (layout === undefined) return undefined;
  const { exports } = kernels;
  const { stream, streamBytes, filtered, filteredBytes, rows, rowBytes } = layout;
  copyStream(kernels, png.data, layout);
  if (exports.inflate(stream, streamBytes, filtered, filteredBytes) === 0) return undefined;
  const pixelBytes = png.depth < 8 ? 1 : channelsOf(png);
  if (exports.unfilterPng(filtered, rowBytes, pixelBytes, png.heightPx, rows) === 0) return undefined;
  if (!toRgb(kernels, png, layout)) return undefined;
  return { widthPx: png.widthPx, heightPx: png.heightPx, address: layout.rgb };
}

function channelsOf({ colourType }: PngChunks): number {
  return CHANNELS[colourType] ?? 0;
}

/** Undefined where there is no room. */
function layOut(kernels: PixelKernels, png: PngChunks): Layout | undefined {
  const { widthPx, heightPx, depth, data } = png;
  const count = widthPx * heightPx;
  const rowBytes = Math.ceil((widthPx * depth * channelsOf(png)) / 8);
  const filteredBytes = (rowBytes + 1) * heightPx;
  const streamBytes = data.reduce((sum, part) => sum + part.length, 0);
  const isInPlace = channelsOf(png) >= 3;
  const sizes = {
    stream: streamBytes + STREAM_OVERRUN_BYTES,
    zeros: rowBytes + ROWS_GAP_BYTES,
    filtered: filteredBytes + INFLATE_OVERRUN_BYTES,
    numbers: depth < 8 ? count : 0,
    colours: COLOURS_BYTES,
    rgb: isInPlace ? 0 : count * 3 + RGB_OVERRUN_BYTES,
  };
  const all = Object.values(sizes).reduce((sum, byteLength) => sum + byteLength + 16, 0);
  if (!kernels.hasRoom(all)) return undefined;
  const stream = kernels.scratch(sizes.stream);
  kernels.scratch(sizes.zeros);
  const filtered = kernels.scratch(sizes.filtered);
  const [numbers, colours] = [kernels.scratch(sizes.numbers), kernels.scratch(sizes.colours)];
  const rows = filtered - ROWS_GAP_BYTES;
  const rgb = isInPlace ? rows : kernels.scratch(sizes.rgb);
  return { stream, streamBytes, rowBytes, filteredBytes, filtered, rows, numbers, colours, rgb };
}

function copyStream(kernels: PixelKernels, data: readonly Uint8Array[], { stream, rows, rowBytes }: Layout): void {
  const memory = kernels.views().bytes;
  let to = stream;
  for (const part of data) {
    memory.set(part, to);
    to += part.length;
  }
  memory.fill(0, rows - rowBytes, rows);
}

/** False where libvips has to judge what the numbers or the transparent colour mean. */
function toRgb(kernels: PixelKernels, png: PngChunks, layout: Layout): boolean {
  const { exports } = kernels;
  const count = png.widthPx * png.heightPx;
  const { rows, rgb } = layout;
  const isOfNumbers = png.colourType === COLOUR_TYPES.palette || png.colourType === COLOUR_TYPES.grey;
  // What has alpha of its own has no transparent colour.
  if (png.transparency !== undefined && !isOfNumbers && png.colourType !== COLOUR_TYPES.rgb) return false;
  switch (png.colourType) {
    case COLOUR_TYPES.rgba:
      exports.rgbaToRgb(rows, count, rgb);
      return true;
    case COLOUR_TYPES.greyAlpha:
      exports.greyAlphaToRgb(rows, count, rgb);
      return true;
    case COLOUR_TYPES.rgb:
      return png.transparency === undefined || whitenColour(kernels, png.transparency, { rgb, count });
    default:
      if (png.colourType === COLOUR_TYPES.palette || png.depth < 8 || png.transparency !== undefined) {
        return numbersToRgb(kernels, png, layout);
      }
      exports.greyToRgb(rows, count, rgb);
      return true;
  }
}

function whitenColour(
  kernels: PixelKernels,
  transparency: Uint8Array,
  { rgb, count }: { rgb: number; count: number },
): boolean {
  const samples = readSamples(transparency, 3, 256);
  if (samples === undefined) return false;
  const [red = 0, green = 0, blue = 0] = samples;
  kernels.exports.whitenColour(rgb, count, red | (green << 8) | (blue << 16));
  return true;
}

function numbersToRgb(kernels: PixelKernels, png: PngChunks, { rows, numbers, colours, rgb }: Layout): boolean {
  const { widthPx, heightPx, depth } = png;
  const table = pngColours(png);
  if (table === undefined) return false;
  kernels.views().bytes.set(table, colours);
  if (depth < 8) kernels.exports.unpackPixels(rows, widthPx, heightPx, depth, numbers);
  const source = depth < 8 ? numbers : rows;
  return kernels.exports.paletteToRgb(source, widthPx * heightPx, colours, rgb) < table.length / 4;
}

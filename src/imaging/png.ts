import { crc32, inflateSync } from 'node:zlib';
import type { PixelKernels } from './pixel-kernels.js';
import type { PictureSize } from './resize-antialiased.js';

/** A picture in the kernels' memory: RGB, 8 bits each, rows without padding. */
export interface KernelPicture extends PictureSize {
  readonly address: number;
}

/** What stands before the first chunk (ISO/IEC 15948, 5.2). */
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A chunk's length, type and checksum (5.3). */
const CHUNK_BYTES = 12;

/** What the kernels read and write beyond rows. */
const OVERRUN_BYTES = 16;

/** Bytes of a pixel of 8 bits, by the colour type (11.2.2): grey, RGB, palette, RGBA. */
const PIXEL_BYTES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 6: 4 };

const PALETTE = 3;
const GREY = 0;
const RGBA = 6;
const OPAQUE = 255;

/** Chunks that change what pixels mean, or which way they lie: such pictures are left to libvips. */
const LEFT_TO_LIBVIPS: readonly string[] = ['tRNS', 'eXIf'];

/** What a PNG's chunks say. */
interface Png {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly colourType: number;
  readonly palette: Buffer;
  readonly compressed: Buffer;
}

/**
 * Decodes a PNG of 8 bits: grey, RGB, a palette, or RGBA that is opaque everywhere; not interlaced.
 *
 * What is not a whole and orderly picture of these kinds is left to libvips, which knows what to tolerate and how to
 * blend.
 * @returns undefined where libvips is to decode it
 */
export function decodePng(kernels: PixelKernels, bytes: Uint8Array): KernelPicture | undefined {
  const png = readPng(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (png === undefined) return undefined;
  const { widthPx, heightPx, colourType } = png;
  const pixel = PIXEL_BYTES[colourType] ?? 0;
  const rowBytes = widthPx * pixel;
  const filteredBytes = (rowBytes + 1) * heightPx;
  const rgbBytes = widthPx * heightPx * 3 + OVERRUN_BYTES;
  const unfilteredBytes = rowBytes * (heightPx + 1) + 2 * OVERRUN_BYTES;
  if (!kernels.hasRoom(filteredBytes + unfilteredBytes + rgbBytes + 8 * OVERRUN_BYTES + 1024)) return undefined;
  const filtered = inflated(png.compressed, filteredBytes);
  if (filtered === undefined) return undefined;
  const source = kernels.scratch(filteredBytes + OVERRUN_BYTES);
  const before = kernels.scratch(unfilteredBytes);
  const output = kernels.scratch(rgbBytes);
  const colours = kernels.scratch(1024);
  const memory = new Uint8Array(kernels.memory.buffer);
  memory.set(filtered, source);
  const rows = before + OVERRUN_BYTES + rowBytes;
  memory.fill(0, before, rows);
  const { exports } = kernels;
  if (exports.unfilterPng(source, rowBytes, pixel, heightPx, rows) === 0) return undefined;
  const count = widthPx * heightPx;
  switch (colourType) {
    case GREY:
      exports.greyToRgb(rows, count, output);
      return { widthPx, heightPx, address: output };
    case PALETTE:
      for (let i = 0; i < png.palette.length / 3; i++) {
        memory.set(png.palette.subarray(3 * i, 3 * i + 3), colours + 4 * i);
      }
      if (exports.paletteToRgb(rows, count, colours, output) >= png.palette.length / 3) return undefined;
      return { widthPx, heightPx, address: output };
    case RGBA:
      return exports.rgbaToRgb(rows, count, output) === OPAQUE ? { widthPx, heightPx, address: output } : undefined;
    default:
      return { widthPx, heightPx, address: rows };
  }
}

/** Exactly so many bytes; undefined when there are others, or the data are damaged. */
function inflated(compressed: Buffer, byteLength: number): Buffer | undefined {
  try {
    const bytes = inflateSync(compressed, { maxOutputLength: byteLength, chunkSize: Math.max(64, byteLength) });
    return bytes.byteLength === byteLength ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined for other kinds, and when a chunk is missing, out of its place, or damaged. */
function readPng(bytes: Buffer): Png | undefined {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined;
  const data: Buffer[] = [];
  let header: Omit<Png, 'palette' | 'compressed'> | undefined;
  let palette: Buffer = Buffer.alloc(0);
  for (let at = SIGNATURE.length; at + CHUNK_BYTES <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const end = at + CHUNK_BYTES + length;
    if (end > bytes.length) return undefined;
    const type = bytes.toString('latin1', at + 4, at + 8);
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (LEFT_TO_LIBVIPS.includes(type)) return undefined;
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== bytes.readUInt32BE(end - 4)) return undefined;
    if (type === 'IHDR') header = readHeader(content);
    else if (type === 'PLTE') palette = content;
    else if (type === 'IDAT') data.push(content);
    if (header === undefined) return undefined;
    if (type === 'IEND') {
      const compressed = data.length === 1 && data[0] !== undefined ? data[0] : Buffer.concat(data);
      const isPaletteMissing = header.colourType === PALETTE && palette.length === 0;
      return isPaletteMissing || palette.length % 3 !== 0 ? undefined : { ...header, palette, compressed };
    }
    at = end;
  }
  return undefined;
}

/** Width, height, bit depth, colour type, compression, filter, interlace (11.2.2); undefined for what is not decoded here. */
function readHeader(content: Buffer): Omit<Png, 'palette' | 'compressed'> | undefined {
  if (content.length !== 13) return undefined;
  const [depth, colourType = -1, compression, filter, interlace] = content.subarray(8);
  const isPlain = depth === 8 && compression === 0 && filter === 0 && interlace === 0;
  if (!isPlain || PIXEL_BYTES[colourType] === undefined) return undefined;
  return { widthPx: content.readUInt32BE(0), heightPx: content.readUInt32BE(4), colourType };
}

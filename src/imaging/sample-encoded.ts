import { readHeader } from './header.js';
import type { PixelKernels } from './pixel-kernels.js';
import { pixelKernels } from './pixel-kernels.js';
import { detectFormat, type PictureFormat } from './picture-format.js';
import { createReducedJpegDecoder, type Reduction } from './reduced-jpeg.js';
import {
  beginsWithRows,
  type KernelBands,
  kernelRows,
  type PictureSize,
  resizeAntialiased,
  resizeBands,
} from './resize-antialiased.js';
import { createFullJpegDecoder, type JpegRows, ROWS_OVERRUN_BYTES } from './full-jpeg.js';
import { createBatch, type SampleSpec, storePixels } from './sample-spec.js';

/** How a whole picture is brought to a model's size. */
export type Resize =
  /** Decoded in full and averaged: the very pixels of Pillow's `resize(size, BILINEAR)`. */
  | 'exact'
  /** Decoded at the least of 1/1, 1/2, 1/4 and 1/8 of its size that is at least twice the model's, then averaged. */
  | 'fast';

/** A whole picture, as it came, and what a model expects of it; plain data, so that it can cross to a worker thread. */
export interface SampleEncodedInput {
  readonly bytes: Uint8Array;
  /** Whether the bytes are base64, of the standard alphabet, without white space. */
  readonly isBase64: boolean;
  readonly spec: SampleSpec;
  readonly resize: Resize;
}

/** A picture to be decoded into the kernels' memory. */
export interface EncodedInput extends Omit<SampleEncodedInput, 'spec' | 'isBase64'> {
  readonly header: PictureSize;
  readonly size: PictureSize;
}

/**
 * Decodes and stretches a picture in the kernels' memory.
 * @returns its pixels there, RGB, until the next job; undefined when it is of a kind that is left to libvips
 */
type KernelScaler = (kernels: PixelKernels, input: EncodedInput) => Uint8Array | undefined;

/** The formats that the kernels decode. */
const SCALERS: Partial<Record<PictureFormat, KernelScaler>> = { jpeg: scaleJpeg };

/** What the kernel of base64 may write beyond the end. */
const OVERRUN_BYTES = 16;

/** Whether the kernels decode pictures of a format, most of them at least. */
export function hasKernelDecoder(format: PictureFormat): boolean {
  return SCALERS[format] !== undefined;
}

/**
 * Makes a model's input, `[C, H, W]`, of a whole picture, in one go on this thread: decoded, stretched, scaled.
 * @returns undefined when the picture is of a kind that the kernels do not decode, too large for their memory, or no
 * such base64
 * @throws ServiceError `unprocessable` when it is truncated or damaged
 */
export function sampleEncoded({ bytes: given, isBase64, spec, resize }: SampleEncodedInput): Float32Array | undefined {
  const kernels = pixelKernels();
  kernels.reset();
  const bytes = isBase64 ? decodeBase64(kernels, given) : given;
  const format = bytes && detectFormat(bytes);
  const scale = format && SCALERS[format];
  if (bytes === undefined || scale === undefined) return undefined;
  kernels.reset();
  const { data, sinks } = createBatch(spec, 1);
  const header = readHeader(bytes, { maxPixels: Infinity });
  const pixels = scale(kernels, { bytes, header, size: spec, resize });
  const [sink] = sinks;
  if (pixels === undefined || sink === undefined) return undefined;
  storePixels(sink, pixels);
  return data;
}

/** What base64 was decoded to, kept for the next picture: fresh memory costs more than the decoding. */
let decoded = new Uint8Array(0);

/** Undefined when there is anything else in the text, or no room for it. */
function decodeBase64(kernels: PixelKernels, text: Uint8Array): Uint8Array | undefined {
  if (!kernels.hasRoom(text.byteLength + OVERRUN_BYTES)) return undefined;
  const address = kernels.scratch(text.byteLength + OVERRUN_BYTES);
  new Uint8Array(kernels.memory.buffer, address).set(text);
  const byteLength = kernels.exports.decodeBase64(address, text.byteLength, address);
  if (byteLength < 0) return undefined;
  if (decoded.byteLength < byteLength) decoded = new Uint8Array(byteLength);
  decoded.set(new Uint8Array(kernels.memory.buffer, address, byteLength));
  return decoded.subarray(0, byteLength);
}

/** `sampleEncoded` as a job for a worker pool. */
export const sampleEncodedJob = { module: import.meta.url, name: 'sampleEncoded', run: sampleEncoded } as const;

/** What a reduced picture has at least, of the model's width and height, for the averaging that follows. */
const LEAST_REDUCED = 2;

function scaleJpeg(kernels: PixelKernels, { bytes, header, size, resize }: EncodedInput): Uint8Array | undefined {
  const reduction = resize === 'fast' ? reductionOf(header, size) : undefined;
  if (reduction !== undefined) {
    const picture = createReducedJpegDecoder(kernels).decode(bytes, reduction);
    if (picture?.orientation !== 1) return undefined;
    return resizeAntialiased(kernels, kernelRows(picture.address, picture), size);
  }
  const decoder = createFullJpegDecoder(kernels);
  if (beginsWithRows(header, size) && header.widthPx !== size.widthPx) {
    const rows = decoder.open(bytes);
    return rows?.orientation === 1 ? resizeBands(kernels, bandsOf(kernels, rows), size) : undefined;
  }
  const picture = decoder.decode(bytes);
  if (picture?.orientation !== 1) return undefined;
  return resizeAntialiased(kernels, kernelRows(picture.address, picture), size);
}

/** Each band is decoded to the same place. */
function bandsOf(kernels: PixelKernels, rows: JpegRows): KernelBands {
  const { widthPx, heightPx, maxRows } = rows;
  const stride = widthPx * 3;
  const address = kernels.scratch(maxRows * stride + ROWS_OVERRUN_BYTES);
  return {
    widthPx,
    heightPx,
    next: () => {
      const count = rows.next(address, stride);
      return count === undefined || count === 0 ? undefined : { address, count };
    },
  };
}

/** The greatest reduction that leaves enough of a picture; undefined when none does. */
function reductionOf(picture: PictureSize, size: PictureSize): Reduction | undefined {
  const factor = Math.min(picture.widthPx / size.widthPx, picture.heightPx / size.heightPx) / LEAST_REDUCED;
  return ([8, 4, 2] as const).find((reduction) => reduction <= factor);
}

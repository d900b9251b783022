import { copyInPhase, PHASE_BYTES } from './copy-in-phase.js';
import { readHeader } from './header.js';
import { type PixelKernels, pixelKernels } from './pixel-kernels.js';
import { detectFormat, type PictureFormat } from './picture-format.js';
import { createReducedJpegDecoder, type ReducedPicture, type Reduction } from './reduced-jpeg.js';
import { turnUpright } from './turn-upright.js';
import { ServiceError } from '../errors.js';
import { decodePng, type KernelPicture } from './png.js';
import {
  beginsWithRows,
  type KernelBands,
  kernelRows,
  planeBytesOf,
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
interface EncodedInput extends Omit<SampleEncodedInput, 'spec' | 'isBase64'> {
  readonly header: PictureSize;
  readonly size: PictureSize;
}

/**
 * Decodes and stretches a picture in the kernels' memory.
 * @returns its pixels there, RGB, until the next job; undefined when it is of a kind that is left to libvips
 */
type KernelScaler = (kernels: PixelKernels, input: EncodedInput) => Uint8Array | undefined;

/** Decodes a picture in full into the kernels' memory, upright; undefined as KernelScaler. */
type KernelDecoder = (kernels: PixelKernels, bytes: Uint8Array) => KernelPicture | undefined;

const DECODERS: Partial<Record<PictureFormat, KernelDecoder>> = { jpeg: decodeJpeg, png: decodePng };

/** The formats that the kernels decode. */
const SCALERS: Partial<Record<PictureFormat, KernelScaler>> = { jpeg: scaleJpeg, png: scalePng };

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

/** A picture to be decoded in full, and where to; plain data, so that it can cross to a worker thread. */
interface DecodeEncodedInput {
  readonly bytes: Uint8Array;
  /** Shared, with 3 bytes for each pixel. */
  readonly memory: Uint8Array;
}

/**
 * Decodes a picture in full, upright, RGB, on this thread.
 * @returns its size; undefined when libvips has to decode it
 */
export function decodeEncoded({ bytes, memory }: DecodeEncodedInput): PictureSize | undefined {
  const kernels = pixelKernels();
  kernels.reset();
  const format = detectFormat(bytes);
  const upright = format && DECODERS[format]?.(kernels, bytes);
  if (upright === undefined) return undefined;
  const { address, widthPx, heightPx } = upright;
  memory.set(new Uint8Array(kernels.memory.buffer, address, widthPx * heightPx * 3));
  return { widthPx, heightPx };
}

/** `decodeEncoded` as a job for a worker pool. */
export const decodeEncodedJob = { module: import.meta.url, name: 'decodeEncoded', run: decodeEncoded } as const;

/** What base64 was decoded to, kept for the next picture: fresh memory costs more than the decoding. */
let decoded = new Uint8Array(0);

/** Undefined when there is anything else in the text, or no room for it. */
function decodeBase64(kernels: PixelKernels, text: Uint8Array): Uint8Array | undefined {
  const roomBytes = text.byteLength + PHASE_BYTES + OVERRUN_BYTES;
  if (!kernels.hasRoom(roomBytes)) return undefined;
  const room = kernels.scratch(roomBytes);
  const { byteOffset: address } = copyInPhase(text, new Uint8Array(kernels.memory.buffer, room, roomBytes));
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

function scaleJpeg(kernels: PixelKernels, input: EncodedInput): Uint8Array | undefined {
  const { bytes, header, size } = input;
  const decoder = createFullJpegDecoder(kernels);
  const reduction = input.resize === 'fast' ? reductionOf(header, size) : undefined;
  if (reduction === undefined && beginsWithRows(header, size) && header.widthPx !== size.widthPx) {
    const rows = decoder.open(bytes);
    if (rows === undefined) return undefined;
    if (rows.orientation === 1) return resizeBands(kernels, bandsOf(kernels, rows), size);
    kernels.reset();
  }
  const picture = reduction === undefined ? decoder.decode(bytes) : reducedJpeg(kernels, bytes, reduction);
  const upright = picture && turnUpright(kernels, picture, picture.orientation);
  return upright && resizeAntialiased(kernels, kernelRows(upright.address, upright), size);
}

function scalePng(kernels: PixelKernels, { bytes, size }: EncodedInput): Uint8Array | undefined {
  const picture = decodePng(kernels, bytes);
  return picture && resizeAntialiased(kernels, kernelRows(picture.address, picture), size);
}

function decodeJpeg(kernels: PixelKernels, bytes: Uint8Array): KernelPicture | undefined {
  const picture = createFullJpegDecoder(kernels).decode(bytes);
  return picture && turnUpright(kernels, picture, picture.orientation);
}

/** Undefined for a damaged picture, too: libvips tolerates some damage. */
function reducedJpeg(kernels: PixelKernels, bytes: Uint8Array, reduction: Reduction): ReducedPicture | undefined {
  try {
    return createReducedJpegDecoder(kernels).decode(bytes, reduction);
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

/** Each band is decoded to the same place. */
function bandsOf(kernels: PixelKernels, rows: JpegRows): KernelBands {
  const { widthPx, heightPx, maxRows } = rows;
  const planeBytes = planeBytesOf(widthPx);
  const stride = planeBytes * 3;
  const address = kernels.scratch(maxRows * stride + ROWS_OVERRUN_BYTES);
  return {
    widthPx,
    heightPx,
    next: () => {
      const count = rows.next({ address, stride, planeBytes });
      return count === undefined || count === 0 ? undefined : { address, count, planeBytes };
    },
  };
}

/** The greatest reduction that leaves enough of a picture, whichever way it is turned; undefined when none does. */
function reductionOf(picture: PictureSize, size: PictureSize): Reduction | undefined {
  const least = Math.min(picture.widthPx / size.widthPx, picture.heightPx / size.heightPx);
  const leastTurned = Math.min(picture.heightPx / size.widthPx, picture.widthPx / size.heightPx);
  const factor = Math.min(least, leastTurned) / LEAST_REDUCED;
  return ([8, 4, 2] as const).find((reduction) => reduction <= factor);
}

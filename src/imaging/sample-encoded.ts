import type { PixelKernels } from './pixel-kernels.js';
import { pixelKernels } from './pixel-kernels.js';
import { detectFormat, type PictureFormat } from './picture-format.js';
import { type KernelRows, resizeAntialiased } from './resize-antialiased.js';
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
  readonly spec: SampleSpec;
  readonly resize: Resize;
}

/** A picture to be decoded into the kernels' memory. */
export interface EncodedInput extends Omit<SampleEncodedInput, 'spec'> {
  readonly size: Pick<SampleSpec, 'widthPx' | 'heightPx'>;
}

/**
 * Decodes a picture into the kernels' memory.
 * @returns undefined when it is of a kind that is left to libvips
 */
export type KernelDecoder = (kernels: PixelKernels, input: EncodedInput) => KernelRows | undefined;

/** The formats that the kernels decode. */
const DECODERS: Partial<Record<PictureFormat, KernelDecoder>> = {};

/** Whether the kernels decode pictures of a format, most of them at least. */
export function hasKernelDecoder(format: PictureFormat): boolean {
  return DECODERS[format] !== undefined;
}

/**
 * Makes a model's input, `[C, H, W]`, of a whole picture, in one go on this thread: decoded, stretched, scaled.
 * @returns undefined when the picture is of a kind that the kernels do not decode, or too large for their memory
 * @throws ServiceError `unprocessable` when it is truncated or damaged
 */
export function sampleEncoded({ bytes, spec, resize }: SampleEncodedInput): Float32Array | undefined {
  const format = detectFormat(bytes);
  const decode = format === undefined ? undefined : DECODERS[format];
  if (decode === undefined) return undefined;
  const kernels = pixelKernels();
  kernels.reset();
  const { data, sinks } = createBatch(spec, 1);
  const rows = decode(kernels, { bytes, size: spec, resize });
  const [sink] = sinks;
  if (rows === undefined || sink === undefined) return undefined;
  storePixels(sink, resizeAntialiased(kernels, rows, spec));
  return data;
}

/** `sampleEncoded` as a job for a worker pool. */
export const sampleEncodedJob = { module: import.meta.url, name: 'sampleEncoded', run: sampleEncoded } as const;

import type { SharedArena } from '../concurrency/shared-arena.js';
import type { Job, WorkerPool } from '../concurrency/worker-pool.js';
import { copyInPhase, PHASE_BYTES } from '../imaging/copy-in-phase.js';
import { decodePicture, shrinkPicture } from '../imaging/decode.js';
import type { Picture } from '../imaging/picture.js';
import { type PictureHeader, readHeader } from '../imaging/header.js';
import { resizeAntialiasedBatchJob } from '../imaging/resize-antialiased.js';
import {
  decodeEncodedJob,
  hasKernelDecoder,
  sampleEncoded,
  type SampleEncodedInput,
  sampleEncodedJob,
} from '../imaging/sample-encoded.js';
import { samplingMicroseconds } from '../imaging/sampling-cost.js';
import { itemBytes } from '../imaging/source.js';
import { LongText } from '../long-text.js';

export type { Resize } from '../imaging/sample-encoded.js';

/** Makes models' inputs of whole pictures. */
export interface PictureSampler {
  /**
   * Decodes a picture, stretches it over a model's input and scales its values: `[C, H, W]`.
   * @throws ServiceError `unprocessable` when it is truncated or damaged, `invalid_argument` when a text is no base64; the
   * signal's reason when aborted while waiting
   */
  sample(source: SampleSource, how: SampleHow, options: { readonly signal: AbortSignal }): Promise<Float32Array>;
  /**
   * Decodes a picture in full: upright, alpha laid on white, RGB.
   * @param memory as decodePicture says
   * @throws ServiceError as sample
   */
  decode(bytes: Uint8Array, memory: Uint8Array, options: { readonly signal: AbortSignal }): Promise<Picture>;
}

/** A picture whose header was read. */
export interface SampleSource {
  /** Its bytes, or the base64 of them, not looked through yet. */
  readonly encoded: Uint8Array | LongText;
  readonly header: PictureHeader;
}

/** What a model expects of a picture, and how it is brought to that. */
type SampleHow = Pick<SampleEncodedInput, 'spec' | 'resize'>;

/** What the sampler works with. */
export interface PictureSamplerOptions {
  readonly workers: Pick<WorkerPool, 'run'>;
  /** Where decoded pictures are put that worker threads go on with. */
  readonly pixels: SharedArena;
  /**
   * Where encoded pictures are put that worker threads decode. Another one, since who waits for a place here may hold one
   * there.
   */
  readonly encoded: SharedArena;
}

/**
 * What takes less is done at once, on the event loop: to hand it to a worker thread and back costs some 30 us of CPU and
 * 90 of time, and the other requests wait no longer than for any small piece of work.
 */
const INLINE_MICROSECONDS = 150;

/** RGB, 8 bits each. */
const BYTES_PER_PIXEL = 3;

/**
 * Makes the sampler. By a picture's header it chooses who works on it: the kernels on this thread, when that is quickly
 * done; the kernels on a worker thread; libvips, for what the kernels do not decode.
 */
export function createPictureSampler({ workers, pixels, encoded: arena }: PictureSamplerOptions): PictureSampler {
  /** The encoded picture is put where the worker sees it: a copy of it takes less than to pass it as a message. */
  const onWorker = <Input extends { readonly bytes: Uint8Array }, Output>(
    job: Job<Input, Output>,
    input: Input,
    signal: AbortSignal,
  ): Promise<Output> =>
    arena.lend(
      input.bytes.byteLength + PHASE_BYTES,
      (block) => workers.run(job, { ...input, bytes: copyInPhase(input.bytes, block) }, { signal }),
      { signal },
    );

  const sampleByLibvips = async (
    { bytes, header }: { bytes: Uint8Array; header: PictureHeader },
    { spec, resize }: SampleHow,
    signal: AbortSignal,
  ) => {
    if (resize === 'fast') {
      const picture = await shrinkPicture(bytes, spec);
      return workers.run(resizeAntialiasedBatchJob, { pictures: [picture], spec }, { signal });
    }
    return pixels.lend(
      header.pixels * BYTES_PER_PIXEL,
      async (block) => {
        const picture = await decodePicture(bytes, block);
        return workers.run(resizeAntialiasedBatchJob, { pictures: [picture], spec }, { signal });
      },
      { signal },
    );
  };

  return {
    decode: async (bytes, memory, { signal }) => {
      const { format } = readHeader(bytes, { maxPixels: Infinity });
      const size = hasKernelDecoder(format) ? await onWorker(decodeEncodedJob, { bytes, memory }, signal) : undefined;
      if (size === undefined) return decodePicture(bytes, memory);
      return { ...size, data: memory.subarray(0, size.widthPx * size.heightPx * BYTES_PER_PIXEL) };
    },
    sample: async ({ encoded, header }, how, { signal }) => {
      const isBase64 = encoded instanceof LongText;
      if (hasKernelDecoder(header.format)) {
        const input = { bytes: isBase64 ? encoded.bytes : encoded, isBase64, ...how };
        const isQuick = samplingMicroseconds(header, input.bytes.byteLength) <= INLINE_MICROSECONDS;
        const sampled = isQuick
          ? sampleEncoded(input)
          : await onWorker<SampleEncodedInput, Float32Array | undefined>(sampleEncodedJob, input, signal);
        if (sampled !== undefined) return sampled;
      }
      return sampleByLibvips({ bytes: isBase64 ? itemBytes(encoded) : encoded, header }, how, signal);
    },
  };
}

/** The parts of a model's input, a picture each, put together: `[N, C, H, W]`. */
export function joinSamples(samples: readonly Float32Array[]): Float32Array {
  const [first, ...others] = samples;
  if (first !== undefined && others.length === 0) return first;
  const length = samples.reduce((sum, sample) => sum + sample.length, 0);
  const joined = new Float32Array(length);
  let at = 0;
  for (const sample of samples) {
    joined.set(sample, at);
    at += sample.length;
  }
  return joined;
}

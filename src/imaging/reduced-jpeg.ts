import { ServiceError } from '../errors.js';
import { type JpegFrame, readJpegFrame } from './headers/jpeg-frame.js';
import type { Orientation } from './headers/exif-orientation.js';
import { FORMAT_NAMES } from './picture-format.js';
import type { PixelKernels } from './pixel-kernels.js';
import type { Picture } from './picture.js';
import { planReducedJpeg, type ReducedJpegPlan } from './reduced-jpeg-plan.js';
import { storeInts, wholePlane } from './reduced-jpeg-planes.js';

/** By how much width and height are divided. */
export type Reduction = 2 | 4 | 8;

/** A picture as stored, not turned upright yet, on the kernels' memory: valid until their next job. */
export interface ReducedPicture extends Picture {
  /** Where `data` begins in the kernels' memory. */
  readonly address: number;
  readonly orientation: Orientation;
}

/** Decodes JPEG pictures at a fraction of their size. */
export interface ReducedJpegDecoder {
  /**
   * Decodes a baseline or extended sequential JPEG, grey or of three components, as a new job of the kernels; undefined,
   * before any work is done, for all others and for those that take more memory than the kernels have.
   *
   * The picture is ceil(width / reduction) × ceil(height / reduction) pixels, each the mean of those that it stands for
   * in their block, as libjpeg's scaled decoding has it.
   * @throws ServiceError `unprocessable` when the picture is truncated or damaged
   */
  readonly decode: (bytes: Uint8Array, reduction: Reduction) => ReducedPicture | undefined;
}

/** A decoder on kernels that it shares with what goes on with its pictures. */
export function createReducedJpegDecoder(kernels: PixelKernels): ReducedJpegDecoder {
  return {
    decode(bytes, reduction) {
      const frame = frameOf(bytes);
      if (frame === undefined) return undefined;
      kernels.reset();
      const plan = planReducedJpeg(kernels, { bytes, frame, reduction });
      if (plan === undefined) return undefined;
      const { exports } = kernels;
      if (exports.decodeScan(plan.scan) === 0) throw damaged();
      const { address, widthPx, heightPx } = plan;
      const structure = storePlanes(kernels, plan, reduction);
      (frame.isYcc ? exports.interleaveYcc : exports.interleave)(structure, address);
      const data = kernels.views().bytes.subarray(address, address + widthPx * heightPx * 3);
      return { widthPx, heightPx, data, address, orientation: frame.orientation };
    },
  };
}

/** Three planes of one size, grey three times over, in the order of the kernels' class Planes. */
function storePlanes(kernels: PixelKernels, { widthPx, heightPx, planes }: ReducedJpegPlan, reduction: number): number {
  const whole = planes.map((plane) => wholePlane(kernels, plane, { widthPx, heightPx, isSmooth: reduction < 8 }));
  const three = [0, 1, 2].flatMap((i) => whole[i % whole.length] ?? []);
  const fields = [...three.map(({ data }) => data), ...three.map(({ stride }) => stride), widthPx, heightPx];
  return storeInts(kernels, fields);
}

function frameOf(bytes: Uint8Array): JpegFrame | undefined {
  try {
    return readJpegFrame(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause?: unknown): ServiceError {
  return new ServiceError('unprocessable', `truncated or damaged ${FORMAT_NAMES.jpeg} picture`, { cause });
}

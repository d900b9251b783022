import { ServiceError } from '../errors.js';
import { readAvifSize } from './headers/avif.js';
import { readGifSize } from './headers/gif.js';
import { readJpegSize } from './headers/jpeg.js';
import { readPngSize } from './headers/png.js';
import type { SizeReader } from './headers/size-reader.js';
import { readTiffSize } from './headers/tiff.js';
import { readWebpSize } from './headers/webp.js';
import { detectForeignFormat, detectFormat, FORMAT_NAMES, type PictureFormat } from './picture-format.js';

/** What a picture's header says, before anything is decoded. */
export interface PictureHeader {
  readonly format: PictureFormat;
  /** As stored: an EXIF orientation may swap width and height when the picture is decoded. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** `widthPx` · `heightPx`; decoding never makes more. */
  readonly pixels: number;
}

/** JPEG's own bound. Decoders take half a minute for a line of 50 million pixels, whatever their number in all. */
const MAX_SIDE_PX = 65_535;

const SIZE_READERS: Record<PictureFormat, SizeReader> = {
  jpeg: readJpegSize,
  png: readPngSize,
  webp: readWebpSize,
  gif: readGifSize,
  tiff: readTiffSize,
  avif: readAvifSize,
};

/**
 * Reads a picture's format and size from its header; microseconds, nothing is decoded or allocated.
 * @param limits.maxPixels the most pixels that a picture may have
 * @throws ServiceError `unprocessable` when the bytes are not a picture of an accepted format or the header cannot be
 * read, `payload_too_large` when the picture has more pixels than the limit
 */
export function readHeader(bytes: Uint8Array, limits: { maxPixels: number }): PictureHeader {
  const format = detectFormat(bytes);
  if (format === undefined) throw new ServiceError('unprocessable', notAccepted(bytes));
  const { widthPx, heightPx } = readSize(format, bytes);
  const pixels = widthPx * heightPx;
  if (pixels === 0) {
    throw new ServiceError(
      'unprocessable',
      `the ${FORMAT_NAMES[format]} picture has no pixels: ${widthPx}×${heightPx}`,
    );
  }
  if (Math.max(widthPx, heightPx) > MAX_SIDE_PX) {
    const message = `the picture has ${widthPx}×${heightPx} pixels; a side may have at most ${MAX_SIDE_PX}`;
    throw new ServiceError('payload_too_large', message);
  }
  if (pixels > limits.maxPixels) {
    const message = `the picture has ${widthPx}×${heightPx} = ${pixels} pixels; the limit is ${limits.maxPixels} pixels`;
    throw new ServiceError('payload_too_large', message);
  }
  return { format, widthPx, heightPx, pixels };
}

function readSize(format: PictureFormat, bytes: Uint8Array): ReturnType<SizeReader> {
  try {
    return SIZE_READERS[format](Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (cause) {
    // A reader fails with a RangeError of Buffer's when the header goes beyond the end of the bytes.
    throw new ServiceError('unprocessable', `truncated or damaged header of the ${FORMAT_NAMES[format]} picture`, {
      cause,
    });
  }
}

function notAccepted(bytes: Uint8Array): string {
  const accepted = Object.values(FORMAT_NAMES).join(', ');
  const foreign = detectForeignFormat(bytes);
  return `not a picture of an accepted format (${accepted})${foreign === undefined ? '' : `: it looks like ${foreign}`}`;
}

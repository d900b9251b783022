import type sharpModule from 'sharp';
import type { Sharp, SharpOptions } from 'sharp';
import { ServiceError } from '../errors.js';
import { readHeader } from './header.js';
import { FORMAT_NAMES } from './picture-format.js';
import type { Picture } from './picture.js';
import type { PictureSize } from './resize-antialiased.js';

/** libvips's loaders of the accepted formats, from memory alone. All others, SVG and PDF first of all, are blocked. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`);

/** sharp's function, and all that hangs on it. */
type SharpModule = typeof sharpModule;

let loading: Promise<SharpModule> | undefined;

/**
 * Decodes a picture: the first frame or page, turned upright by its EXIF orientation, alpha laid on white, 8-bit RGB.
 *
 * Embedded colour profiles are passed over and CMYK is converted without one, as Pillow and OpenCV do: the models were
 * trained on such pixels. Never more pixels are made than the header says, so check that first with `readHeader`.
 * @param memory where the pixels are written, at least 3 bytes for each pixel of the header; seen by worker threads
 * without a copy when it is shared
 * @throws ServiceError `unprocessable` when the picture is truncated or damaged, or larger than its header says
 */
export async function decodePicture(bytes: Uint8Array, memory: Uint8Array): Promise<Picture> {
  const { format, pixels } = readHeader(bytes, { maxPixels: Infinity });
  const sharp = await loadLibvips();
  try {
    // `error` refuses truncated pictures, but not harmless oddities such as stray bytes between JPEG segments.
    const image = sharp(bytes, { failOn: 'error', limitInputPixels: pixels, ignoreIcc: true });
    const { space } = await image.metadata();
    const upright = image.autoOrient();
    return await toPicture(
      space === 'cmyk' ? await cmykToRgb(upright) : upright.flatten({ background: '#ffffff' }),
      memory,
    );
  } catch (cause) {
    throw new ServiceError('unprocessable', reason(cause, FORMAT_NAMES[format]), { cause });
  }
}

/**
 * Decodes a picture at a reduced size where its format allows that, upright, RGB, alpha laid on white: at least twice
 * the size asked for, unless the picture itself is smaller; JPEG at 1/2, 1/4 or 1/8, WebP likewise, others in full.
 * @throws ServiceError as decodePicture
 */
export async function shrinkPicture(bytes: Uint8Array, size: PictureSize): Promise<Picture> {
  const { format, pixels, widthPx, heightPx } = readHeader(bytes, { maxPixels: Infinity });
  const sharp = await loadLibvips();
  try {
    const image = sharp(bytes, { failOn: 'error', limitInputPixels: pixels, ignoreIcc: true });
    const { space } = await image.metadata();
    const upright = image.autoOrient();
    const rgb = space === 'cmyk' ? await cmykToRgb(upright) : upright.flatten({ background: '#ffffff' });
    // libvips reduces while it loads when a resize follows; twice the size is left for the averaging.
    const wanted = { width: 2 * size.widthPx, height: 2 * size.heightPx };
    const isLarger = widthPx > wanted.width && heightPx > wanted.height;
    const shrunk = isLarger ? rgb.resize({ ...wanted, fit: 'fill', kernel: 'linear' }) : rgb;
    return await toPicture(shrunk, undefined);
  } catch (cause) {
    throw new ServiceError('unprocessable', reason(cause, FORMAT_NAMES[format]), { cause });
  }
}

/**
 * Loads libvips and sets it up, once in a process: the settings are global to it. Not before it is needed: that takes
 * 60 ms and some memory, and many services see pictures of the kernels' kinds alone.
 */
function loadLibvips(): Promise<SharpModule> {
  return (loading ??= import('sharp').then(({ default: sharp }) => {
    // Several pictures at once use the cores better than several threads on one.
    sharp.concurrency(1);
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: LOADERS });
    // Requests do not bring the same picture twice; libvips's cache of operations would only hold memory.
    sharp.cache(false);
    return sharp;
  }));
}

async function toPicture(image: Sharp, memory: Uint8Array | undefined): Promise<Picture> {
  const { data, info } = await image
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new RangeError(`decoded to ${info.channels} channels`);
  const size = { widthPx: info.width, heightPx: info.height };
  if (memory === undefined) return { ...size, data };
  memory.set(data);
  return { ...size, data: memory.subarray(0, data.length) };
}

/**
 * The plain conversion, each colour = (255 − ink) · (255 − black) / 255: that is, inverted inks laid on black with the
 * inverted black ink as opacity, which libvips does off the event loop.
 */
async function cmykToRgb(image: Sharp): Promise<Sharp> {
  const inverted = image.pipelineColourspace('cmyk').removeAlpha().negate().toColourspace('cmyk');
  const { data, info } = await inverted.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const raw: SharpOptions = { raw: { width: info.width, height: info.height, channels: 4 }, limitInputPixels: false };
  const sharp = await loadLibvips();
  return sharp(data, raw).flatten({ background: '#000000' });
}

/** sharp has no error codes, so what is neither truncated nor damaged is known by the text of its messages. */
function reason(cause: unknown, format: string): string {
  const text = cause instanceof Error ? cause.message : '';
  if (text.includes('exceeds pixel limit')) return `the ${format} picture is larger than its header says`;
  if (text.includes('exceeds channel limit')) return `the ${format} picture has more channels than a colour has`;
  return `truncated or damaged ${format} picture`;
}

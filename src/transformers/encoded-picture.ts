import { type PictureHeader, readHeader } from '../imaging/header.js';
import { longBase64 } from '../imaging/source.js';
import type { LongText } from '../long-text.js';
import type { SampleSource } from './picture-sampler.js';
import type { Item, Opened, RequestContext, TransformerServices } from './transformer.js';

/** A picture that is not decoded yet. */
export interface EncodedPicture extends Opened {
  readonly bytes: Uint8Array;
}

/** A picture that is not decoded yet, for PictureSampler. */
export type EncodedSource = Opened & SampleSource;

type OpenServices = Pick<TransformerServices, 'pictures' | 'maxPixels'>;

/** So much of a text in base64 is decoded to read the picture's header, which is seldom longer; a multiple of 4. */
const HEADER_CHARS = 8192;

/**
 * Takes the picture out of an item, or fetches it where the item names it and that is allowed, and reads its header.
 * @throws ServiceError `invalid_argument` when the item has no form of a picture's, `unprocessable` when its bytes are
 * no picture, `payload_too_large`, `permission_denied`
 */
export async function openPicture(
  { value }: Item,
  { pictures, maxPixels }: OpenServices,
  { signal }: Pick<RequestContext, 'signal'>,
): Promise<EncodedPicture> {
  const bytes = await pictures.bytes(value, { signal });
  return { bytes, pixels: readHeader(bytes, { maxPixels }).pixels };
}

/**
 * As openPicture, for PictureSampler, which decodes pictures in memory of its own: a long text in base64 stays what it
 * is, and whether it is base64 to its end is seen when it is decoded.
 */
export async function openSource(
  item: Item,
  services: OpenServices,
  context: Pick<RequestContext, 'signal'>,
): Promise<EncodedSource> {
  const { pictures, maxPixels } = services;
  const text = longBase64(item.value);
  const begun = text && headerOfBase64(text, maxPixels);
  if (text !== undefined && begun !== undefined) return { encoded: text, header: begun, pixels: 0 };
  const bytes = await pictures.bytes(item.value, context);
  return { encoded: bytes, header: readHeader(bytes, { maxPixels }), pixels: 0 };
}

/** Undefined when the beginning of the text does not tell. */
function headerOfBase64({ bytes }: LongText, maxPixels: number): PictureHeader | undefined {
  const begin = Buffer.from(bytes.subarray(0, HEADER_CHARS).toString('latin1'), 'base64');
  try {
    return readHeader(begin, { maxPixels });
  } catch {
    return undefined;
  }
}

import { readHeader } from '../imaging/header.js';
import type { Item, Opened, RequestContext, TransformerServices } from './transformer.js';

/** A picture that is not decoded yet. */
export interface EncodedPicture extends Opened {
  readonly bytes: Uint8Array;
}

/**
 * Takes the picture out of an item, or fetches it where the item names it and that is allowed, and reads its header.
 * @throws ServiceError `invalid_argument` when the item has no form of a picture's, `unprocessable` when its bytes are
 * no picture, `payload_too_large`, `permission_denied`
 */
export async function openPicture(
  { value }: Item,
  { pictures, maxPixels }: Pick<TransformerServices, 'pictures' | 'maxPixels'>,
  { signal }: Pick<RequestContext, 'signal'>,
): Promise<EncodedPicture> {
  const bytes = await pictures.bytes(value, { signal });
  return { bytes, pixels: readHeader(bytes, { maxPixels }).pixels };
}

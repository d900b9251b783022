import { readHeader } from '../imaging/header.js';
import { itemBytes } from '../imaging/source.js';
import type { Item, Opened } from './transformer.js';

/** A picture that is not decoded yet. */
export interface EncodedPicture extends Opened {
  readonly bytes: Uint8Array;
}

/**
 * Takes the picture out of an item, and reads its header.
 * @param limits.maxPixels the most pixels that it may have
 * @throws ServiceError `invalid_argument` when the item has no form of a picture's, `unprocessable` when its bytes are
 * no picture, `payload_too_large`, `permission_denied`
 */
export function openPicture({ value }: Item, limits: { readonly maxPixels: number }): EncodedPicture {
  const bytes = itemBytes(value);
  return { bytes, pixels: readHeader(bytes, limits).pixels };
}

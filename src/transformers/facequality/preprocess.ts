import type { Letterbox } from '../../imaging/letterbox.js';
import type { Picture } from '../../imaging/picture.js';
import type { Chain } from './chain.js';
import { detectorLetterbox } from './models/face-detect.js';

/** A picture and how the detector will see it. */
export interface FittedPicture {
  readonly picture: Picture;
  readonly fit: Letterbox;
}

/**
 * The pictures of a request, ready for the first model of its chain. What is fixed here is which pixels the model
 * sees; they are sampled batch by batch just before their call, so that the memory of tensors is bounded by the calls
 * in flight and not by the request.
 */
export type Prepared =
  | { readonly chain: 'simple'; readonly model: string; readonly pictures: readonly Picture[] }
  | { readonly chain: 'full'; readonly pictures: readonly FittedPicture[] };

/** Prepares pictures for a chain. */
export function preprocess(chain: Chain, pictures: readonly Picture[]): Prepared {
  if (chain.name === 'simple') return { chain: 'simple', model: chain.model, pictures };
  return { chain: 'full', pictures: pictures.map((picture) => ({ picture, fit: detectorLetterbox(picture) })) };
}

import { type Letterbox, letterbox } from '../../imaging/letterbox.js';
import type { Picture } from '../../imaging/picture.js';
import type { PlateDetector } from './models/plate-detector.js';

/** A picture and how the detector will see it. */
interface FittedPicture {
  readonly picture: Picture;
  readonly fit: Letterbox;
}

/**
 * The pictures of a request, ready for the detector. Their pixels are sampled batch by batch just before their call, so
 * that the memory of tensors is bounded by the calls in flight and not by the request.
 */
export interface Prepared {
  readonly detector: PlateDetector;
  readonly pictures: readonly FittedPicture[];
}

/** Fits pictures into the detector's input, their sides' ratio kept. */
export function preprocess(detector: PlateDetector, pictures: readonly Picture[]): Prepared {
  return { detector, pictures: pictures.map((picture) => ({ picture, fit: letterbox(picture, detector.spec) })) };
}

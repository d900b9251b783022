import type { Point } from '../../imaging/affine.js';
import type { Box } from '../../imaging/boxes.js';
import type { Picture } from '../../imaging/picture.js';
import type { PixelMeasures } from './measures/pixel-measures.js';

/** A face as the detector found it. */
export interface Detection {
  /** Pixels of the picture; may stand out of it. */
  readonly box: Box;
  /** 0..1 */
  readonly score: number;
  /** Area of the largest other face of the picture in square pixels; 0 when there is none. */
  readonly rivalArea: number;
}

/** Where a face is, and in which picture. */
export interface FoundFace extends Detection {
  readonly picture: Picture;
}

/** A face whose parts were found. */
export interface LocatedFace extends FoundFace {
  /** 68 places in the picture. */
  readonly landmarks: readonly Point[];
}

/** Degrees: yaw > 0 turns to the image's left, pitch > 0 looks up, roll > 0 tilts clockwise in the image. */
export interface HeadPose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}

/** All that the chain finds out about a face. */
export interface MeasuredFace extends LocatedFace {
  readonly pose: HeadPose;
  /** Probability that the image-left and the image-right eye is open. */
  readonly eyesOpen: readonly [left: number, right: number];
  /** Probability that the face is live. */
  readonly live: number;
  /** Length of the embedding, which grows with the face's usefulness for recognition. */
  readonly embeddingStrength: number;
  readonly pixels: PixelMeasures;
}

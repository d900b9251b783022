import { area } from '../../../imaging/boxes.js';
import type { MeasuredFace } from '../face.js';
import { centre, distance, fivePoints, LANDMARK, midpoint, widestGap } from '../points.js';

/** Below this, in pixels, a distance counts as this: landmarks that fell together divide nothing by zero. */
const MIN_DISTANCE = 1e-6;
/** The least cosine of yaw that the eye distance is corrected by; a profile would make it infinite. */
const MIN_COSINE = 0.1;

/**
 * Measures of framing and expression, from landmarks alone. The names of ISO/IEC 29794-5: T is the distance from the
 * eyes' midpoint to the chin, IED the distance of the eyes.
 */
export interface Geometry {
  /** Opening of the less open eye, in T. */
  readonly eyeOpening: number;
  /** Opening of the lips, in T. */
  readonly mouthOpening: number;
  /** IED in pixels, as it were in a frontal view. */
  readonly interEyeDistance: number;
  /** T in heights of the picture. */
  readonly headSize: number;
  /** Room beside the eyes, in IED. */
  readonly marginLeft: number;
  readonly marginRight: number;
  /** Room above and below the eyes' midpoint, in T. */
  readonly marginAbove: number;
  readonly marginBelow: number;
  /** Area of the largest other face as a share of this one's, 0..1. */
  readonly rivalShare: number;
}

/** Measures where a face's parts lie. */
export function measureGeometry(face: MeasuredFace): Geometry {
  const { picture, landmarks, pose } = face;
  const [leftEye, rightEye] = fivePoints(landmarks);
  const eyes = midpoint(leftEye, rightEye);
  const ied = Math.max(MIN_DISTANCE, distance(leftEye, rightEye));
  const t = Math.max(MIN_DISTANCE, distance(centre(landmarks, LANDMARK.chin), eyes));
  return {
    eyeOpening:
      Math.min(widestGap(landmarks, LANDMARK.leftEyeOpening), widestGap(landmarks, LANDMARK.rightEyeOpening)) / t,
    mouthOpening: widestGap(landmarks, LANDMARK.mouthOpening) / t,
    interEyeDistance: ied / Math.max(MIN_COSINE, Math.cos((pose.yaw * Math.PI) / 180)),
    headSize: t / picture.heightPx,
    marginLeft: leftEye[0] / ied,
    marginRight: (picture.widthPx - rightEye[0]) / ied,
    marginAbove: eyes[1] / t,
    marginBelow: (picture.heightPx - eyes[1]) / t,
    rivalShare: Math.min(1, face.rivalArea / area(face.box)),
  };
}

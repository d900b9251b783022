import type { WarpCrop } from '../../../imaging/warp.js';
import { cropRegion } from '../crops.js';
import type { LocatedFace } from '../face.js';
import { EYE_CLASSES } from '../labels.js';
import type { ImageModel } from '../../image-model.js';
import { centre, LANDMARK } from '../points.js';
import { classProbability } from '../../softmax.js';

/** Side of the square about an eye, in widths of the eye. */
const SIDE = 1.6;
const MIN_SIDE_PX = 4;

/** Tells the probability that an eye is open. */
export const FACE_EYE: ImageModel<'output', number> = {
  name: 'face_eye',
  input: 'input',
  spec: { widthPx: 24, heightPx: 24, channels: 'grey', mean: [0], std: [255] },
  outputs: { output: [EYE_CLASSES.length] },
  read: ({ output }) => classProbability(output, EYE_CLASSES, 'open'),
};

/** The two eyes of a face by their landmarks. */
const EYES = {
  left: { corners: LANDMARK.leftEyeCorners, lids: LANDMARK.leftEyeLids },
  right: { corners: LANDMARK.rightEyeCorners, lids: LANDMARK.rightEyeLids },
} as const;

/** What the eye model looks at, for the image-left or the image-right eye. */
export function eyeCrop({ picture, landmarks }: LocatedFace, eye: keyof typeof EYES): WarpCrop {
  const { corners, lids } = EYES[eye];
  const [outer, inner] = corners.map((index) => centre(landmarks, [index])[0]) as [number, number];
  const side = Math.max(MIN_SIDE_PX, Math.abs(inner - outer) * SIDE);
  const [x, y] = centre(landmarks, lids);
  return cropRegion(picture, { x: x - side / 2, y: y - side / 2, w: side, h: side }, FACE_EYE.spec);
}

import type { WarpCrop } from '../../../imaging/warp.js';
import { cropRegion, type Region } from '../crops.js';
import type { FoundFace } from '../face.js';
import { LIVENESS_CLASSES } from '../labels.js';
import type { ImageModel } from '../../image-model.js';
import { classProbability } from '../../softmax.js';

/** Side of the square that the model was trained on, in heights of the face's box. */
const CROP_FACTOR = 2.7;

/** Tells the probability that a face is live and no photo of a photo. Takes pixels 0..255 as they are. */
export const FACE_LIVENESS: ImageModel<'output', number> = {
  name: 'face_liveness',
  input: 'input',
  spec: { widthPx: 128, heightPx: 128, channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] },
  outputs: { output: [LIVENESS_CLASSES.length] },
  read: ({ output }) => classProbability(output, LIVENESS_CLASSES, 'live'),
};

/** The factor 2.7, or the largest with which a square still fits into the picture; much below 2.7 do not trust it. */
export function cropFactor({ picture, box: [, y1, , y2] }: FoundFace): number {
  return Math.min(CROP_FACTOR, (Math.min(picture.widthPx, picture.heightPx) - 1) / (y2 - y1));
}

/** What the liveness model looks at: the square about the face, moved into the picture rather than padded. */
export function livenessCrop(face: FoundFace): WarpCrop {
  const { picture, box } = face;
  const [x1, y1, x2, y2] = box;
  const side = (y2 - y1) * cropFactor(face);
  const region: Region = {
    x: within((x1 + x2 - side) / 2, picture.widthPx - side),
    y: within((y1 + y2 - side) / 2, picture.heightPx - side),
    w: side,
    h: side,
  };
  return cropRegion(picture, region, FACE_LIVENESS.spec);
}

function within(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}

import type { WarpCrop } from '../../../imaging/warp.js';
import { cropRegion } from '../crops.js';
import type { FoundFace, HeadPose } from '../face.js';
import type { ImageModel } from '../../image-model.js';
import { softmax } from '../../softmax.js';

/** Each angle is spread over 66 bins of 3° from -99°: Hopenet, arXiv:1710.00925. */
const BINS = 66;
const BIN_DEGREES = 3;
const FIRST_DEGREES = -99;
/** The detector's box grows by this share of its width and height on each side; more or less turns out less exact. */
const GROWTH = 1 / 4;

/** Tells how a head is turned. The outputs are logits over bins: `output` of yaw, `617` of pitch, `618` of roll. */
export const FACE_POSE: ImageModel<'output' | '617' | '618', HeadPose> = {
  name: 'face_pose',
  input: 'input',
  spec: {
    widthPx: 224,
    heightPx: 224,
    channels: 'rgb',
    // ImageNet's mean and deviation, https://pytorch.org/vision/stable/models.html, on pixels 0..255.
    mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
    std: [0.229 * 255, 0.224 * 255, 0.225 * 255],
  },
  outputs: { output: [BINS], '617': [BINS], '618': [BINS] },
  read: ({ output, '617': pitch, '618': roll }) => ({
    yaw: expectedDegrees(output),
    pitch: expectedDegrees(pitch),
    roll: expectedDegrees(roll),
  }),
};

/** What the pose model looks at: the grown box, stretched to a square. */
export function poseCrop({ picture, box: [x1, y1, x2, y2] }: FoundFace): WarpCrop {
  const [w, h] = [x2 - x1, y2 - y1];
  const region = { x: x1 - w * GROWTH, y: y1 - h * GROWTH, w: w * (1 + 2 * GROWTH), h: h * (1 + 2 * GROWTH) };
  return cropRegion(picture, region, FACE_POSE.spec);
}

function expectedDegrees(logits: Float32Array): number {
  const bin = softmax(logits).reduce((sum, probability, i) => sum + probability * i, 0);
  return bin * BIN_DEGREES + FIRST_DEGREES;
}

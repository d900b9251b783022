import type { Point } from '../../../imaging/affine.js';
import type { WarpCrop } from '../../../imaging/warp.js';
import { cropRegion, squareAbout } from '../crops.js';
import type { FoundFace } from '../face.js';
import type { ImageModel } from '../../image-model.js';

const LANDMARKS = 68;

/** Finds 68 landmarks in the square about a face; they come as shares of the square's side. */
export const FACE_LANDMARK: ImageModel<'output', readonly Point[]> = {
  name: 'face_landmark',
  input: 'input',
  spec: { widthPx: 64, heightPx: 64, channels: 'grey', mean: [0], std: [256] },
  outputs: { output: [2 * LANDMARKS] },
  read: ({ output }) =>
    Array.from({ length: LANDMARKS }, (_, i) => [output[2 * i] ?? 0, output[2 * i + 1] ?? 0] as const),
};

/** What the landmark model looks at. */
export function landmarkCrop({ picture, box }: FoundFace): WarpCrop {
  return cropRegion(picture, squareAbout(box), FACE_LANDMARK.spec);
}

/** The model's answer in pixels of the picture. */
export function landmarksInPicture({ box }: FoundFace, shares: readonly Point[]): readonly Point[] {
  const { x, y, w, h } = squareAbout(box);
  return shares.map(([shareX, shareY]) => [shareX * w + x, shareY * h + y] as const);
}

import type { WarpCrop } from '../../../imaging/warp.js';
import { alignFace } from '../alignment.js';
import type { LocatedFace } from '../face.js';
import type { ImageModel } from '../../image-model.js';
import { fivePoints } from '../points.js';

const SIDE_PX = 112;
const DIMENSIONS = 512;

/** Embeds an aligned face (MobileFaceNet, arXiv:1804.07573); the answer is the embedding's length. */
export const FACE_EMBEDDING: ImageModel<'output', number> = {
  name: 'face_embedding',
  input: 'input',
  spec: { widthPx: SIDE_PX, heightPx: SIDE_PX, channels: 'rgb', mean: [127, 127, 127], std: [128, 128, 128] },
  outputs: { output: [DIMENSIONS] },
  read: ({ output }) => Math.hypot(...output),
};

/** What the embedding model looks at: the face aligned to its template. */
export function embeddingCrop({ picture, landmarks }: LocatedFace): WarpCrop {
  return { picture, map: alignFace(fivePoints(landmarks), SIDE_PX).toPicture };
}

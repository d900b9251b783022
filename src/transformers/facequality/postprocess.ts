import { echoedExtraInfo, type ExtraInfo, type Response, type ResponseItem } from 'common-data-type';
import type { Point } from '../../imaging/affine.js';
import { toComponents } from './components/components.js';
import { measureGeometry } from './components/geometry.js';
import { unifiedScore } from './components/unified-score.js';
import { decimals } from '../decimals.js';
import type { MeasuredFace } from './face.js';
import { cropFactor } from './models/face-liveness.js';
import { fivePoints } from './points.js';
import type { Predicted } from './predict.js';

/** What is said of a picture in which the full chain finds no face. */
const NO_FACE: ResponseItem = { score: 0, quality: 0, reason: 'no_face' };

/** The scores of one picture. */
export interface FaceQualityResult {
  /** One for the whole picture (simple chain) or one per face, largest first; never empty. */
  readonly items: readonly ResponseItem[];
  /** Size of the upright picture. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly chain: 'full' | 'simple';
}

/** Turns what the models say into scores, picture by picture. */
export function postprocess(predicted: Predicted): FaceQualityResult[] {
  if (predicted.chain === 'simple') {
    return predicted.pictures.map(({ score, ...size }) => ({ items: [{ score }], ...size, chain: 'simple' }));
  }
  return predicted.pictures.map(({ faces, ...size }) => ({
    items: faces.length === 0 ? [NO_FACE] : faces.map(faceItem),
    ...size,
    chain: 'full',
  }));
}

/** A result as the Response to a Request whose `type` and `others` it echoes. */
export function toResponse(result: FaceQualityResult, extraInfo: ExtraInfo | undefined): Response {
  return {
    data: [...result.items],
    extra_info: {
      ...echoedExtraInfo(extraInfo),
      source: 'face_quality_score',
      width: result.widthPx,
      height: result.heightPx,
      chain: result.chain,
    },
  };
}

function faceItem(face: MeasuredFace): ResponseItem {
  const components = toComponents({ face, geometry: measureGeometry(face) });
  const quality = unifiedScore(components);
  const [x1, y1, x2, y2] = face.box;
  const [leftOpen, rightOpen] = face.eyesOpen;
  const { yaw, pitch, roll } = face.pose;
  return {
    score: decimals(quality / 100, 3),
    quality: Math.round(quality),
    detection_score: decimals(face.score, 4),
    box: [decimals(x1, 1), decimals(y1, 1), decimals(x2, 1), decimals(y2, 1)],
    landmarks: fivePoints(face.landmarks).map(([x, y]: Point): [number, number] => [decimals(x, 1), decimals(y, 1)]),
    pose: { yaw: decimals(yaw, 2), pitch: decimals(pitch, 2), roll: decimals(roll, 2) },
    eyes_open: [decimals(leftOpen, 4), decimals(rightOpen, 4)],
    liveness: { live: decimals(face.live, 4), crop_factor: decimals(cropFactor(face), 2) },
    components,
  };
}

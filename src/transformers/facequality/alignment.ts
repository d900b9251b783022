import { type Affine, invertAffine } from '../../imaging/affine.js';
import { similarity } from '../../imaging/align.js';
import type { FivePoints } from './points.js';

const TEMPLATE_PX = 112;

/**
 * Where the five points lie in an aligned crop of 112×112: the template of ArcFace (arXiv:1801.07698; insightface,
 * `arcface_dst`), which the embedding model was trained on.
 */
const TEMPLATE: FivePoints = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
];

/** The two directions between a picture and a crop of it in which the eyes are level. */
export interface Alignment {
  readonly toCrop: Affine;
  readonly toPicture: Affine;
}

/**
 * The similarity that brings a face's five points nearest to the template. Points that all coincide are only shifted,
 * so that whatever is measured in the crop stays a number.
 * @param sizePx side of the square crop
 */
export function alignFace(five: FivePoints, sizePx: number): Alignment {
  const zoom = sizePx / TEMPLATE_PX;
  const toCrop = similarity(
    five,
    TEMPLATE.map(([x, y]) => [x * zoom, y * zoom] as const),
  );
  return { toCrop, toPicture: invertAffine(toCrop) };
}

import { type Affine, invertAffine } from '../../imaging/affine.js';
import { similarity } from '../../imaging/align.js';
import { type FivePoints, midpoint } from './points.js';

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
 * The similarity that brings a face's five points nearest to the template.
 * Points that do not span a face (all the same, say) have none; the crop then shows the picture's own pixels around
 * them, so that whatever is measured stays a number.
 * @param sizePx side of the square crop
 */
export function alignFace(five: FivePoints, sizePx: number): Alignment {
  const zoom = sizePx / TEMPLATE_PX;
  const fitted = similarity(
    five,
    TEMPLATE.map(([x, y]) => [x * zoom, y * zoom] as const),
  );
  const [a, b, , c, d] = fitted;
  const areaScale = a * d - b * c;
  const toCrop = Number.isFinite(areaScale) && areaScale > 0 ? fitted : unscaled(five, sizePx);
  return { toCrop, toPicture: invertAffine(toCrop) };
}

function unscaled(five: FivePoints, sizePx: number): Affine {
  const [x, y] = midpoint(five[0], five[1]);
  return [1, 0, sizePx / 2 - x, 0, 1, sizePx / 2 - y];
}

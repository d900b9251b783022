import { cropMap } from '../../imaging/affine.js';
import { applyHomography, isConvex, type Quad, quadMap } from '../../imaging/homography.js';
import type { Picture } from '../../imaging/picture.js';
import type { SampleSpec } from '../../imaging/sample-spec.js';
import type { WarpCrop } from '../../imaging/warp.js';
import type { FoundPlate } from './plate.js';

/**
 * The crop that brings a plate to the reader's input: what its four corners enclose, seen straight on; or, where they are
 * not known, its box as it lies in the picture.
 * @param how.margin how much around the plate is seen on each side, as a share of its width and height
 */
export function rectifyPlate(
  { picture, box, corners }: Pick<FoundPlate, 'box' | 'corners'> & { readonly picture: Picture },
  { spec, margin }: { readonly spec: SampleSpec; readonly margin: number },
): WarpCrop {
  const { widthPx, heightPx } = spec;
  const outer = corners && widened(corners, margin);
  if (outer !== undefined) return { picture, map: quadMap(outer, widthPx, heightPx) };
  const [x1, y1, x2, y2] = box;
  const [w, h] = [x2 - x1, y2 - y1];
  const region = { x: x1 - margin * w, y: y1 - margin * h, w: w * (1 + 2 * margin), h: h * (1 + 2 * margin) };
  return { picture, map: cropMap(region, widthPx, heightPx) };
}

/** The corners moved outwards within the plate's own plane; undefined where perspective makes that no quadrilateral. */
function widened(corners: Quad, margin: number): Quad | undefined {
  const [low, high] = [-margin, 1 + margin];
  const [a, b, c, d] = applyHomography(quadMap(corners, 1, 1), [
    [low, low],
    [high, low],
    [high, high],
    [low, high],
  ]);
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  const outer: Quad = [a, b, c, d];
  return isConvex(outer) ? outer : undefined;
}

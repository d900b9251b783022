import { cropMap } from '../../imaging/affine.js';
import type { Box } from '../../imaging/boxes.js';
import type { Picture } from '../../imaging/picture.js';
import type { SampleSpec } from '../../imaging/sample-spec.js';
import type { WarpCrop } from '../../imaging/warp.js';

/** A rectangle of a picture in its pixels. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** The crop that stretches a region of a picture over a model's input. */
export function cropRegion(picture: Picture, region: Region, { widthPx, heightPx }: SampleSpec): WarpCrop {
  return { picture, map: cropMap(region, widthPx, heightPx) };
}

/** The square about a box's centre whose side is the box's height. */
export function squareAbout([x1, y1, x2, y2]: Box): Region {
  const side = y2 - y1;
  return { x: (x1 + x2 - side) / 2, y: (y1 + y2 - side) / 2, w: side, h: side };
}

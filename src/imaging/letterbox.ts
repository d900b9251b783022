import { type Affine, cropMap } from './affine.js';
import { roundHalfEven } from './round-half-even.js';

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A whole picture in the upper left corner of an output, its aspect ratio kept; the rest is bars right or below. */
export interface Letterbox {
  /** From output to picture; also takes what a model finds in the output back to the picture. */
  readonly map: Affine;
  /** The part of the output that the picture covers; at least 1. */
  readonly regionWidthPx: number;
  readonly regionHeightPx: number;
}

/** A part of an output that a picture covers, in whole pixels. */
export interface Place extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * Fits a picture into an output. The sides are rounded to whole pixels (halves to even) and the picture is stretched to
 * them, so the two scales of the map differ slightly.
 */
export function letterbox(picture: Size, output: Size): Letterbox {
  const shrink = Math.max(picture.widthPx / output.widthPx, picture.heightPx / output.heightPx);
  const regionWidthPx = Math.max(1, roundHalfEven(picture.widthPx / shrink));
  const regionHeightPx = Math.max(1, roundHalfEven(picture.heightPx / shrink));
  const whole = { x: 0, y: 0, w: picture.widthPx, h: picture.heightPx };
  return { map: cropMap(whole, regionWidthPx, regionHeightPx), regionWidthPx, regionHeightPx };
}

/**
 * Where a picture lies in the middle of an output, as large as its sides' ratio lets it be, larger than it is as well.
 * Of an odd number of pixels for the bars, the right and the lower one have one more, as in YOLOv5's letterbox.
 */
export function centredPlace(picture: Size, output: Size): Place {
  const { regionWidthPx: widthPx, regionHeightPx: heightPx } = letterbox(picture, output);
  const left = Math.floor((output.widthPx - widthPx) / 2);
  const top = Math.floor((output.heightPx - heightPx) / 2);
  return { left, top, widthPx, heightPx };
}

import type { Canvas } from '../../drawing/canvas.js';
import { drawBanner } from '../../drawing/plates.js';
import type { Answered } from '../service.js';
import { type ClassPrediction, shareOf } from './answer.js';

/** A banner along the lower edge with the class and its share. */
export function draw({ prediction }: Answered<ClassPrediction>, canvas: Canvas): string {
  return drawBanner(`${prediction.label} ${shareOf(prediction, prediction.index).toFixed(2)}`, canvas);
}

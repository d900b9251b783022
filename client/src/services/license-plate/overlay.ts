import { drawLabelledBoxes } from '../../drawing/boxes.js';
import { type Canvas, toRectangle } from '../../drawing/canvas.js';
import { drawBanner } from '../../drawing/plates.js';
import type { Answered } from '../service.js';
import type { Plate } from './answer.js';
import { plateLines } from './layout.js';
import { romanise } from './romanise.js';

const BOX_COLOUR = '#3b82f6';

/** Each plate's box with what stands on it, Hangul in Latin letters; a banner where there is no plate. */
export function draw({ prediction }: Answered<readonly Plate[]>, canvas: Canvas): string {
  if (prediction.length === 0) return drawBanner('no plate', canvas);
  const boxes = prediction.map((plate) => ({
    box: toRectangle(plate.box, { x: canvas.scale, y: canvas.scale }),
    label: plateLines(plate).map(romanise).join(' '),
    colour: BOX_COLOUR,
  }));
  return drawLabelledBoxes(boxes, canvas);
}

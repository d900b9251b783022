import { drawLabelledBoxes } from '../../drawing/boxes.js';
import { type Canvas, toRectangle } from '../../drawing/canvas.js';
import { drawBanner } from '../../drawing/plates.js';
import type { Answered } from '../service.js';
import type { Detection } from './answer.js';

/** A head that is safe is green, one that is not red, as the usual data sets call them. */
const KNOWN_COLOURS: Readonly<Record<string, string>> = {
  hat: '#22c55e',
  helmet: '#22c55e',
  person: '#ef4444',
  head: '#ef4444',
};
/** Those of all other classes. */
const COLOURS = ['#3b82f6', '#f59e0b', '#a855f7', '#14b8a6', '#ec4899', '#84cc16'] as const;

/** A class keeps its colour over all pictures: it depends on its name alone. */
export function classColour(label: string): string {
  const known = Object.hasOwn(KNOWN_COLOURS, label) ? KNOWN_COLOURS[label] : undefined;
  const sum = Array.from(label).reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  return known ?? COLOURS[sum % COLOURS.length] ?? COLOURS[0];
}

/** Each box with its class and confidence; a banner where nothing was found. */
export function draw({ prediction }: Answered<readonly Detection[]>, canvas: Canvas): string {
  if (prediction.length === 0) return drawBanner('nothing found', canvas);
  const scale = { x: canvas.widthPx, y: canvas.heightPx };
  const boxes = prediction.map(({ x1, y1, x2, y2, confidence, class: label }) => ({
    box: toRectangle([x1, y1, x2, y2], scale),
    label: `${label} ${confidence.toFixed(2)}`,
    colour: classColour(String(label)),
  }));
  return drawLabelledBoxes(boxes, canvas);
}

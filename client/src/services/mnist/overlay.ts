import { attributes, type Canvas } from '../../drawing/canvas.js';
import { drawBanner } from '../../drawing/plates.js';
import type { Answered } from '../service.js';
import { type Attributions, scaledRows } from './answer.js';

const FOR_COLOUR = '#dc2626';
const AGAINST_COLOUR = '#2563eb';
/** Values below this share of the strongest are not drawn. */
const LEAST_SHOWN = 0.01;

/** A banner with the digit. */
export function draw({ prediction }: Answered<number, Attributions>, canvas: Canvas): string {
  return drawBanner(String(prediction), canvas);
}

/**
 * The map as a heat map: red speaks for the digit, blue against it, the more the stronger. It lies beside the picture, not
 * on it: it shows the model's input, in which the digit may stand elsewhere and in another size.
 */
export function drawBeside({ explanation }: Answered<number, Attributions>, sidePx: number): string | undefined {
  if (explanation === undefined) return undefined;
  const rows = scaledRows(explanation);
  const cells = rows.flatMap((row, y) => {
    const [width, height] = [sidePx / row.length, sidePx / rows.length];
    return row.map((value, x) => {
      if (Math.abs(value) < LEAST_SHOWN) return '';
      const cell = attributes({ x: x * width, y: y * height, width, height });
      return `<rect ${cell} fill="${value > 0 ? FOR_COLOUR : AGAINST_COLOUR}" fill-opacity="${Math.abs(value).toFixed(2)}"/>`;
    });
  });
  // Else thin lines of the ground would be seen between the cells.
  return `<g shape-rendering="crispEdges">${cells.join('')}</g>`;
}

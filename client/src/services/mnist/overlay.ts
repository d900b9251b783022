import { attributes, type Canvas } from '../../drawing/canvas.js';
import { drawBanner } from '../../drawing/plates.js';
import type { Answered } from '../service.js';
import { type Attributions, scaledRows } from './answer.js';

const FOR_COLOUR = '#ef4444';
const AGAINST_COLOUR = '#3b82f6';
/** Of the strongest value: the picture is still seen below it. */
const MAX_OPACITY = 0.75;
/** Values below this share of the strongest are not drawn. */
const LEAST_SHOWN = 0.02;

/** A banner with the digit; above it, where there is one, the map as a heat map: red speaks for the digit, blue against. */
export function draw({ prediction, explanation }: Answered<number, Attributions>, canvas: Canvas): string {
  const heat = explanation === undefined ? '' : drawHeat(explanation, canvas);
  return heat + drawBanner(String(prediction), canvas);
}

/** The whole picture was stretched over the model's input, so that its map is stretched over the picture. */
function drawHeat(attributions: Attributions, { widthPx, heightPx }: Canvas): string {
  const rows = scaledRows(attributions);
  const cells = rows
    .flatMap((row, y) => {
      const [width, height] = [widthPx / row.length, heightPx / rows.length];
      return row.map((value, x) => {
        if (Math.abs(value) < LEAST_SHOWN) return '';
        const cell = attributes({ x: x * width, y: y * height, width, height });
        const opacity = (Math.abs(value) * MAX_OPACITY).toFixed(2);
        return `<rect ${cell} fill="${value > 0 ? FOR_COLOUR : AGAINST_COLOUR}" fill-opacity="${opacity}"/>`;
      });
    })
    .join('');
  // Else thin lines of the picture would be seen between the cells.
  return `<g shape-rendering="crispEdges">${cells}</g>`;
}

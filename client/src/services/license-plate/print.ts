import { centred, columnsOf } from '../../columns.js';
import { printable } from '../../printable.js';
import { errorText } from '../../table.js';
import type { ServiceResult } from '../service.js';
import type { Plate } from './answer.js';
import { plateLines } from './layout.js';

/** The results, picture by picture: each plate laid out as it is, what is known of it beside it. */
export function print(results: readonly ServiceResult<readonly Plate[]>[]): string {
  return results
    .map(({ input, answer, error }) => {
      const name = printable(input.name);
      if (error !== undefined) return `${name}: ${errorText(error)}`;
      const { prediction } = answer;
      if (prediction.length === 0) return `${name}: no plate`;
      return [`${name}:`, ...prediction.map(printPlate)].join('\n');
    })
    .join('\n\n');
}

/** A plate in a frame, three or four lines high. */
export function printPlate(plate: Plate): string {
  const { shape, confidence, box } = plate;
  const lines = plateLines(plate).map(printable);
  const width = Math.max(...lines.map(columnsOf)) + 2;
  const edge = '─'.repeat(width);
  const framed = [`┌${edge}┐`, ...lines.map((line) => `│${centred(line, width)}│`), `└${edge}┘`];
  const [x1, y1, x2, y2] = box.map((value) => Math.round(value));
  const facts = [printable(shape), `confidence ${confidence.toFixed(3)}`, `box ${x1},${y1} to ${x2},${y2}`];
  return framed.map((line, index) => `  ${line}  ${facts[index] ?? ''}`.trimEnd()).join('\n');
}

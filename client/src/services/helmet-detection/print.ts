import { resultTable } from '../../table.js';
import type { ServiceResult } from '../service.js';
import type { Detection } from './answer.js';

/** The results as a table: a row per box, with its class, confidence and corners; one row where nothing was found. */
export function print(results: readonly ServiceResult<readonly Detection[]>[]): string {
  return resultTable(results, {
    head: ['file', 'boxes', 'class', 'confidence', 'x1', 'y1', 'x2', 'y2'],
    rows: ({ prediction }) => {
      const [first = [], ...others] = prediction.map(({ x1, y1, x2, y2, confidence, class: label }) => [
        String(label),
        ...[confidence, x1, y1, x2, y2].map((value) => value.toFixed(3)),
      ]);
      return [[String(prediction.length), ...first], ...others.map((row) => ['', ...row])];
    },
  });
}

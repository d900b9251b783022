import { printable } from '../../printable.js';
import { resultTable } from '../../table.js';
import type { ServiceResult } from '../service.js';
import type { Attributions } from './answer.js';
import { LEGEND, toBlocks } from './block-map.js';

/** The results as a table, a digit per picture; below it, where they are explained, each picture's map. */
export function print(results: readonly ServiceResult<number, Attributions>[]): string {
  const table = resultTable(results, {
    head: ['file', 'digit'],
    rows: ({ prediction }) => [[String(prediction)]],
  });
  const maps = results.flatMap(({ answer, input }) =>
    answer?.explanation === undefined
      ? []
      : [`${printable(input.name)}: why ${answer.prediction}\n${toBlocks(answer.explanation)}`],
  );
  return maps.length === 0 ? table : [table, ...maps, LEGEND].join('\n\n');
}

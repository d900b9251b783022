import { resultTable } from '../../table.js';
import type { ServiceResult } from '../service.js';
import { type ClassPrediction, shareOf } from './answer.js';

/** The results as a table: a row per picture with its class, the class's logit and its share after the softmax. */
export function print(results: readonly ServiceResult<ClassPrediction>[]): string {
  return resultTable(results, {
    head: ['file', 'label', 'index', 'logit', 'share'],
    rows: ({ prediction }) => {
      const { label, index, logits } = prediction;
      const logit = logits[index];
      return [[label, String(index), logit?.toFixed(2) ?? '', shareOf(prediction, index).toFixed(3)]];
    },
  });
}

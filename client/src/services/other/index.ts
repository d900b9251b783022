import * as z from 'zod';
import { printable, printableJson } from '../../printable.js';
import { errorText } from '../../table.js';
import type { Service, ServiceResult } from '../service.js';

/** A model of any kind: what it predicts is shown as JSON. */
export const other: Service<unknown> = {
  shows: 'what the model answers, as JSON; a .json file is sent as it is',
  takes: ['picture', 'text', 'instance'],
  prediction: z.unknown(),
  explanation: z.unknown(),
  print,
};

/** Each input on a line, its prediction behind its name; its explanation on the next. */
function print(results: readonly ServiceResult<unknown>[]): string {
  return results
    .map(({ input, answer, error }) => {
      const name = printable(input.name);
      if (error !== undefined) return `${name}: ${errorText(error)}`;
      const { prediction, explanation } = answer;
      const because = explanation === undefined ? '' : `\n  explanation: ${toLine(explanation)}`;
      return `${name}: ${toLine(prediction)}${because}`;
    })
    .join('\n');
}

function toLine(value: unknown): string {
  return printableJson(JSON.stringify(value));
}

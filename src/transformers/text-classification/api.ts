import * as z from 'zod';
import type { ItemApi } from '../item-api.js';
import { TOPICS } from './labels.js';
import { TEXT_SCHEMA } from './text-item.js';

const score = z.number().min(0).max(1);

/** How text classification looks to its clients. The example is answered by the model that comes along. */
export function createTextApi(labels: readonly string[]): ItemApi {
  const label = z.string().meta({ enum: [...labels] });
  return {
    schemaName: 'Text',
    summary: `Says which class a text belongs to: ${labels.slice(0, 10).join(', ')}${labels.length > 10 ? ', …' : ''}.`,
    instance: TEXT_SCHEMA,
    mediaTypes: ['text/plain'],
    prediction: z.object({
      label: label.describe('The class of the highest score'),
      score: score.describe('Of that class'),
      scores: z.record(z.string(), score).describe('Of each class; together 1'),
    }),
    explanation: z.object({
      label: label.describe('The class that is explained'),
      score: score.describe('Of that class, for the text as it is'),
      base_score: score.describe('Of that class, when the model sees no word'),
      words: z.array(z.string()).describe('In their order, as far as the model sees the text'),
      offsets: z
        .array(z.tuple([z.int().min(0), z.int().min(0)]))
        .describe('Where each word begins and ends in the text, in characters'),
      importances: z.array(z.number()).describe("What each word adds to the score: the words' Shapley values"),
      delta: z.number().describe('score - base_score - the sum of the importances: 0 but for rounding'),
    }),
    example: labels === TOPICS ? EXAMPLE : otherExample(labels),
  };
}

/** As MiniLM with the head of `training/text_classification` answers. */
const EXAMPLE: ItemApi['example'] = {
  instance: 'The goalkeeper saved two penalties.',
  prediction: {
    label: 'Sports',
    score: 0.999446,
    scores: { World: 0.00027, Sports: 0.999446, Business: 0.000009, 'Sci-Tech': 0.000275 },
  },
  explanation: {
    label: 'Sports',
    score: 0.999446,
    base_score: 0.27675,
    words: ['The', 'goalkeeper', 'saved', 'two', 'penalties', '.'],
    offsets: [
      [0, 3],
      [4, 14],
      [15, 20],
      [21, 24],
      [25, 34],
      [34, 35],
    ],
    importances: [0.043945, 0.281238, -0.029009, 0.120502, 0.281294, 0.024726],
    delta: 0,
  },
  outputs: { predict: 'Sports' },
};

/** Of classes that are not known here, the first stands for any. */
function otherExample(labels: readonly string[]): ItemApi['example'] {
  const [label = ''] = labels;
  const scores = Object.fromEntries(labels.map((name, index) => [name, index === 0 ? 1 : 0]));
  return { instance: 'A text.', prediction: { label, score: 1, scores }, outputs: { predict: label } };
}

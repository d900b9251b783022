import * as z from 'zod';

/** What a text is about, and how likely. */
export const textPredictionSchema = z.looseObject({
  label: z.string(),
  score: z.number().describe('0..1'),
  scores: z.record(z.string(), z.number()).describe('Of each label, 0..1'),
});

/** What a text is about. */
export type TextPrediction = z.infer<typeof textPredictionSchema>;

/** What each word of a text adds to the score of the label that was explained, or takes from it. */
export const textExplanationSchema = z
  .looseObject({
    label: z.string().describe('The label that is explained'),
    score: z.number().describe('Of that label, for the text as it is'),
    base_score: z.number().describe('Of that label, when the model sees no word at all'),
    words: z.array(z.string()).describe("In the text's order"),
    importances: z.array(z.number()).describe('One for each word; together score − base_score'),
  })
  .refine(({ words, importances }) => words.length === importances.length, 'expected one importance per word');

/** What each word of a text adds to the score of the label that was explained. */
export type TextExplanation = z.infer<typeof textExplanationSchema>;

import * as z from 'zod';

/** What a text is about, and how likely. */
export const textPredictionSchema = z.looseObject({
  label: z.string(),
  score: z.number().describe('0..1'),
  scores: z.record(z.string(), z.number()).describe('Of each label, 0..1'),
});

/** What a text is about. */
export type TextPrediction = z.infer<typeof textPredictionSchema>;

/** What each word of a text speaks for its label, or against it where negative; in the order of the text. */
export const wordWeightsSchema = z.array(z.looseObject({ word: z.string(), weight: z.number() }));

/** What each word of a text speaks for its label. */
export type WordWeights = z.infer<typeof wordWeightsSchema>;

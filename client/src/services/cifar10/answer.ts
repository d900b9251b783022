import * as z from 'zod';

/** Which class a picture shows; what the client sent along, a caption for instance, stands there as well. */
export const classPredictionSchema = z.looseObject({
  label: z.string(),
  index: z.int().min(0).describe('The place of the label among the classes'),
  logits: z.array(z.number()).min(1).describe('One for each class, as the model answered them'),
});

/** Which class a picture shows. */
export type ClassPrediction = z.infer<typeof classPredictionSchema>;

/** What the softmax of the logits leaves to one of them, 0..1. */
export function shareOf({ logits }: ClassPrediction, index: number): number {
  const highest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return (weights[index] ?? NaN) / sum;
}

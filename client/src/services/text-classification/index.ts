import type { Service } from '../service.js';
import { type TextExplanation, textExplanationSchema, type TextPrediction, textPredictionSchema } from './answer.js';
import { print } from './print.js';

/** What texts are about, and which words say so. */
export const textClassification: Service<TextPrediction, TextExplanation> = {
  shows: 'the label and its score, for .txt files and --text; --explain what each word adds',
  takes: ['text'],
  prediction: textPredictionSchema,
  explanation: textExplanationSchema,
  print,
};

import type { NamedTensors, TensorMetadata } from '../../predictor/predictor.js';
import { decimals } from '../decimals.js';
import { softmax } from '../softmax.js';
import type { Predicted } from './predict.js';

/** What a text is about. */
export interface TextResult {
  readonly label: string;
  /** Of the label, 0..1. */
  readonly score: number;
  /** One for each label, in their order; their sum is 1. */
  readonly scores: readonly number[];
}

/** The label of each text; a bad item has an empty one, and its `response` says why. */
export const PREDICT_OUTPUT: TensorMetadata = { name: 'predict', datatype: 'BYTES', shape: [-1] };

/** Finer than what runtimes of the same model differ by. */
export const DECIMALS = 6;

/** Turns logits into scores, text by text; of equal scores the first label counts. */
export function postprocess(predicted: Predicted, labels: readonly string[]): TextResult[] {
  return predicted.map((logits) => {
    const scores = softmax(logits);
    const best = scores.indexOf(Math.max(...scores));
    return { label: labels[best] ?? '', score: scores[best] ?? 0, scores };
  });
}

/** A result as a prediction of V1. */
export function toPrediction({ label, score, scores }: TextResult, labels: readonly string[]) {
  return {
    label,
    score: decimals(score, DECIMALS),
    scores: Object.fromEntries(labels.map((name, index) => [name, decimals(scores[index] ?? 0, DECIMALS)])),
  };
}

/** Results as the outputs of the Open Inference Protocol. */
export function toOutputs(results: readonly (TextResult | undefined)[]): NamedTensors {
  const data = results.map((result) => Buffer.from(result?.label ?? '', 'utf8'));
  return new Map([[PREDICT_OUTPUT.name, { datatype: 'BYTES', shape: [data.length], data }]]);
}

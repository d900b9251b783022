import type { NamedTensors, TensorMetadata } from '../../predictor/predictor.js';
import type { Predicted } from './predict.js';

/** The digit of each picture; -1 for a bad item, whose `response` says why. */
export const PREDICT_OUTPUT: TensorMetadata = { name: 'predict', datatype: 'INT64', shape: [-1] };

const NO_DIGIT = -1;

/** Turns logits into digits, picture by picture: that of the highest logit, the lowest digit among equals. */
export function postprocess(predicted: Predicted): number[] {
  return predicted.map(digitOf);
}

/** The digit of the highest logit. */
export function digitOf(logits: Float32Array): number {
  return logits.indexOf(Math.max(...logits));
}

/** Digits as the outputs of the Open Inference Protocol. */
export function toOutputs(digits: readonly (number | undefined)[]): NamedTensors {
  const data = BigInt64Array.from(digits, (digit) => BigInt(digit ?? NO_DIGIT));
  return new Map([[PREDICT_OUTPUT.name, { datatype: 'INT64', shape: [data.length], data }]]);
}

import { besidesPicture } from '../../imaging/source.js';
import type { NamedTensors, TensorMetadata } from '../../predictor/predictor.js';
import { float32Tensor } from '../../tensor.js';
import type { Item } from '../transformer.js';
import { CIFAR10_CLASSES, type Cifar10Class } from './labels.js';
import type { Predicted } from './predict.js';

/** The class of one picture. */
export interface Cifar10Result {
  readonly label: Cifar10Class;
  /** The place of the label among the classes, 0..9: that of the highest logit, the first among equals. */
  readonly index: number;
  /** One for each class, as the model answered them. */
  readonly logits: Float32Array;
}

/** The predictor's logits as they are; a bad item has NaN for each, and its `response` says why. */
export const LOGITS_OUTPUT: TensorMetadata = {
  name: 'OUTPUT__0',
  datatype: 'FP32',
  shape: [-1, CIFAR10_CLASSES.length],
};

/** Turns logits into classes, picture by picture. */
export function postprocess(predicted: Predicted): Cifar10Result[] {
  return predicted.map((logits) => {
    const classes = CIFAR10_CLASSES.map((label, index) => ({ label, index, logit: logits[index] ?? NaN }));
    const { label, index } = classes.reduce((best, other) => (other.logit > best.logit ? other : best));
    return { label, index, logits };
  });
}

/** A result as a prediction of V1. What the client sent along with its picture, such as a caption, comes back with it. */
export function toPrediction({ label, index, logits }: Cifar10Result, { value }: Item): Record<string, unknown> {
  return { ...besidesPicture(value), label, index, logits: [...logits] };
}

/** Results as the outputs of the Open Inference Protocol. */
export function toOutputs(results: readonly (Cifar10Result | undefined)[]): NamedTensors {
  const width = CIFAR10_CLASSES.length;
  const logits = new Float32Array(results.length * width).fill(NaN);
  for (const [row, result] of results.entries()) if (result !== undefined) logits.set(result.logits, row * width);
  return new Map([[LOGITS_OUTPUT.name, float32Tensor([results.length, width], logits)]]);
}

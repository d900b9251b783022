import { type ImageModel, type ModelRunner, runOnSamples } from '../image-model.js';
import { DIGITS } from './labels.js';
import { MNIST_INPUT, normalise, type Prepared } from './preprocess.js';

/** What the classifier says of each picture: a logit for each digit. */
export type Predicted = readonly Float32Array[];

/** The classifier by its name on the predictor. */
export function mnistModel(name: string): ImageModel<'output', Float32Array> {
  return {
    name,
    input: 'input',
    spec: MNIST_INPUT,
    outputs: { output: [DIGITS] },
    read: ({ output: logits }) => logits.slice(),
  };
}

/** Classifies digits. */
export function predict(runner: ModelRunner, modelName: string, { digits }: Prepared): Promise<Predicted> {
  return runOnSamples(runner, mnistModel(modelName), digits.map(normalise));
}

import { type ImageModel, type ModelRunner, runOnSamples } from '../image-model.js';
import { CIFAR10_CLASSES } from './labels.js';
import { CIFAR10_INPUT, type Prepared } from './preprocess.js';

/** What the classifier says of each picture: a logit for each class. */
export type Predicted = readonly Float32Array[];

/** The classifier by its name on the predictor. Its tensors are named as Triton's PyTorch backend demands. */
function cifar10Model(name: string): ImageModel<'OUTPUT__0', Float32Array> {
  return {
    name,
    input: 'INPUT__0',
    spec: CIFAR10_INPUT,
    outputs: { OUTPUT__0: [CIFAR10_CLASSES.length] },
    read: ({ OUTPUT__0: logits }) => logits.slice(),
  };
}

/** Classifies pictures. */
export function predict(runner: ModelRunner, modelName: string, { samples }: Prepared): Promise<Predicted> {
  return runOnSamples(runner, cifar10Model(modelName), samples);
}

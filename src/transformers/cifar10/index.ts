import { type EncodedSource, openSource } from '../encoded-picture.js';
import { modelRunner } from '../image-model.js';
import { imageTensors } from '../image-tensors.js';
import { missingModels } from '../missing-models.js';
import type { Transformer, TransformerServices } from '../transformer.js';
import { CIFAR10_API } from './api.js';
import { type Cifar10Result, LOGITS_OUTPUT, postprocess, toOutputs, toPrediction } from './postprocess.js';
import { type Predicted, predict } from './predict.js';
import { CIFAR10_INPUT, type Prepared, preprocess } from './preprocess.js';

/** What the model is called on the predictor, unless the configuration says otherwise. */
const MODEL_NAME = 'cifar10';

/** Which of the ten classes of CIFAR-10 a picture shows. */
export type Cifar10Transformer = Transformer<EncodedSource, Float32Array, Prepared, Predicted, Cifar10Result>;

/** Makes the service that classifies pictures: one model, each picture as a whole. */
export function createCifar10(services: TransformerServices): Cifar10Transformer {
  const model = services.predictorModelName ?? MODEL_NAME;
  const how = { spec: CIFAR10_INPUT, resize: services.resize };
  return {
    open: (item, context) => openSource(item, services, context),
    decode: (source, { signal }) => services.sampler.sample(source, how, { signal }),
    preprocess: async (samples) => Promise.resolve(preprocess(samples)),
    predict: (prepared, context) => predict(modelRunner(services, context), model, prepared),
    postprocess: async (predicted) => Promise.resolve(postprocess(predicted)),
    toPrediction,
    tensors: imageTensors({ outputs: [LOGITS_OUTPUT], toOutputs }),
    api: CIFAR10_API,
    missingModels: (signal) => missingModels(services.predictor, [model], signal),
  };
}

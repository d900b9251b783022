import { modelRunner } from '../image-model.js';
import { missingModels } from '../missing-models.js';
import type { Transformer, TransformerServices } from '../transformer.js';
import { MNIST_API } from './api.js';
import { decodeDigit, type DigitSource, openDigit } from './digit-source.js';
import { type Attributions, explain } from './explain.js';
import type { MnistOptions } from './options.js';
import { postprocess } from './postprocess.js';
import { type Predicted, predict } from './predict.js';
import { type Prepared, preprocess } from './preprocess.js';
import { mnistTensors } from './tensors.js';

/** What the model is called on the predictor, unless the configuration says otherwise. */
const MODEL_NAME = 'mnist';

/** Which digit is written. */
export type MnistTransformer = Transformer<DigitSource, Float32Array, Prepared, Predicted, number, Attributions>;

/** Makes the service that reads handwritten digits, and says which pixels spoke for what it read. */
export function createMnist(services: TransformerServices, options: MnistOptions): MnistTransformer {
  const model = services.predictorModelName ?? MODEL_NAME;
  const settings = { maxRows: options.mnist_explain_samples, seed: options.mnist_explain_seed };
  return {
    open: (item, context) => openDigit(item, services, { context, options }),
    decode: (source, { signal }, memory) => decodeDigit(source, services, { options, signal, memory }),
    preprocess: async (digits) => Promise.resolve(preprocess(digits)),
    predict: (prepared, context) => predict(modelRunner(services, context), model, prepared),
    postprocess: async (predicted) => Promise.resolve(postprocess(predicted)),
    explain: (prepared, context) => explain(modelRunner(services, context), model, { prepared, settings }),
    toPrediction: (digit) => digit,
    tensors: mnistTensors(),
    api: MNIST_API,
    missingModels: (signal) => missingModels(services.predictor, [model], signal),
  };
}

import { createMetrics } from '../../src/observability/metrics.js';
import { NO_SPAN } from '../../src/observability/span.js';
import type { InferRequest, ModelReference, NamedTensors, Predictor } from '../../src/predictor/predictor.js';
import { float32Tensor } from '../../src/tensor.js';
import { createCifar10 } from '../../src/transformers/cifar10/index.js';
import { toPrediction } from '../../src/transformers/item-answers.js';
import { createReadiness } from '../../src/transformers/readiness.js';
import { createTransformerRunner } from '../../src/transformers/run-transformer.js';
import { serveItems } from '../../src/transformers/serve-items.js';
import type { ServedCall } from '../../src/transformers/served-call.js';
import type { ItemModel } from '../../src/transformers/served-model.js';
import { inlineSampling, inlineWorkers } from './inline-workers.js';
import { requestPictures } from './picture-sources.js';
import { wideLimits } from './run-limits.js';

/** How the predictor behind the service behaves. */
export interface Cifar10Behaviour {
  readonly predictorModelName?: string;
  readonly maxBatchSize?: number;
  /** The logits of one item of `INPUT__0`; the red values of its first ten pixels when absent. */
  readonly logitsOf?: (item: Float32Array) => readonly number[];
  /** Replaces the outputs. */
  readonly spoil?: (outputs: NamedTensors) => NamedTensors;
  readonly isModelReady?: (model: string) => boolean;
}

/** A served cifar10, and what its predictor is asked. */
export interface ServedCifar10 {
  readonly model: ItemModel;
  readonly calls: readonly InferRequest[];
  /** V1's predictions for instances. */
  readonly predict: (instances: readonly unknown[]) => Promise<unknown[]>;
  readonly missingModels: () => Promise<readonly string[]>;
}

const ITEM_VALUES = 3 * 32 * 32;
const LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A call of which nothing is watched. */
export function plainCall(): ServedCall {
  const { signal } = new AbortController();
  return { requestId: 'r1', headers: {}, signal, times: new Map(), span: NO_SPAN };
}

/** Serves cifar10 over a predictor of a few lines. */
export function serveCifar10(behaviour: Cifar10Behaviour = {}): ServedCifar10 {
  const { predictor, calls } = fakePredictor(behaviour);
  const transformer = createCifar10({
    predictor,
    modelName: 'cifar10',
    predictorModelName: behaviour.predictorModelName,
    pictures: requestPictures,
    workers: inlineWorkers,
    ...inlineSampling,
    logger: LOGGER,
    maxPixels: 100_000,
    maxPredictorBodyBytes: 66_000_000,
  });
  const run = createTransformerRunner({
    modelName: 'cifar10',
    transformer,
    limits: wideLimits(),
    itemErrors: 'keep',
    metrics: createMetrics(),
    logger: LOGGER,
  });
  const readiness = createReadiness({ modelName: 'cifar10', transformer, logger: LOGGER });
  const model = serveItems({ name: 'cifar10', transformer, run, readiness, singleResponse: 'multi' });
  return {
    model,
    calls,
    predict: async (instances) => {
      const items = instances.map((value, index) => ({ path: `instances[${index}]`, value }));
      const results = await run({ ...plainCall(), items });
      return results.map((outcome, index) => toPrediction(transformer, outcome, items[index] ?? fail(index)));
    },
    missingModels: () => transformer.missingModels(new AbortController().signal),
  };
}

function fakePredictor(behaviour: Cifar10Behaviour): { predictor: Predictor; calls: InferRequest[] } {
  const { maxBatchSize = 32, logitsOf = firstTen, spoil = unspoilt, isModelReady = () => true } = behaviour;
  const calls: InferRequest[] = [];
  const predictor: Predictor = {
    address: 'fake',
    infer: (request) => {
      calls.push(request);
      const [input] = request.inputs.values();
      if (input?.datatype !== 'FP32') throw new TypeError('the input is no FP32 tensor');
      const [count = 0] = input.shape;
      const rows = Array.from({ length: count }, (_, i) =>
        logitsOf(input.data.subarray(i * ITEM_VALUES, (i + 1) * ITEM_VALUES)),
      );
      const logits = float32Tensor([count, 10], Float32Array.from(rows.flat()));
      return Promise.resolve({ outputs: spoil(new Map([['OUTPUT__0', logits]])) });
    },
    modelInfo: (model) =>
      Promise.resolve({ name: nameOf(model), inputs: [], outputs: [], maxBatchSize, versions: [], platform: '' }),
    isModelReady: (model) => Promise.resolve(isModelReady(nameOf(model))),
    isServerReady: () => Promise.resolve(true),
    close: () => Promise.resolve(),
  };
  return { predictor, calls };
}

function firstTen(item: Float32Array): number[] {
  return [...item.subarray(0, 10)];
}

function unspoilt(outputs: NamedTensors): NamedTensors {
  return outputs;
}

function nameOf(model: ModelReference): string {
  return typeof model === 'string' ? model : model.model;
}

function fail(index: number): never {
  throw new RangeError(`no item ${index}`);
}

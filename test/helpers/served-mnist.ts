import { createMetrics } from '../../src/observability/metrics.js';
import type { InferRequest, ModelReference, NamedTensors, Predictor } from '../../src/predictor/predictor.js';
import { float32Tensor } from '../../src/tensor.js';
import { toExplanation, toPrediction } from '../../src/transformers/item-answers.js';
import { createMnist } from '../../src/transformers/mnist/index.js';
import { type MnistOptions, mnistOptions } from '../../src/transformers/mnist/options.js';
import { createReadiness } from '../../src/transformers/readiness.js';
import { createTransformerRunner, type Verb } from '../../src/transformers/run-transformer.js';
import { serveItems } from '../../src/transformers/serve-items.js';
import type { ItemModel } from '../../src/transformers/served-model.js';
import { inlineSampling, inlineWorkers } from './inline-workers.js';
import { requestPictures } from './picture-sources.js';
import { plainCall } from './served-cifar10.js';
import { wideLimits } from './run-limits.js';

/** How the predictor behind the service behaves. */
export interface MnistBehaviour {
  readonly options?: Partial<MnistOptions>;
  readonly predictorModelName?: string;
  readonly maxBatchSize?: number;
  /** The logits of one item of `input`, `[28, 28]`; all 0 when absent. */
  readonly logitsOf?: (item: Float32Array) => readonly number[];
  /** Replaces the outputs. */
  readonly spoil?: (outputs: NamedTensors) => NamedTensors;
  readonly isModelReady?: (model: string) => boolean;
}

/** A served mnist, and what its predictor is asked. */
export interface ServedMnist {
  readonly model: ItemModel;
  readonly calls: readonly InferRequest[];
  /** V1's predictions for instances. */
  readonly predict: (instances: readonly unknown[]) => Promise<unknown[]>;
  /** V1's explanations for instances. */
  readonly explain: (instances: readonly unknown[], signal?: AbortSignal) => Promise<unknown[]>;
  readonly missingModels: () => Promise<readonly string[]>;
}

const ITEM_VALUES = 28 * 28;
const LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Serves mnist over a predictor of a few lines. */
export function serveMnist(behaviour: MnistBehaviour = {}): ServedMnist {
  const { predictor, calls } = fakePredictor(behaviour);
  const transformer = createMnist(
    {
      predictor,
      modelName: 'mnist',
      predictorModelName: behaviour.predictorModelName,
      pictures: requestPictures,
      workers: inlineWorkers,
      ...inlineSampling,
      logger: LOGGER,
      maxPixels: 100_000,
      maxPredictorBodyBytes: 66_000_000,
    },
    { ...mnistOptions.parse({}), ...behaviour.options },
  );
  const run = createTransformerRunner({
    modelName: 'mnist',
    transformer,
    limits: wideLimits(),
    itemErrors: 'keep',
    metrics: createMetrics(),
    logger: LOGGER,
  });
  const readiness = createReadiness({ modelName: 'mnist', transformer, logger: LOGGER });
  const outcomesOf = (instances: readonly unknown[], verb: Verb, signal = plainCall().signal) => {
    const items = instances.map((value, index) => ({ path: `instances[${index}]`, value }));
    return run({ ...plainCall(), signal, items, verb });
  };
  return {
    model: serveItems({ name: 'mnist', transformer, run, readiness, singleResponse: 'multi' }),
    calls,
    predict: async (instances) => {
      const outcomes = await outcomesOf(instances, 'predict');
      return outcomes.map((outcome) => toPrediction(transformer, outcome, { path: '', value: undefined }));
    },
    explain: async (instances, signal) => (await outcomesOf(instances, 'explain', signal)).map(toExplanation),
    missingModels: () => transformer.missingModels(new AbortController().signal),
  };
}

/** The values of a call's input. */
export function inputOf(call: InferRequest | undefined): { shape: readonly number[]; data: Float32Array } {
  const input = call?.inputs.get('input');
  if (input?.datatype !== 'FP32') throw new TypeError('input is no FP32 tensor');
  return input;
}

/** As the model's input has a grey value of 0..1. */
export function normalised(grey: number): number {
  return (grey - 0.1307) / 0.3081;
}

function fakePredictor(behaviour: MnistBehaviour): { predictor: Predictor; calls: InferRequest[] } {
  const { maxBatchSize = 64, logitsOf, spoil = (outputs: NamedTensors) => outputs } = behaviour;
  const calls: InferRequest[] = [];
  const predictor: Predictor = {
    address: 'fake',
    infer: async (request, { signal } = {}) => {
      calls.push(request);
      signal?.throwIfAborted();
      const { shape, data } = inputOf(request);
      const [count = 0] = shape;
      const rows = Array.from({ length: count }, (_, i) => {
        const item = data.subarray(i * ITEM_VALUES, (i + 1) * ITEM_VALUES);
        return logitsOf === undefined ? new Array<number>(10).fill(0) : logitsOf(item);
      });
      return { outputs: spoil(new Map([['output', float32Tensor([count, 10], Float32Array.from(rows.flat()))]])) };
    },
    modelInfo: (model) =>
      Promise.resolve({ name: nameOf(model), inputs: [], outputs: [], maxBatchSize, versions: [], platform: '' }),
    isModelReady: (model) => Promise.resolve(behaviour.isModelReady?.(nameOf(model)) ?? true),
    isServerReady: () => Promise.resolve(true),
    close: () => Promise.resolve(),
  };
  return { predictor, calls };
}

function nameOf(model: ModelReference): string {
  return typeof model === 'string' ? model : model.model;
}

import { readFileSync } from 'node:fs';
import { createMetrics } from '../../src/observability/metrics.js';
import type { InferRequest, ModelInfo, NamedTensors, Predictor } from '../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';
import { toExplanation, toPrediction } from '../../src/transformers/item-answers.js';
import { createReadiness } from '../../src/transformers/readiness.js';
import { createTransformerRunner, type Verb } from '../../src/transformers/run-transformer.js';
import { serveItems } from '../../src/transformers/serve-items.js';
import type { ItemModel } from '../../src/transformers/served-model.js';
import { createTextClassification } from '../../src/transformers/text-classification/index.js';
import { textClassificationOptions } from '../../src/transformers/text-classification/options.js';
import { TINY_VOCABULARY } from './golden-texts.js';
import { inlineSampling, inlineWorkers } from './inline-workers.js';
import { requestPictures } from './picture-sources.js';
import { plainCall } from './served-cifar10.js';
import { wideLimits } from './run-limits.js';

/** How the predictor behind the service behaves. */
export interface TextBehaviour {
  /** Options of the service beside the vocabulary. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly info?: Partial<ModelInfo>;
  /** Replaces the outputs. */
  readonly spoil?: (outputs: NamedTensors) => NamedTensors;
  readonly isModelReady?: boolean;
}

/** A served text classification, and what its predictor is asked. */
export interface ServedText {
  readonly model: ItemModel;
  readonly calls: readonly InferRequest[];
  readonly predict: (instances: readonly unknown[]) => Promise<unknown[]>;
  readonly explain: (instances: readonly unknown[]) => Promise<unknown[]>;
}

const VOTES = Object.values(
  JSON.parse(readFileSync('test/fixtures/text/words.json', 'utf8')) as Record<string, readonly number[]>,
);
const SCALE = 12;
const LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Serves text classification over a predictor that counts the votes of words, as the tiny model of the fixtures. */
export function serveText(behaviour: TextBehaviour = {}): ServedText {
  const { predictor, calls } = fakePredictor(behaviour);
  const options = textClassificationOptions.parse({
    text_classification_tokenizer: TINY_VOCABULARY,
    ...behaviour.options,
  });
  const transformer = createTextClassification(
    {
      predictor,
      modelName: 'texts',
      predictorModelName: undefined,
      pictures: requestPictures,
      workers: inlineWorkers,
      ...inlineSampling,
      logger: LOGGER,
      maxPixels: 100_000,
      maxPredictorBodyBytes: 66_000_000,
    },
    options,
  );
  const run = createTransformerRunner({
    modelName: 'texts',
    transformer,
    limits: wideLimits(),
    itemErrors: 'keep',
    metrics: createMetrics(),
    logger: LOGGER,
  });
  const readiness = createReadiness({ modelName: 'texts', transformer, logger: LOGGER });
  const model = serveItems({ name: 'texts', transformer, run, readiness, singleResponse: 'multi' });
  const outcomes = async (instances: readonly unknown[], verb: Verb) => {
    const items = instances.map((value, index) => ({ path: `instances[${index}]`, value }));
    const results = await run({ ...plainCall(), items, verb });
    return results.map((outcome, index) =>
      verb === 'explain'
        ? toExplanation(outcome)
        : toPrediction(transformer, outcome, items[index] ?? { path: '', value: '' }),
    );
  };
  return {
    model,
    calls,
    predict: (instances) => outcomes(instances, 'predict'),
    explain: (instances) => outcomes(instances, 'explain'),
  };
}

/** The values of an integer input, row by row. */
export function rowsOf(request: InferRequest | undefined, name: string): number[][] {
  const tensor = request?.inputs.get(name);
  if (tensor?.datatype !== 'INT64' && tensor?.datatype !== 'INT32')
    throw new TypeError(`${name} is no tensor of integers`);
  const [count = 0, length = 0] = tensor.shape;
  const values = Array.from<bigint | number, number>(tensor.data, Number);
  return Array.from({ length: count }, (_, row) => values.slice(row * length, (row + 1) * length));
}

function fakePredictor({ info = {}, spoil = (outputs) => outputs, isModelReady = true }: TextBehaviour) {
  const calls: InferRequest[] = [];
  const described: ModelInfo = {
    name: 'text_classification',
    inputs: [],
    outputs: [],
    maxBatchSize: 8,
    versions: ['1'],
    platform: '',
    ...info,
  };
  const predictor: Predictor = {
    address: 'fake',
    infer: async (request) => {
      calls.push(request);
      const masks = rowsOf(request, 'attention_mask');
      const means = rowsOf(request, 'input_ids').map((ids, row) => meanVotes(ids, masks[row] ?? []));
      const tensor = (scale: number): AnyTensor =>
        float32Tensor(
          [means.length, 4],
          Float32Array.from(means.flat(), (mean) => mean * scale),
        );
      const outputs = new Map([
        ['logits', tensor(SCALE)],
        ['sentence_embedding', tensor(1)],
      ]);
      return { outputs: spoil(outputs) };
    },
    modelInfo: async () => described,
    isModelReady: async () => isModelReady,
    isServerReady: async () => true,
    close: async () => undefined,
  };
  return { predictor, calls };
}

function meanVotes(ids: readonly number[], mask: readonly number[]): number[] {
  const shown = ids.filter((_, at) => mask[at] === 1);
  return [0, 1, 2, 3].map((topic) => shown.reduce((sum, id) => sum + (VOTES[id]?.[topic] ?? 0), 0) / shown.length);
}

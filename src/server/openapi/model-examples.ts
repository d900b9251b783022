import type { ItemExample } from '../../transformers/item-api.js';
import type { DescribedItemModel, DescribedModel } from './described-model.js';
import type { Example } from './open-api-document.js';

/** Bodies and the answers to them, each pair under one name. */
export interface ExamplePairs {
  readonly requests: Readonly<Record<string, Example>>;
  readonly answers: Readonly<Record<string, Example>>;
}

/** A body with the answer to it. */
interface ExamplePair {
  readonly summary: string;
  readonly request: unknown;
  readonly answer: unknown;
}

/** The output that holds each item's answer as JSON text. */
const RESPONSE = 'response';

/** Examples for V1's `:predict`; none where the service gives no example. */
export function predictExamples(model: DescribedModel): ExamplePairs {
  const example = exampleOf(model);
  if (model.kind === 'requests' || example === undefined) return toPairs({});
  const { instance, prediction, response } = example;
  const single = { multi_data: [response] };
  return toPairs({
    ...(response !== undefined && {
      multi_data: {
        summary: 'A MultiRequest',
        request: { multi_data: [{ data: { item: instance } }] },
        answer: { multi_data: [response] },
      },
      data: {
        summary: 'A Request',
        request: { data: { item: instance } },
        answer: model.singleResponse === 'bare' ? response : single,
      },
    }),
    instances: { summary: 'Instances', request: { instances: [instance] }, answer: { predictions: [prediction] } },
    inputs: inferPair(model, example),
  });
}

/** Examples for V1's `:explain`. */
export function explainExamples(model: DescribedModel): ExamplePairs {
  const example = exampleOf(model);
  if (example?.explanation === undefined) return toPairs({});
  const { instance, explanation } = example;
  return toPairs({
    instances: { summary: 'Instances', request: { instances: [instance] }, answer: { explanations: [explanation] } },
  });
}

/** Examples for inference by the Open Inference Protocol. */
export function inferExamples(model: DescribedModel): ExamplePairs {
  const example = exampleOf(model);
  return toPairs(model.kind === 'requests' || example === undefined ? {} : { inputs: inferPair(model, example) });
}

function exampleOf(model: DescribedModel): ItemExample | undefined {
  return model.kind === 'items' ? model.transformer.api?.example : undefined;
}

function inferPair({ name, info }: DescribedItemModel, example: ItemExample): ExamplePair {
  const { instance, response, prediction, outputs } = example;
  const id = 'example-1';
  const valueOf = (output: string) => (output === RESPONSE ? JSON.stringify(response ?? prediction) : outputs[output]);
  const tensorOf = (value: string | number | readonly number[] | undefined) =>
    typeof value === 'object' ? { shape: [1, value.length], data: value } : { shape: [1], data: [value] };
  return {
    summary: 'An inference request of the Open Inference Protocol',
    request: {
      id,
      // An item as text stands in the input of BYTES; a service may take it in another one instead.
      inputs: info.inputs
        .filter(({ datatype }) => datatype === 'BYTES')
        .map((input) => ({ ...input, shape: [1], data: [instance] })),
    },
    answer: {
      model_name: name,
      model_version: info.versions[0],
      id,
      outputs: info.outputs.map((output) => ({ ...output, ...tensorOf(valueOf(output.name)) })),
    },
  };
}

function toPairs(pairs: Readonly<Record<string, ExamplePair>>): ExamplePairs {
  const side = (key: 'request' | 'answer') =>
    Object.fromEntries(
      Object.entries(pairs).map(([name, pair]) => [name, { summary: pair.summary, value: pair[key] }]),
    );
  return { requests: side('request'), answers: side('answer') };
}

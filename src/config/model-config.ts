import type * as z from 'zod';
import { type GivenValues, originOf } from './given-values.js';
import type { ReadyModels } from './list-fields.js';
import { modelOptions } from './option-groups.js';
import { parseOptions } from './parse-options.js';
import type { ModelEntry } from './read-config-file.js';

/** How a served model calls its predictor. */
export interface PredictorConfig {
  readonly host: string;
  /** By the address when undefined. */
  readonly protocol: 'v1' | 'v2' | 'grpc-v2' | undefined;
  /** TLS where the address names no scheme. */
  readonly useSsl: boolean;
  /** The model's name on the predictor; the transformer's own when undefined. */
  readonly modelName: string | undefined;
  readonly requestTimeoutMs: number;
  /** How often a call is made again; 0 for never. */
  readonly retries: number;
  /** How long a call may wait for those of other requests, to be made as one with them; 0 for never. */
  readonly maxBatchDelayMs: number;
}

/** One model that the process serves. */
export interface ModelConfig {
  readonly name: string;
  /** One of the transformers there are. */
  readonly transformer: string;
  /** The transformer's own options, under their names. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly predictor: PredictorConfig;
  readonly readyModels: ReadyModels;
  readonly itemErrors: 'keep' | 'fail';
  readonly singleResponse: 'multi' | 'bare';
  /** How whole pictures are brought to the size of a model. */
  readonly resize: 'exact' | 'fast';
}

/** The served models, and what is wrong with those that are not among them. */
export interface LoadedModels {
  readonly models: readonly ModelConfig[];
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

/** The options of each transformer there is. */
export type TransformerOptions = Readonly<Record<string, z.ZodObject>>;

/** What says which transformer a model runs, so that its options are checked even where others are wrong. */
const IDENTITY = modelOptions.pick({ model_name: true, transformer: true });

/**
 * Completes the served models: the one of flags and environment, or those of the file's list, in which what an entry
 * leaves out is as given for all.
 */
export function loadModels(
  entries: readonly ModelEntry[] | undefined,
  given: GivenValues,
  transformers: TransformerOptions,
): LoadedModels {
  if (entries === undefined) return joined([loadModel(given, transformers)]);
  const loaded = entries.map(({ place, values }) => {
    if (!values.has('model_name')) return nothing(`key ${place}.model_name of the configuration file is missing`);
    const { models, ...rest } = loadModel(new Map([...given, ...values]), transformers);
    return { models, ...rest, warnings: foreignKeys(values, models[0]?.transformer, transformers) };
  });
  return joined([...loaded, { models: [], warnings: passedOverName(entries, given), problems: namesTwice(entries) }]);
}

function loadModel(given: GivenValues, transformers: TransformerOptions): LoadedModels {
  const { values, problems } = parseOptions(modelOptions, given);
  const identity = parseOptions(IDENTITY, given).values;
  if (identity === undefined) return { models: [], warnings: [], problems };
  const transformer = identity.transformer ?? identity.model_name;
  const schema = Object.hasOwn(transformers, transformer) ? transformers[transformer] : undefined;
  const own =
    schema === undefined
      ? { values: undefined, problems: [unknownTransformer(given, transformer, Object.keys(transformers))] }
      : parseOptions(schema, given);
  if (values === undefined || own.values === undefined)
    return { models: [], warnings: [], problems: [...problems, ...own.problems] };
  const model: ModelConfig = {
    name: values.model_name,
    transformer,
    options: Object.freeze(own.values),
    predictor: Object.freeze({
      host: values.predictor_host,
      protocol: values.predictor_protocol,
      useSsl: values.predictor_use_ssl,
      modelName: values.predictor_model_name,
      requestTimeoutMs: values.predictor_request_timeout_seconds * 1000,
      retries: values.predictor_request_retries,
      maxBatchDelayMs: values.max_batch_delay_ms,
    }),
    readyModels: values.ready_models,
    itemErrors: values.item_errors,
    singleResponse: values.single_response,
    resize: values.resize,
  };
  return { models: [Object.freeze(model)], warnings: [], problems: [] };
}

function unknownTransformer(given: GivenValues, transformer: string, names: readonly string[]): string {
  const known = names.join(', ');
  return given.has('transformer')
    ? `${originOf(given, 'transformer')}: there is no transformer "${transformer}"; the names are ${known}`
    : `${originOf(given, 'model_name')} "${transformer}" is not the name of a transformer: say which one to run by --transformer, or the key transformer (${known})`;
}

/** Keys that the entry's model has no use for: misspelt ones, those of other transformers, those of the process. */
function foreignKeys(values: GivenValues, transformer: string | undefined, transformers: TransformerOptions): string[] {
  const schemas = Object.entries(transformers).filter(([name]) => transformer === undefined || name === transformer);
  const known = new Set(
    [modelOptions, ...schemas.map(([, schema]) => schema)].flatMap(({ shape }) => Object.keys(shape)),
  );
  return [...values]
    .filter(([name]) => !known.has(name))
    .map(([, { origin }]) => `${origin} is passed over: a served model has no such option`);
}

/** KServe's controller always gives a name; with a list it is one of the list's, or of no use. */
function passedOverName(entries: readonly ModelEntry[], given: GivenValues): string[] {
  const name = given.get('model_name');
  const names = entries.map(({ values }) => values.get('model_name')?.value);
  return name === undefined || names.includes(name.value)
    ? []
    : [
        `${name.origin} "${String(name.value)}" is passed over: the configuration file's models are ${names.join(', ')}`,
      ];
}

function namesTwice(entries: readonly ModelEntry[]): string[] {
  const seen = new Map<unknown, string>();
  return entries.flatMap(({ place, values }) => {
    const name = values.get('model_name');
    const first = seen.get(name?.value);
    if (name === undefined) return [];
    seen.set(name.value, first ?? place);
    return first === undefined ? [] : [`${name.origin} "${String(name.value)}" is the name of ${first}, too`];
  });
}

function joined(parts: readonly LoadedModels[]): LoadedModels {
  return {
    models: parts.flatMap(({ models }) => models),
    warnings: parts.flatMap(({ warnings }) => warnings),
    problems: parts.flatMap(({ problems }) => problems),
  };
}

function nothing(problem: string): LoadedModels {
  return { models: [], warnings: [], problems: [problem] };
}

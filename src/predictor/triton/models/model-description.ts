import { excerpt } from '../../../errors.js';
import { isDatatype } from '../../../tensor.js';
import type { ModelInfo, TensorMetadata } from '../../predictor.js';
import type { MetadataTensor, ModelMetadata } from '../administration.js';
import { invalidAnswer } from '../upstream-error.js';
import type { ModelConfig, ModelConfigInput } from './model-config.js';

/** One input of a model. */
export interface InputDescription extends TensorMetadata {
  readonly isOptional: boolean;
  /** Whether requests whose shapes differ may be put into one batch; one request's shapes keep to the same rules. */
  readonly allowsRaggedBatch: boolean;
  /** Whether its values are a shape (TensorRT): its own shape may be given without the batch dimension. */
  readonly isShapeTensor: boolean;
}

/** All that is known of what a model takes and gives. */
export interface ModelDescription extends ModelInfo {
  readonly inputs: readonly InputDescription[];
  /** Batch sizes that the server's dynamic batching aims at; none where the configuration names none. */
  readonly preferredBatchSizes: readonly number[];
  /** Whether it answers a request any number of times, and so only on a stream. */
  readonly isDecoupled: boolean;
  /** Whether its requests are scheduled as sequences, each of one item. */
  readonly isSequence: boolean;
  /** Whether each request must name its sequence; not so for iterative sequences, which the server makes itself. */
  readonly needsSequenceId: boolean;
  /**
   * False when the server shows no configuration, being no Triton: then optional inputs, batches, decoupled models and
   * sequences are not known of, and `maxBatchSize` is a guess from the shapes.
   */
  readonly hasConfig: boolean;
}

/**
 * Puts together what a model takes and gives: names, datatypes and whole shapes from its metadata (Open Inference
 * Protocol, where Triton puts -1 in front for the batch), the rest from its configuration (model_config.proto).
 * @param config undefined when the server has none to show. Then every input may be missing, and a model whose inputs
 * all have a first dimension of any size takes batches of any size.
 * @throws ServiceError `upstream_error` when the metadata name an unknown datatype
 */
export function describeModel(
  model: string,
  metadata: Omit<ModelMetadata, 'name'>,
  config: ModelConfig | undefined,
): ModelDescription {
  const inputs = metadata.inputs.map((tensor) => {
    const configured = config?.input?.find(({ name }) => name === tensor.name);
    return { ...toTensorMetadata(tensor, model), ...toInputTraits(configured) };
  });
  const isOpenEnded = inputs.length > 0 && inputs.every((input) => input.shape[0] === -1);
  const sequences = config?.sequence_batching ?? undefined;
  return {
    name: model,
    versions: metadata.versions,
    platform: metadata.platform,
    inputs,
    outputs: metadata.outputs.map((tensor) => toTensorMetadata(tensor, model)),
    maxBatchSize: config === undefined ? (isOpenEnded ? Infinity : 0) : (config.max_batch_size ?? 0),
    preferredBatchSizes: config?.dynamic_batching?.preferred_batch_size ?? [],
    isDecoupled: config?.model_transaction_policy?.decoupled ?? false,
    isSequence: sequences !== undefined,
    needsSequenceId: sequences !== undefined && sequences.iterative_sequence !== true,
    hasConfig: config !== undefined,
  };
}

/** The part of a description that every predictor has. */
export function toModelInfo(description: ModelDescription): ModelInfo {
  const { name, inputs, outputs, maxBatchSize, versions, platform } = description;
  return {
    name,
    inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    outputs,
    maxBatchSize,
    versions,
    platform,
  };
}

function toInputTraits(configured: ModelConfigInput | undefined): Omit<InputDescription, keyof TensorMetadata> {
  return {
    isOptional: configured === undefined || (configured.optional ?? false),
    allowsRaggedBatch: configured?.allow_ragged_batch ?? false,
    isShapeTensor: configured?.is_shape_tensor ?? false,
  };
}

function toTensorMetadata({ name, datatype, shape }: MetadataTensor, model: string): TensorMetadata {
  if (isDatatype(datatype)) return { name, datatype, shape };
  const problem = `tensor ${name} has the unknown datatype ${JSON.stringify(excerpt(datatype))}`;
  throw invalidAnswer(`model ${model}`, problem);
}

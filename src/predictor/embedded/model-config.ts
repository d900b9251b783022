import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import textFormat from 'protobufjs/ext/textformat.js';
import { excerpt, ServiceError } from '../../errors.js';
import { type FixedDatatype, TYPED_ARRAYS } from '../../tensor.js';
import type { ModelSpec, TensorSpec } from './model-spec.js';

/** What a config.pbtxt says, as far as this runtime honours it. */
export interface ModelConfig {
  readonly spec: ModelSpec;
  /** The model's file inside its version's folder. */
  readonly filename: string;
  /** The versions that may be served; any of those in the folder when undefined. */
  readonly versions: readonly number[] | undefined;
}

/** The fields of protos/model_config.proto that are read here; lists that are empty in the text are empty arrays. */
interface ConfigMessage {
  name: string;
  platform: string;
  backend: string;
  maxBatchSize: number;
  input: TensorMessage[];
  output: TensorMessage[];
  defaultModelFilename: string;
  versionPolicy: { specific?: { versions: number[] } } | null;
  batchInput: unknown[];
  batchOutput: unknown[];
  modelTransactionPolicy: { decoupled: boolean } | null;
  ensembleScheduling?: unknown;
  sequenceBatching?: unknown;
}

interface TensorMessage {
  name: string;
  dataType: string;
  dims: number[];
  reshape: { shape: number[] } | null;
  isShapeTensor: boolean;
  allowRaggedBatch?: boolean;
  optional?: boolean;
}

const PROTO = fileURLToPath(new URL('../../../protos/model_config.proto', import.meta.url));
/** Triton's own default for ONNX models. */
const DEFAULT_FILENAME = 'model.onnx';

/** What would change the answers and is not done here. What only changes speed (batching, instances …) is passed over. */
const UNSUPPORTED: readonly { what: string; isAskedFor: (config: ConfigMessage) => boolean }[] = [
  { what: 'ensemble_scheduling', isAskedFor: (config) => config.ensembleScheduling !== undefined },
  { what: 'sequence_batching', isAskedFor: (config) => config.sequenceBatching !== undefined },
  { what: 'decoupled answers', isAskedFor: (config) => config.modelTransactionPolicy?.decoupled === true },
  { what: 'batch_input', isAskedFor: (config) => config.batchInput.length > 0 },
  { what: 'batch_output', isAskedFor: (config) => config.batchOutput.length > 0 },
  { what: 'a ragged batch', isAskedFor: (config) => config.input.some((input) => input.allowRaggedBatch === true) },
  { what: 'an optional input', isAskedFor: (config) => config.input.some((input) => input.optional === true) },
  {
    what: 'a shape tensor',
    isAskedFor: (config) => [...config.input, ...config.output].some((tensor) => tensor.isShapeTensor),
  },
];

/**
 * Makes a function that reads the text of a config.pbtxt.
 * @returns a parser that takes the text and the name of the model's folder, and throws ServiceError
 * `invalid_argument` when the text is none or contradicts itself, `unimplemented` when it asks for what this runtime
 * cannot do
 */
export function createConfigParser(): (text: string, folder: string) => ModelConfig {
  const type = protobuf.loadSync(PROTO).lookupType('inference.ModelConfig');
  return (text, folder) => toModelConfig(parseText(type, text), folder);
}

function parseText(type: protobuf.Type, text: string): ConfigMessage {
  try {
    const message = textFormat.fromText(type, text);
    return type.toObject(message, { longs: Number, enums: String, defaults: true }) as ConfigMessage;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServiceError('invalid_argument', `config.pbtxt cannot be read: ${excerpt(reason, 200)}`, { cause });
  }
}

function toModelConfig(config: ConfigMessage, folder: string): ModelConfig {
  if (config.name !== '' && config.name !== folder) {
    throw invalid(`its name must be that of its folder, ${folder}, not ${excerpt(config.name)}`);
  }
  if (!['', 'onnxruntime_onnx'].includes(config.platform)) throw unsupported(`platform ${excerpt(config.platform)}`);
  if (!['', 'onnxruntime'].includes(config.backend)) throw unsupported(`backend ${excerpt(config.backend)}`);
  const asked = UNSUPPORTED.find(({ isAskedFor }) => isAskedFor(config));
  if (asked !== undefined) throw unsupported(asked.what);
  if (config.maxBatchSize < 0) throw invalid(`max_batch_size must be 0 or more, not ${config.maxBatchSize}`);
  if (config.input.length === 0 || config.output.length === 0) throw invalid('it must list every input and output');
  return {
    spec: {
      name: folder,
      maxBatchSize: config.maxBatchSize,
      inputs: config.input.map(toTensorSpec),
      outputs: config.output.map(toTensorSpec),
    },
    filename: config.defaultModelFilename === '' ? DEFAULT_FILENAME : config.defaultModelFilename,
    versions: config.versionPolicy?.specific?.versions,
  };
}

function toTensorSpec({ name, dataType, dims, reshape }: TensorMessage): TensorSpec {
  const isReshapeOpen = reshape !== null && [...reshape.shape, ...dims].includes(-1);
  if (isReshapeOpen) throw unsupported(`a reshape with a dimension of -1, for ${name}`);
  return { name, datatype: toDatatype(name, dataType), dims, reshape: reshape?.shape };
}

/** `TYPE_FP32` → `FP32`. */
function toDatatype(tensor: string, dataType: string): FixedDatatype {
  const datatype = dataType.replace(/^TYPE_/, '');
  // onnxruntime-node has no typed array for BF16.
  if (isFixedDatatype(datatype) && datatype !== 'BF16') return datatype;
  throw unsupported(`data_type ${dataType}, for ${tensor}`);
}

function isFixedDatatype(name: string): name is FixedDatatype {
  return Object.hasOwn(TYPED_ARRAYS, name);
}

function invalid(problem: string): ServiceError {
  return new ServiceError('invalid_argument', `config.pbtxt: ${problem}`);
}

function unsupported(what: string): ServiceError {
  return new ServiceError('unimplemented', `config.pbtxt asks for ${what}, which the embedded runtime cannot do`);
}

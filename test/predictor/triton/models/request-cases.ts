import type { MetadataTensor } from '../../../../src/predictor/triton/administration.js';
import type { SharedTensor, TritonInferRequest } from '../../../../src/predictor/triton/inference.js';
import type { ModelConfig, ModelConfigInput } from '../../../../src/predictor/triton/models/model-config.js';
import { type AnyTensor, type Datatype, elementCount, TYPED_ARRAYS } from '../../../../src/tensor.js';

/** The model that stands behind every case; it answers to whatever configuration it is loaded with. */
export const MODEL = 'flexible_inputs';

/** A request, what the check says to it, and what a real Triton does with it. */
export interface RequestCase {
  readonly title: string;
  readonly request: Omit<TritonInferRequest, 'model'>;
  /** What the check refuses it with; passed when absent. */
  readonly refusal?: string;
  /** As the check by default. A request of which Triton 2.51 dies is not sent. */
  readonly server?: 'answers' | 'refuses' | 'dies';
}

/** A configuration of the model, and requests to it. */
export interface ModelCase {
  readonly title: string;
  readonly config: ModelConfig;
  readonly requests: readonly RequestCase[];
}

const IMAGE = zeros('FP32', [2, 3, 4, 5]);
const ONE_IMAGE = zeros('FP32', [1, 3, 4, 5]);
const SCORES = { name: 'SCORES', data_type: 'TYPE_FP32', dims: [3] };

/** A configuration with one input of images, and more as told. */
function imageModel(more: ModelConfig): ModelConfig {
  return {
    backend: 'python',
    max_batch_size: 4,
    input: [{ name: 'IMAGE', data_type: 'TYPE_FP32', dims: [3, -1, -1] }],
    output: [SCORES],
    ...more,
  };
}

/** Every rule of the check, with the requests on both of its sides. */
export const MODEL_CASES: readonly ModelCase[] = [
  {
    title: 'a model with inputs of every kind, in batches',
    config: {
      ...imageModel({}),
      input: [
        { name: 'IMAGE', data_type: 'TYPE_FP32', dims: [3, -1, -1] },
        { name: 'TEXT', data_type: 'TYPE_STRING', dims: [1], optional: true },
        { name: 'SCALE', data_type: 'TYPE_FP32', dims: [1], reshape: { shape: [] }, optional: true },
        { name: 'POINTS', data_type: 'TYPE_INT32', dims: [-1], allow_ragged_batch: true, optional: true },
      ],
      output: [SCORES, { name: 'NAMES', data_type: 'TYPE_STRING', dims: [1] }],
    },
    requests: [
      { title: 'the required input alone', request: { inputs: { IMAGE } } },
      {
        title: 'every input, in another order',
        request: {
          inputs: { POINTS: zeros('INT32', [2, 7]), SCALE: zeros('FP32', [2, 1]), TEXT: zeros('BYTES', [2, 1]), IMAGE },
        },
      },
      { title: 'the largest batch', request: { inputs: { IMAGE: zeros('FP32', [4, 3, 1, 1]) } } },
      { title: 'an empty dimension of any size', request: { inputs: { IMAGE: zeros('FP32', [1, 3, 0, 5]) } } },
      { title: 'an empty batch of empty items', request: { inputs: { IMAGE: zeros('FP32', [0, 3, 0, 5]) } } },
      { title: 'a sequence', request: { inputs: { IMAGE }, sequence: { id: 7, start: true } } },
      { title: 'one output', request: { inputs: { IMAGE }, outputs: ['NAMES'] } },
      { title: 'no outputs', request: { inputs: { IMAGE }, outputs: [] } },
      { title: 'an output twice', request: { inputs: { IMAGE }, outputs: ['SCORES', { name: 'SCORES' }] } },
      {
        title: 'more classes than there are',
        request: { inputs: { IMAGE }, outputs: [{ name: 'SCORES', classification: 9 }] },
      },
      {
        title: 'an unknown input',
        request: { inputs: { IMAGE, TXET: zeros('BYTES', [2, 1]) } },
        refusal: 'inputs: model flexible_inputs takes IMAGE, TEXT, SCALE, POINTS; received "TXET"; did you mean TEXT?',
      },
      {
        title: 'no inputs',
        request: { inputs: {} },
        refusal: 'inputs: model flexible_inputs needs IMAGE; received none',
      },
      {
        title: 'an optional input in place of the required one',
        request: { inputs: { TEXT: zeros('BYTES', [2, 1]) } },
        refusal: 'inputs: model flexible_inputs needs IMAGE; received TEXT',
        // Triton counts the inputs alone.
        server: 'answers',
      },
      {
        title: 'another datatype',
        request: { inputs: { IMAGE: zeros('FP64', [2, 3, 4, 5]) } },
        refusal: 'inputs.IMAGE must be FP32 for model flexible_inputs; received FP64',
      },
      {
        title: 'no batch dimension',
        request: { inputs: { IMAGE: zeros('FP32', [3, 4, 5]) } },
        refusal:
          'inputs.IMAGE must have the shape [-1,3,-1,-1] (batch first) for model flexible_inputs; received [3,4,5]',
      },
      {
        title: 'another size of a fixed dimension',
        request: { inputs: { IMAGE: zeros('FP32', [1, 4, 4, 5]) } },
        refusal:
          'inputs.IMAGE must have the shape [-1,3,-1,-1] (batch first) for model flexible_inputs; received [1,4,4,5]',
      },
      {
        title: 'a scalar',
        request: { inputs: { IMAGE: zeros('FP32', []) } },
        refusal: 'inputs.IMAGE must have the shape [-1,3,-1,-1] (batch first) for model flexible_inputs; received []',
      },
      {
        title: 'the shape that the model sees in place of the one that is sent',
        request: { inputs: { IMAGE, SCALE: zeros('FP32', [2]) } },
        refusal: 'inputs.SCALE must have the shape [-1,1] (batch first) for model flexible_inputs; received [2]',
      },
      {
        title: 'a batch that is too large',
        request: { inputs: { IMAGE: zeros('FP32', [5, 3, 1, 1]) } },
        refusal: 'inputs.IMAGE must have a batch of at most 4 for model flexible_inputs; received 5',
      },
      {
        title: 'an empty batch',
        request: { inputs: { IMAGE: zeros('FP32', [0, 3, 4, 5]) } },
        refusal: 'inputs.IMAGE must have a batch of at least 1 for model flexible_inputs; received 0',
      },
      {
        title: 'an empty batch of one of two inputs',
        request: { inputs: { IMAGE, TEXT: zeros('BYTES', [0, 1]) } },
        refusal: 'inputs.TEXT must have the same batch as inputs.IMAGE (2) for model flexible_inputs; received 0',
      },
      {
        title: 'batches that differ',
        request: { inputs: { IMAGE, TEXT: zeros('BYTES', [1, 1]) } },
        refusal: 'inputs.TEXT must have the same batch as inputs.IMAGE (2) for model flexible_inputs; received 1',
      },
      {
        title: 'batches that differ where batches may be ragged',
        request: { inputs: { IMAGE, POINTS: zeros('INT32', [1, 7]) } },
        refusal: 'inputs.POINTS must have the same batch as inputs.IMAGE (2) for model flexible_inputs; received 1',
      },
      { title: 'a slice of shared memory', request: { inputs: { IMAGE: shared('FP32', [1, 3, 1, 1], 12) } } },
      {
        title: 'a slice of shared memory of another datatype',
        request: { inputs: { IMAGE: shared('INT32', [1, 3, 1, 1], 12) } },
        refusal: 'inputs.IMAGE must be FP32 for model flexible_inputs; received INT32',
      },
      {
        title: 'an unknown output',
        request: { inputs: { IMAGE }, outputs: ['SCORES', 'score'] },
        refusal: 'outputs: model flexible_inputs gives SCORES, NAMES; received "score"; did you mean SCORES?',
      },
      {
        title: 'an output in two forms',
        request: { inputs: { IMAGE }, outputs: ['SCORES', { name: 'SCORES', classification: 1 }] },
        refusal: 'outputs.SCORES must be asked for in one form; received two',
        // It comes in one of them.
        server: 'answers',
      },
      {
        title: 'classes of texts',
        request: { inputs: { IMAGE }, outputs: [{ name: 'NAMES', classification: 1 }] },
        refusal: 'outputs.NAMES must hold integers, FP32 or FP64 to be classified; it is BYTES',
        server: 'dies',
      },
    ],
  },
  {
    title: 'a model that does not batch',
    config: imageModel({
      max_batch_size: 0,
      input: [{ name: 'IMAGE', data_type: 'TYPE_FP32', dims: [3, -1] }],
      output: [
        SCORES,
        { name: 'HALF', data_type: 'TYPE_FP16', dims: [3] },
        { name: 'FLAGS', data_type: 'TYPE_BOOL', dims: [3] },
        { name: 'COUNTS', data_type: 'TYPE_INT64', dims: [3] },
      ],
    }),
    requests: [
      { title: 'its whole shape', request: { inputs: { IMAGE: zeros('FP32', [3, 9]) } } },
      { title: 'an empty input', request: { inputs: { IMAGE: zeros('FP32', [3, 0]) } } },
      {
        title: 'a batch',
        request: { inputs: { IMAGE: zeros('FP32', [1, 3, 9]) } },
        refusal: 'inputs.IMAGE must have the shape [3,-1] for model flexible_inputs; received [1,3,9]',
      },
      {
        title: 'another first dimension',
        request: { inputs: { IMAGE: zeros('FP32', [4, 9]) } },
        refusal: 'inputs.IMAGE must have the shape [3,-1] for model flexible_inputs; received [4,9]',
      },
      {
        title: 'classes of integers',
        request: { inputs: { IMAGE: zeros('FP32', [3, 9]) }, outputs: [{ name: 'COUNTS', classification: 2 }] },
      },
      {
        title: 'classes of FP16',
        request: { inputs: { IMAGE: zeros('FP32', [3, 9]) }, outputs: [{ name: 'HALF', classification: 2 }] },
        refusal: 'outputs.HALF must hold integers, FP32 or FP64 to be classified; it is FP16',
      },
      {
        title: 'classes of BOOL',
        request: { inputs: { IMAGE: zeros('FP32', [3, 9]) }, outputs: [{ name: 'FLAGS', classification: 2 }] },
        refusal: 'outputs.FLAGS must hold integers, FP32 or FP64 to be classified; it is BOOL',
      },
    ],
  },
  {
    title: 'a decoupled model',
    config: imageModel({ model_transaction_policy: { decoupled: true } }),
    requests: [
      {
        title: 'a call for one answer',
        request: { inputs: { IMAGE } },
        refusal:
          'model flexible_inputs is decoupled, it may answer a request any number of times; call inferStream or inferDecoupled',
      },
    ],
  },
  {
    title: 'a sequence model',
    config: imageModel({ sequence_batching: {} }),
    requests: [
      {
        title: 'one item of a sequence',
        request: { inputs: { IMAGE: ONE_IMAGE }, sequence: { id: 'faces', start: true, end: true } },
      },
      {
        title: 'no sequence',
        request: { inputs: { IMAGE: ONE_IMAGE } },
        refusal: 'sequence must name the sequence that the request belongs to for model flexible_inputs; received none',
      },
      {
        title: 'two items of a sequence',
        request: { inputs: { IMAGE }, sequence: { id: 8, start: true } },
        refusal:
          'inputs.IMAGE must have a batch of at most 1 for model flexible_inputs, which takes sequences; received 2',
      },
    ],
  },
  {
    title: 'a sequence model that does not batch',
    config: imageModel({ max_batch_size: 0, sequence_batching: {} }),
    requests: [
      {
        title: 'a step of a sequence',
        request: { inputs: { IMAGE: zeros('FP32', [3, 4, 5]) }, sequence: { id: 9, start: true, end: true } },
      },
    ],
  },
  {
    title: 'a model of iterative sequences',
    config: imageModel({ sequence_batching: { iterative_sequence: true } }),
    requests: [
      { title: 'no sequence', request: { inputs: { IMAGE: ONE_IMAGE } } },
      {
        title: 'two items',
        request: { inputs: { IMAGE } },
        refusal:
          'inputs.IMAGE must have a batch of at most 1 for model flexible_inputs, which takes sequences; received 2',
      },
    ],
  },
];

/** A tensor of zeros, or of one-letter texts. */
export function zeros(datatype: Datatype, shape: readonly number[]): AnyTensor {
  const count = elementCount(shape);
  const data = datatype === 'BYTES' ? Array.from({ length: count }, () => Buffer.from('x')) : undefined;
  return { datatype, shape, data: data ?? new TYPED_ARRAYS[datatype as 'FP32'](count) } as AnyTensor;
}

/** A tensor in the region `faces`, which the test against a real Triton registers. */
function shared(datatype: Datatype, shape: readonly number[], byteSize: number): SharedTensor {
  return { datatype, shape, sharedMemory: { region: 'faces', offset: 0, byteSize } };
}

/** A model's metadata as Triton derives them from its configuration: the batch dimension goes in front. */
export function metadataOf({ max_batch_size: maxBatchSize = 0, input = [], output = [] }: ModelConfig): {
  versions: string[];
  platform: string;
  inputs: MetadataTensor[];
  outputs: MetadataTensor[];
} {
  const batch = maxBatchSize > 0 ? [-1] : [];
  const toMetadata = ({ name, data_type: type, dims }: Pick<ModelConfigInput, 'name' | 'data_type' | 'dims'>) => {
    return { name, datatype: type.replace('TYPE_', '').replace('STRING', 'BYTES'), shape: [...batch, ...dims] };
  };
  return { versions: ['1'], platform: 'python', inputs: input.map(toMetadata), outputs: output.map(toMetadata) };
}

import type { ModelConfig } from '../../../../src/predictor/triton/models/model-config.js';
import { describeModel, toModelInfo } from '../../../../src/predictor/triton/models/model-description.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

const METADATA = {
  versions: ['1', '3'],
  platform: 'onnxruntime_onnx',
  inputs: [
    { name: 'IMAGE', datatype: 'FP32', shape: [-1, 3, -1, -1] },
    { name: 'TEXT', datatype: 'BYTES', shape: [-1, 1] },
  ],
  outputs: [{ name: 'SCORES', datatype: 'FP32', shape: [-1, 3] }],
};

const CONFIG: ModelConfig = {
  max_batch_size: 4,
  input: [
    // In another order than the metadata's.
    { name: 'TEXT', data_type: 'TYPE_STRING', dims: [1], optional: true, allow_ragged_batch: true },
    { name: 'IMAGE', data_type: 'TYPE_FP32', dims: [3, -1, -1] },
  ],
  dynamic_batching: { preferred_batch_size: [2, 4] },
};

describe('describeModel()', () => {
  it('joins metadata and configuration by the names of the inputs', () => {
    expect(describeModel('faces', METADATA, CONFIG)).toEqual({
      name: 'faces',
      versions: ['1', '3'],
      platform: 'onnxruntime_onnx',
      inputs: [
        {
          name: 'IMAGE',
          datatype: 'FP32',
          shape: [-1, 3, -1, -1],
          isOptional: false,
          allowsRaggedBatch: false,
          isShapeTensor: false,
        },
        {
          name: 'TEXT',
          datatype: 'BYTES',
          shape: [-1, 1],
          isOptional: true,
          allowsRaggedBatch: true,
          isShapeTensor: false,
        },
      ],
      outputs: [{ name: 'SCORES', datatype: 'FP32', shape: [-1, 3] }],
      maxBatchSize: 4,
      preferredBatchSizes: [2, 4],
      isDecoupled: false,
      isSequence: false,
      needsSequenceId: false,
      hasConfig: true,
    });
  });

  it.each<[string, ModelConfig, object]>([
    ['a decoupled model', { model_transaction_policy: { decoupled: true } }, { isDecoupled: true }],
    ['a sequence model', { sequence_batching: {} }, { isSequence: true, needsSequenceId: true }],
    [
      'an iterative sequence model',
      { sequence_batching: { iterative_sequence: true } },
      { isSequence: true, needsSequenceId: false },
    ],
    ['a model that does not batch', {}, { maxBatchSize: 0, preferredBatchSizes: [] }],
    [
      'fields that are null',
      { dynamic_batching: null, sequence_batching: null, model_transaction_policy: null },
      { preferredBatchSizes: [], isSequence: false, isDecoupled: false },
    ],
  ])('knows %s', (_, config, expected) => {
    expect(describeModel('faces', METADATA, config)).toMatchObject(expected);
  });

  it('knows a shape tensor', () => {
    const input = [{ name: 'IMAGE', data_type: 'TYPE_FP32', dims: [3], is_shape_tensor: true }];
    expect(describeModel('faces', METADATA, { input }).inputs[0]).toMatchObject({ isShapeTensor: true });
  });

  it.each([
    ['batches of any size where every first dimension is free', METADATA.inputs, Infinity],
    ['no batches where one is not', [{ name: 'IMAGE', datatype: 'FP32', shape: [1, 3] }], 0],
    ['no batches where there are no inputs', [], 0],
  ])('takes from metadata alone %s', (_, inputs, maxBatchSize) => {
    const description = describeModel('faces', { ...METADATA, inputs }, undefined);
    expect(description).toMatchObject({ maxBatchSize, hasConfig: false });
    expect(description.inputs.every(({ isOptional }) => isOptional)).toBe(true);
  });

  it('refuses an unknown datatype', () => {
    const inputs = [{ name: 'IMAGE', datatype: 'FP8', shape: [1] }];
    const error = serviceErrorThrownBy(() => describeModel('faces', { ...METADATA, inputs }, CONFIG));
    expect(error).toMatchObject({
      code: 'upstream_error',
      message: `The predictor's answer for model faces is not valid: tensor IMAGE has the unknown datatype "FP8"`,
    });
  });
});

describe('toModelInfo()', () => {
  it('keeps what every predictor has', () => {
    expect(toModelInfo(describeModel('faces', METADATA, CONFIG))).toEqual({
      name: 'faces',
      inputs: METADATA.inputs,
      outputs: METADATA.outputs,
      maxBatchSize: 4,
      versions: ['1', '3'],
      platform: 'onnxruntime_onnx',
    });
  });
});

import { ServiceError } from '../../../src/errors.js';
import { createConfigParser } from '../../../src/predictor/embedded/model-config.js';
import { identityConfig } from './embedded-setup.js';

const parse = createConfigParser();

/** The error of a config, whose text is expected to be refused. */
function refusalOf(text: string): ServiceError {
  try {
    parse(text, 'model');
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error('The config is accepted, but an error is expected');
}

describe('createConfigParser()', () => {
  it('reads names, datatypes, dims and the greatest batch', () => {
    const text = `
      # a comment
      name: "model"
      platform: "onnxruntime_onnx"
      max_batch_size: 4
      input { name: "ids" data_type: TYPE_INT64 dims: [-1] }
      output [ { name: "0" data_type: TYPE_FP16 dims: [2, 3] reshape { shape: [6] } } ]
      default_model_filename: "other.onnx"
      version_policy { specific { versions: [1, 3] } }
    `;
    expect(parse(text, 'model')).toEqual({
      spec: {
        name: 'model',
        maxBatchSize: 4,
        inputs: [{ name: 'ids', datatype: 'INT64', dims: [-1], reshape: undefined }],
        outputs: [{ name: '0', datatype: 'FP16', dims: [2, 3], reshape: [6] }],
      },
      filename: 'other.onnx',
      versions: [1, 3],
    });
  });

  it('takes the latest of all versions and model.onnx where the text is silent', () => {
    expect(parse(identityConfig(), 'model')).toMatchObject({ filename: 'model.onnx', versions: undefined });
  });

  it('passes over what changes the speed alone', () => {
    const text = identityConfig(
      'dynamic_batching {} instance_group { count: 2 kind: KIND_CPU } parameters { key: "a" }',
    );
    expect(parse(text, 'model').spec.maxBatchSize).toBe(8);
  });

  it.each([
    ['max_batch_size: eight', 'config.pbtxt cannot be read: '],
    [identityConfig('no_such_field: 1'), 'config.pbtxt cannot be read: '],
    [identityConfig('name: "other"'), 'config.pbtxt: its name must be that of its folder, model, not other'],
    ['max_batch_size: 8', 'config.pbtxt: it must list every input and output'],
    [identityConfig().replace('8', '-1'), 'config.pbtxt: max_batch_size must be 0 or more, not -1'],
  ])('refuses %j', (text, message) => {
    const error = refusalOf(text);
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(message);
  });

  it.each([
    ['platform: "tensorrt_plan"', 'platform tensorrt_plan'],
    ['backend: "python"', 'backend python'],
    ['ensemble_scheduling { step { model_name: "a" } }', 'ensemble_scheduling'],
    ['sequence_batching {}', 'sequence_batching'],
    ['model_transaction_policy { decoupled: true }', 'decoupled answers'],
    ['batch_input { target_name: "a" }', 'batch_input'],
    ['batch_output { target_name: "a" }', 'batch_output'],
    ['input { name: "a" data_type: TYPE_FP32 dims: [1] allow_ragged_batch: true }', 'a ragged batch'],
    ['input { name: "a" data_type: TYPE_FP32 dims: [1] optional: true }', 'an optional input'],
    ['input { name: "a" data_type: TYPE_FP32 dims: [1] is_shape_tensor: true }', 'a shape tensor'],
    ['input { name: "a" data_type: TYPE_STRING dims: [1] }', 'data_type TYPE_STRING, for a'],
    ['input { name: "a" data_type: TYPE_BF16 dims: [1] }', 'data_type TYPE_BF16, for a'],
    [
      'output { name: "a" data_type: TYPE_FP32 dims: [-1] reshape { shape: [2, -1] } }',
      'a reshape with a dimension of -1, for a',
    ],
  ])('refuses %s', (line, what) => {
    const added = line.startsWith('backend') ? identityConfig().replace(/^backend.*$/m, line) : identityConfig(line);
    const error = refusalOf(added);
    expect(error.code).toBe('unimplemented');
    expect(error.message).toBe(`config.pbtxt asks for ${what}, which the embedded runtime cannot do`);
  });
});

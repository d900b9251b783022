import type { TritonInferRequest } from '../../../../src/predictor/triton/inference.js';
import { checkRequest } from '../../../../src/predictor/triton/models/check-request.js';
import type { ModelConfig } from '../../../../src/predictor/triton/models/model-config.js';
import { describeModel, type ModelDescription } from '../../../../src/predictor/triton/models/model-description.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';
import { metadataOf, MODEL, MODEL_CASES, zeros } from './request-cases.js';

const described = (config: ModelConfig) => describeModel(MODEL, metadataOf(config), config);
const refusalOf = (request: Omit<TritonInferRequest, 'model'>, description: ModelDescription) => {
  const error = serviceErrorThrownBy(() => checkRequest({ model: MODEL, ...request }, description));
  expect(error.code).toBe('invalid_argument');
  return error.message;
};

describe('checkRequest()', () => {
  describe.each(MODEL_CASES)('to $title', ({ config, requests }) => {
    it.each(requests)('$title', ({ request, refusal }) => {
      const inMap = new Map(Object.entries(request.inputs));
      for (const inputs of [request.inputs, inMap]) {
        if (refusal === undefined) checkRequest({ model: MODEL, ...request, inputs }, described(config));
        else expect(refusalOf({ ...request, inputs }, described(config))).toBe(refusal);
      }
    });
  });

  it('passes a decoupled model over a stream', () => {
    const decoupled = { ...described({ max_batch_size: 4 }), isDecoupled: true };
    checkRequest({ model: MODEL, inputs: {} }, decoupled, 'stream');
  });

  describe('to a model with a shape tensor', () => {
    const config: ModelConfig = {
      max_batch_size: 4,
      input: [
        { name: 'SIZE', data_type: 'TYPE_INT32', dims: [2], is_shape_tensor: true },
        { name: 'IMAGE', data_type: 'TYPE_FP32', dims: [3] },
      ],
    };

    it.each([[[2]], [[1, 2]]])('leaves its shape %j to the server', (shape) => {
      const inputs = { SIZE: zeros('INT32', shape), IMAGE: zeros('FP32', [4, 3]) };
      checkRequest({ model: MODEL, inputs }, described(config));
    });

    it('checks its datatype', () => {
      const inputs = { SIZE: zeros('INT64', [2]), IMAGE: zeros('FP32', [4, 3]) };
      expect(refusalOf({ inputs }, described(config))).toBe(
        'inputs.SIZE must be INT32 for model flexible_inputs; received INT64',
      );
    });
  });

  describe('to a server without configurations', () => {
    const metadata = {
      versions: [],
      platform: '',
      inputs: [
        { name: 'LEFT', datatype: 'FP32', shape: [-1, 3] },
        { name: 'RIGHT', datatype: 'FP32', shape: [-1, 3] },
      ],
      outputs: [{ name: 'SUM', datatype: 'FP32', shape: [-1] }],
    };
    const description = describeModel(MODEL, metadata, undefined);

    it.each([
      ['inputs of different first dimensions', { LEFT: zeros('FP32', [2, 3]), RIGHT: zeros('FP32', [5, 3]) }],
      ['less than all inputs', { RIGHT: zeros('FP32', [0, 3]) }],
    ])('passes %s', (_, inputs) => {
      checkRequest({ model: MODEL, inputs, sequence: { id: 1 } }, description);
    });

    it('passes any shape where none is described', () => {
      const inputs = [{ name: 'RATE', datatype: 'FP32', shape: [] }];
      const anyShape = describeModel(MODEL, { ...metadata, inputs }, undefined);
      checkRequest({ model: MODEL, inputs: { RATE: zeros('FP32', [2, 2]) } }, anyShape);
    });

    it('refuses what its metadata rule out', () => {
      expect(refusalOf({ inputs: { LEFT: zeros('FP32', [2, 4]) } }, description)).toBe(
        'inputs.LEFT must have the shape [-1,3] for model flexible_inputs; received [2,4]',
      );
      expect(refusalOf({ inputs: {}, outputs: ['SUMS'] }, description)).toBe(
        'outputs: model flexible_inputs gives SUM; received "SUMS"; did you mean SUM?',
      );
    });

    it('passes everything where the metadata name no tensors', () => {
      const bare = describeModel(MODEL, { versions: [], platform: '', inputs: [], outputs: [] }, undefined);
      checkRequest({ model: MODEL, inputs: { ANY: zeros('BYTES', [2]) }, outputs: ['ALL'] }, bare);
    });
  });

  describe('outputs', () => {
    const description = described({
      max_batch_size: 0,
      output: [{ name: 'SCORES', data_type: 'TYPE_FP32', dims: [3] }],
    });
    const sharedMemory = { region: 'faces', offset: 0, byteSize: 12 };

    it.each([0, -1, 1.5, NaN])('refuses %d classes', (classification) => {
      expect(refusalOf({ inputs: {}, outputs: [{ name: 'SCORES', classification }] }, description)).toBe(
        `outputs.SCORES.classification must be a whole number from 1 on; received ${classification}`,
      );
    });

    it('refuses classes in shared memory', () => {
      expect(
        refusalOf({ inputs: {}, outputs: [{ name: 'SCORES', classification: 1, sharedMemory }] }, description),
      ).toBe('outputs.SCORES must have either classification or sharedMemory; received both');
    });

    it('refuses an output both here and in shared memory', () => {
      expect(refusalOf({ inputs: {}, outputs: [{ name: 'SCORES', sharedMemory }, 'SCORES'] }, description)).toBe(
        'outputs.SCORES must be asked for in one form; received two',
      );
    });
  });

  it('refuses an input of a model that has none', () => {
    expect(refusalOf({ inputs: { IMAGE: zeros('FP32', [1]) } }, described({}))).toBe(
      'inputs: model flexible_inputs takes none; received "IMAGE"',
    );
  });

  it('cuts what is long', () => {
    const description = described({ max_batch_size: 0, input: [{ name: 'IMAGE', data_type: 'TYPE_FP32', dims: [1] }] });
    expect(refusalOf({ inputs: { ['x'.repeat(500)]: zeros('FP32', [1]) } }, description).length).toBeLessThan(200);
    const IMAGE = zeros(
      'FP32',
      Array.from({ length: 300 }, () => 1),
    );
    expect(refusalOf({ inputs: { IMAGE } }, description).length).toBeLessThan(200);
  });
});

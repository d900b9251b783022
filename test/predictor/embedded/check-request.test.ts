import { assertRequest } from '../../../src/predictor/embedded/check-request.js';
import type { ModelSpec, TensorSpec } from '../../../src/predictor/embedded/model-spec.js';
import { type AnyTensor, elementCount, float32Tensor } from '../../../src/tensor.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const spec = (name: string, dims: number[]): TensorSpec => ({ name, datatype: 'FP32', dims, reshape: undefined });
const detector: ModelSpec = {
  name: 'face_detect',
  maxBatchSize: 16,
  inputs: [spec('input', [3, 240, 320])],
  outputs: [spec('scores', [4420, 2])],
};
const pair: ModelSpec = { ...detector, name: 'pair', inputs: [spec('a', [-1]), spec('b', [2])] };
const unbatched: ModelSpec = { ...detector, name: 'unbatched', maxBatchSize: 0, inputs: [spec('input', [1, -1])] };

const zeros = (...shape: number[]): AnyTensor => float32Tensor(shape, new Float32Array(elementCount(shape)));

describe('assertRequest()', () => {
  it.each<[string, ModelSpec, Record<string, AnyTensor>]>([
    ['a batch of one', detector, { input: zeros(1, 3, 240, 320) }],
    ['the greatest batch', detector, { input: zeros(16, 3, 240, 320) }],
    ['any size where the config says -1', pair, { a: zeros(2, 7), b: zeros(2, 2) }],
    ['the whole shape of a model that does not batch', unbatched, { input: zeros(1, 40) }],
  ])('accepts %s', (_, model, inputs) => {
    const request = { model: model.name, inputs: new Map(Object.entries(inputs)), outputs: ['scores'] };
    expect(() => assertRequest(model, request)).not.toThrow();
  });

  it.each<[string, ModelSpec, Record<string, AnyTensor>]>([
    [
      "unexpected shape for input 'input' for model 'face_detect'. Expected [-1,3,240,320], got [2,3,1,1]",
      detector,
      { input: zeros(2, 3, 1, 1) },
    ],
    [
      "unexpected shape for input 'input' for model 'face_detect'. Expected [-1,3,240,320], got [0,3,240,320]",
      detector,
      { input: zeros(0, 3, 240, 320) },
    ],
    [
      "unexpected shape for input 'input' for model 'unbatched'. Expected [1,-1], got [2,4]",
      unbatched,
      { input: zeros(2, 4) },
    ],
    [
      "inference request batch-size must be <= 16 for 'face_detect', got 17",
      detector,
      { input: zeros(17, 3, 240, 320) },
    ],
    [
      "unexpected data-type of input 'input' for model 'unbatched'. Expected FP32, got UINT8",
      unbatched,
      { input: { datatype: 'UINT8', shape: [1, 1], data: new Uint8Array(1) } },
    ],
    ["expected 2 inputs but got 1 inputs for model 'pair'", pair, { a: zeros(1, 1) }],
    ["unexpected inference input 'c' for model 'pair'", pair, { a: zeros(1, 1), b: zeros(1, 2), c: zeros(1) }],
    ["the inputs of model 'pair' have different batch sizes: 2, 3", pair, { a: zeros(2, 1), b: zeros(3, 2) }],
  ])('refuses: %s', (message, model, inputs) => {
    const request = { model: model.name, inputs: new Map(Object.entries(inputs)) };
    expect(serviceErrorThrownBy(() => assertRequest(model, request))).toMatchObject({
      code: 'upstream_error',
      message: `The predictor refused the call: ${message}`,
      upstream: { status: 'INVALID_ARGUMENT', httpStatus: 400, text: message },
    });
  });

  it('refuses an output that the model has not', () => {
    const request = { model: 'face_detect', inputs: new Map([['input', zeros(1, 3, 240, 320)]]), outputs: ['faces'] };
    expect(() => assertRequest(detector, request)).toThrow(
      "unexpected inference output 'faces' for model 'face_detect'",
    );
  });

  it('refuses to classify', () => {
    const outputs = ['scores', { name: 'scores', classification: 3 }];
    const request = { model: 'face_detect', inputs: new Map([['input', zeros(1, 3, 240, 320)]]), outputs };
    const text =
      "the embedded runtime has no classification extension: classification of output 'scores' for model 'face_detect'";
    expect(serviceErrorThrownBy(() => assertRequest(detector, request))).toMatchObject({
      code: 'upstream_error',
      message: `The predictor refused the call: ${text}`,
      upstream: { status: 'UNIMPLEMENTED', httpStatus: 501, text },
    });
  });
});

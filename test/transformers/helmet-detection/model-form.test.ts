import type { ModelInfo, TensorMetadata } from '../../../src/predictor/predictor.js';
import { modelForm } from '../../../src/transformers/helmet-detection/model-form.js';
import { helmetDetectionOptions } from '../../../src/transformers/helmet-detection/options.js';
import { detectionSettings } from '../../../src/transformers/helmet-detection/settings.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const tensor = (name: string, ...shape: number[]): TensorMetadata => ({ name, datatype: 'FP32', shape });
const IMAGES = tensor('images', -1, 3, 640, 640);
const OUTPUT = tensor('output0', -1, 25_200, 7);

function formOf(info: Partial<ModelInfo>, options: Record<string, unknown> = {}) {
  const settings = detectionSettings(helmetDetectionOptions.parse(options));
  const { name, ...form } = modelForm(
    { name: 'own', inputs: [IMAGES], outputs: [OUTPUT], maxBatchSize: 8, versions: [], platform: '', ...info },
    settings,
  );
  expect(name).toBe('own');
  return form;
}

describe('modelForm()', () => {
  it.each<[string, Partial<ModelInfo>, Record<string, unknown>, ReturnType<typeof formOf>]>([
    [
      'takes names and size from the metadata',
      { inputs: [tensor('input_1', -1, 3, 384, 512)] },
      {},
      { input: 'input_1', output: 'output0', widthPx: 512, heightPx: 384 },
    ],
    [
      'takes the size from the option where the metadata leave it open',
      { inputs: [tensor('images', 1, 3, -1, -1)], outputs: [tensor('output', -1, -1, -1)] },
      { helmet_detection_input_size: '320x416' },
      { input: 'images', output: 'output', widthPx: 320, heightPx: 416 },
    ],
    [
      'takes 640 where neither says',
      { inputs: [tensor('images', -1, 3, -1, -1)] },
      {},
      { input: 'images', output: 'output0', widthPx: 640, heightPx: 640 },
    ],
    [
      'passes over the raw maps of older exports, which have five dimensions',
      { outputs: [tensor('output', 1, 25_200, 7), tensor('350', 1, 3, 80, 80, 7), tensor('498', 1, 3, 40, 40, 7)] },
      {},
      { input: 'images', output: 'output', widthPx: 640, heightPx: 640 },
    ],
    [
      'takes the tensors that are named',
      { inputs: [IMAGES, tensor('other', -1, 3, 640, 640)], outputs: [OUTPUT, tensor('more', -1, 9, 7)] },
      { helmet_detection_input_name: 'other', helmet_detection_output_name: 'more' },
      { input: 'other', output: 'more', widthPx: 640, heightPx: 640 },
    ],
    [
      'assumes the exporters’ names where a predictor describes nothing',
      { inputs: [], outputs: [] },
      { helmet_detection_output_name: 'boxes' },
      { input: 'images', output: 'boxes', widthPx: 640, heightPx: 640 },
    ],
  ])('%s', (_, info, options, expected) => {
    expect(formOf(info, options)).toEqual(expected);
  });

  it.each<[string, Partial<ModelInfo>, Record<string, unknown>, string]>([
    ['two inputs', { inputs: [IMAGES, tensor('more', -1, 3, 9, 9)] }, {}, 'it has several inputs: images, more'],
    ['an input that it has not', {}, { helmet_detection_input_name: 'x' }, 'it has no input "x": images'],
    ['pixels last', { inputs: [tensor('images', -1, 640, 640, 3)] }, {}, 'expected an input FP32 [B,3,H,W]'],
    ['half precision', { inputs: [{ ...IMAGES, datatype: 'FP16' }] }, {}, 'images is FP16; expected FP32'],
    ['a picture for an output', { outputs: [IMAGES] }, {}, 'received FP32 [-1,3,640,640]'],
    ['other classes', { outputs: [tensor('output0', -1, 25_200, 85)] }, {}, 'for 2 classes (hat, person)'],
    ['an output of either form', { outputs: [tensor('output0', -1, 6, 7)] }, {}, 'could be of either form'],
    ['another size', {}, { helmet_detection_input_size: '320' }, '--helmet_detection_input_size is 320x320'],
  ])('refuses %s', (_, info, options, problem) => {
    const { code, message } = serviceErrorThrownBy(() => formOf(info, options));
    expect(code).toBe('upstream_error');
    expect(message).toContain(problem);
  });

  it('takes an output of either form as the option says', () => {
    const outputs = [tensor('output0', -1, 6, 7)];
    for (const layout of ['yolov5', 'yolov8']) {
      expect(formOf({ outputs }, { helmet_detection_output: layout })).toMatchObject({ output: 'output0' });
    }
  });
});

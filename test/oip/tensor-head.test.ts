import { parseTensorHead } from '../../src/oip/tensor-head.js';
import { outputsOf } from '../../src/predictor/triton/upstream-error.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

const SIDE = outputsOf('model faces');
const LONG = 'N'.repeat(1e6);

describe('parseTensorHead()', () => {
  it.each([[[]], [[0, 4]], [Array<number>(100).fill(1)]])('takes the shape %j', (shape) => {
    const head = { name: 'scores', datatype: 'FP32', shape };
    expect(parseTensorHead(head, SIDE)).toEqual(head);
  });

  it.each([
    ['an unknown datatype', { datatype: 'FP8' }, 'output scores has the unknown datatype "FP8"'],
    ['a dimension below 0', { shape: [1, -1] }, 'output scores has the shape [1,-1]'],
    ['half a dimension', { shape: [1.5] }, 'output scores has the shape [1.5]'],
    ['more elements than can be counted', { shape: [2 ** 52, 2 ** 52] }, 'output scores has the shape [4503'],
    ['101 dimensions', { shape: Array<number>(101).fill(1) }, 'output scores has the shape [1,1,'],
    [
      '100,000 dimensions under a long name',
      { name: LONG, shape: Array<number>(1e5).fill(1) },
      '… has the shape [1,1,',
    ],
    ['a long datatype under a long name', { name: LONG, datatype: LONG }, '… has the unknown datatype "NNN'],
  ])('refuses %s', (_, head, problem) => {
    const whole = { name: 'scores', datatype: 'FP32', shape: [1], ...head };
    const error = serviceErrorThrownBy(() => parseTensorHead(whole, SIDE));
    expect(error.code).toBe('upstream_error');
    expect(error.message).toContain(problem);
    expect(error.message.length).toBeLessThan(300);
  });
});

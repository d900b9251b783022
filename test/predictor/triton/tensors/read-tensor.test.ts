import { createTensor } from '../../../../src/predictor/triton/tensors/create-tensor.js';
import { toFloat32Array, toNumbers, toStrings } from '../../../../src/predictor/triton/tensors/read-tensor.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

describe('toFloat32Array()', () => {
  it('gives the data of FP32 itself', () => {
    const data = Float32Array.of(1, NaN);
    expect(toFloat32Array(createTensor('FP32', [2], data))).toBe(data);
  });

  it.each([
    [createTensor('FP16', [3], [0.5, -65_504, Infinity]), [0.5, -65_504, Infinity]],
    [createTensor('BF16', [2], [0.5, -3]), [0.5, -3]],
    [createTensor('FP64', [1], [0.1]), [Math.fround(0.1)]],
    [createTensor('INT32', [1], [16_777_217]), [16_777_216]],
    [createTensor('UINT8', [2], [0, 255]), [0, 255]],
    [createTensor('BOOL', [2], [true, false]), [1, 0]],
  ])('converts %o', (tensor, values) => {
    expect(toFloat32Array(tensor)).toEqual(Float32Array.from(values));
  });

  it.each([createTensor('INT64', [1], [1n]), createTensor('UINT64', [1], [1n]), createTensor('BYTES', [1], ['1'])])(
    'refuses %o',
    (tensor) => {
      const error = serviceErrorThrownBy(() => toFloat32Array(tensor));
      expect(error.code).toBe('invalid_argument');
      expect(error.message).toBe(`A tensor of ${tensor.datatype} does not hold 32-bit floats`);
    },
  );
});

describe('toNumbers()', () => {
  it.each([
    [createTensor('INT64', [2], [-9_007_199_254_740_991n, 1n]), [-9_007_199_254_740_991, 1]],
    [createTensor('UINT64', [1], [7n]), [7]],
    [createTensor('FP64', [2], [0.1, -0]), [0.1, -0]],
    [createTensor('BF16', [1], [1.5]), [1.5]],
    [createTensor('BOOL', [2], [true, false]), [1, 0]],
  ])('reads %o', (tensor, numbers) => {
    expect(toNumbers(tensor)).toEqual(numbers);
  });

  it.each([
    [createTensor('INT64', [2], [1n, 2n ** 53n]), 'data[1] must be within ±(2^53 - 1); received 9007199254740992'],
    [createTensor('BYTES', [1], ['1']), 'A tensor of BYTES does not hold numbers'],
  ])('refuses %o', (tensor, message) => {
    const error = serviceErrorThrownBy(() => toNumbers(tensor));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toBe(message);
  });
});

describe('toStrings()', () => {
  it('reads UTF-8 as it is, with zero bytes and a byte order mark', () => {
    const texts = ['', 'é\0', '\u{feff}x', '😀'];
    expect(toStrings(createTensor('BYTES', [4], texts))).toEqual(texts);
  });

  it.each([
    [createTensor('BYTES', [2], ['a', Uint8Array.of(0xff, 0x61)]), 'data[1] must be UTF-8; received the bytes ff61'],
    [createTensor('BYTES', [1], [Uint8Array.of(0xed, 0xa0, 0x80)]), 'data[0] must be UTF-8; received the bytes eda080'],
    [createTensor('FP32', [1], [1]), 'A tensor of FP32 does not hold texts, only BYTES does'],
  ])('refuses %o', (tensor, message) => {
    const error = serviceErrorThrownBy(() => toStrings(tensor));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toBe(message);
  });
});

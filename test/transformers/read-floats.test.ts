import { ServiceError } from '../../src/errors.js';
import { readFloats } from '../../src/transformers/read-floats.js';
import type { AnyTensor } from '../../src/tensor.js';

const EXPECTED = { model: 'face_eye', output: 'output', shape: [2, 2] };

function fp32(shape: number[], data: number[]): AnyTensor {
  return { datatype: 'FP32', shape, data: Float32Array.from(data) };
}

describe('readFloats()', () => {
  it('gives the values of the output', () => {
    const outputs = new Map([['output', fp32([2, 2], [1, 2, 3, 4])]]);
    expect([...readFloats(outputs, EXPECTED)]).toEqual([1, 2, 3, 4]);
  });

  it.each<[string, Map<string, AnyTensor>, string]>([
    ['is missing', new Map([['other', fp32([2, 2], [1, 2, 3, 4])]]), 'received none'],
    ['has another shape', new Map([['output', fp32([2, 3], [1, 2, 3, 4, 5, 6])]]), 'received FP32 [2,3]'],
    [
      'has another datatype',
      new Map([['output', { datatype: 'INT32', shape: [2, 2], data: Int32Array.of(1, 2, 3, 4) }]]),
      'received INT32 [2,2]',
    ],
  ])('refuses an output that %s', (_, outputs, received) => {
    const message = `Model face_eye answered what it cannot have meant: expected output output as FP32 [2,2], ${received}`;
    expect(() => readFloats(outputs, EXPECTED)).toThrow(new ServiceError('upstream_error', message));
  });

  it.each([NaN, Infinity, -Infinity])('refuses %p', (value) => {
    const outputs = new Map([['output', fp32([2, 2], [1, 2, value, 4])]]);
    const message = `Model face_eye answered what it cannot have meant: expected finite numbers in output output, received ${value}`;
    expect(() => readFloats(outputs, EXPECTED)).toThrow(new ServiceError('upstream_error', message));
  });
});

import { internalError } from '../src/errors.js';
import { elementCount, float32Tensor } from '../src/tensor.js';

describe('elementCount()', () => {
  it.each([
    [[], 1],
    [[3], 3],
    [[2, 3, 4], 24],
    [[2, 0, 4], 0],
  ])('of %j is %d', (shape, count) => {
    expect(elementCount(shape)).toBe(count);
  });
});

describe('float32Tensor()', () => {
  it('takes the data as it is', () => {
    const data = new Float32Array(6);
    expect(float32Tensor([2, 3], data)).toEqual({ datatype: 'FP32', shape: [2, 3], data });
    expect(float32Tensor([2, 3], data).data).toBe(data);
  });

  it('refuses data that do not fill the shape, which is our own mistake', () => {
    const cause = new RangeError('5 values do not fill the shape [2,3]');
    const { code, message } = internalError(cause);
    expect(() => float32Tensor([2, 3], new Float32Array(5))).toThrow(
      expect.objectContaining({ code, message, cause }) as Error,
    );
  });
});

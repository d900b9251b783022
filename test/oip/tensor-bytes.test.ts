import { jest } from '@jest/globals';
import fc from 'fast-check';
import { bytesOfTensor, tensorOfBytes } from '../../src/oip/tensor-bytes.js';
import { outputsOf } from '../../src/predictor/triton/upstream-error.js';
import { type AnyTensor, float32Tensor } from '../../src/tensor.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

const SIDE = outputsOf('model faces');
const headOf = ({ datatype, shape }: AnyTensor) => ({ name: 'scores', datatype, shape });

describe('bytesOfTensor()', () => {
  it('is a view on the values of a part of a buffer', () => {
    const whole = Float32Array.of(0, 1, 2, 3);
    const bytes = bytesOfTensor(float32Tensor([2], whole.subarray(1, 3)));
    expect(bytes.buffer).toBe(whole.buffer);
    expect([...bytes]).toEqual([0, 0, 128, 63, 0, 0, 0, 64]);
  });

  it('puts the length of each element of BYTES before it', () => {
    const bytes = bytesOfTensor({ datatype: 'BYTES', shape: [2], data: [Buffer.from('ab'), Buffer.alloc(0)] });
    expect([...bytes]).toEqual([2, 0, 0, 0, 97, 98, 0, 0, 0, 0]);
  });
});

describe('tensorOfBytes()', () => {
  it('is a view where the bytes lie aligned, and a copy where not', () => {
    const received = new Uint8Array(16);
    received.set([0, 0, 128, 63], 4);
    const head = { name: 'scores', datatype: 'FP32', shape: [1] } as const;
    const aligned = tensorOfBytes(head, received.subarray(4, 8), SIDE);
    expect(aligned).toEqual(float32Tensor([1], Float32Array.of(1)));
    expect((aligned.data as Float32Array).buffer).toBe(received.buffer);
    received.copyWithin(5, 4, 8);
    const misaligned = tensorOfBytes(head, received.subarray(5, 9), SIDE);
    expect(misaligned).toEqual(float32Tensor([1], Float32Array.of(1)));
  });

  it('brings back 64-bit integers and floats of any value', () => {
    fc.assert(
      fc.property(fc.bigInt64Array(), fc.float64Array(), (integers, floats) => {
        const tensors: AnyTensor[] = [
          { datatype: 'INT64', shape: [integers.length], data: integers },
          { datatype: 'FP64', shape: [floats.length], data: floats },
        ];
        for (const tensor of tensors) {
          expect(tensorOfBytes(headOf(tensor), bytesOfTensor(tensor), SIDE)).toEqual(tensor);
        }
      }),
    );
  });

  it('brings back elements of any bytes, and refuses them cut at any place', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { minLength: 1, maxLength: 5 }), (elements) => {
        const tensor: AnyTensor = { datatype: 'BYTES', shape: [elements.length], data: elements };
        const bytes = bytesOfTensor(tensor);
        const { data } = tensorOfBytes(headOf(tensor), bytes, SIDE);
        expect((data as Uint8Array[]).map((element) => [...element])).toEqual(elements.map((element) => [...element]));
        for (let length = 0; length < bytes.length; length++) {
          expect(() => tensorOfBytes(headOf(tensor), bytes.subarray(0, length), SIDE)).toThrow('model faces');
        }
      }),
    );
  });

  it('takes a tensor without elements', () => {
    const head = { name: 'boxes', datatype: 'FP32', shape: [0, 4] } as const;
    expect(tensorOfBytes(head, new Uint8Array(0), SIDE)).toEqual(float32Tensor([0, 4], new Float32Array(0)));
  });

  it.each([
    ['FP32', [2], 7, 'output scores has 7 bytes, but FP32 of shape [2] takes 8'],
    ['INT64', [2, 2], 8, 'output scores has 8 bytes, but INT64 of shape [2,2] takes 32'],
    ['BYTES', [1], 3, 'output scores has 3 bytes, but BYTES of shape [1] takes 4 or more'],
    ['BYTES', [1], 8, 'output scores has 8 bytes, but BYTES of shape [1] takes 4 for its 1 elements'],
    ['BYTES', [0], 4, 'output scores has 4 bytes, but BYTES of shape [0] takes 0 for its 0 elements'],
    ['BYTES', [3], 8, 'output scores has 8 bytes, but BYTES of shape [3] takes 12 or more'],
  ] as const)('refuses %s of shape %j in %d bytes', (datatype, shape, length, problem) => {
    const head = { name: 'scores', datatype, shape };
    expect(serviceErrorThrownBy(() => tensorOfBytes(head, new Uint8Array(length), SIDE))).toMatchObject({
      code: 'upstream_error',
      message: `The predictor's answer for model faces is not valid: ${problem}`,
    });
  });

  it('refuses an element that is longer than what is left', () => {
    const bytes = Uint8Array.of(0, 0, 0, 0, 9, 0, 0, 0, 1);
    const head = { name: 'texts', datatype: 'BYTES', shape: [2] } as const;
    expect(() => tensorOfBytes(head, bytes, SIDE)).toThrow('output texts ends within element 1');
  });

  it.each([
    ['more elements than the shape holds', [1], 1],
    ['fewer bytes than the elements of the shape take', [1_000_001], 0],
  ])('makes no more elements than are of use: %s', (_, shape, expected) => {
    const subarray = jest.spyOn(Uint8Array.prototype, 'subarray');
    try {
      const head = { name: 'texts', datatype: 'BYTES', shape } as const;
      expect(() => tensorOfBytes(head, new Uint8Array(4_000_000), SIDE)).toThrow('output texts has 4000000 bytes');
      expect(subarray).toHaveBeenCalledTimes(expected);
    } finally {
      subarray.mockRestore();
    }
  });

  it('cuts a name and a shape in its message', () => {
    const head = { name: 'N'.repeat(1e6), datatype: 'FP32', shape: Array<number>(1e5).fill(1) } as const;
    const { message } = serviceErrorThrownBy(() => tensorOfBytes(head, new Uint8Array(1), SIDE));
    expect(message).toContain(`output ${'N'.repeat(80)}… has 1 bytes, but FP32 of shape [1,1,`);
    expect(message.length).toBeLessThan(300);
  });
});

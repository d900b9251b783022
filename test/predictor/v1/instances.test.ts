import { toBfloat16 } from '../../../src/predictor/triton/tensors/bfloat16.js';
import { toFloat16 } from '../../../src/predictor/triton/tensors/float16.js';
import { instancesBody } from '../../../src/predictor/v1/instances.js';
import { type AnyTensor, float32Tensor } from '../../../src/tensor.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const textOf = (inputs: Record<string, AnyTensor>) =>
  Buffer.concat(instancesBody(new Map(Object.entries(inputs)))).toString('utf8');

const texts = (shape: number[], ...values: (string | Uint8Array)[]): AnyTensor => {
  return { datatype: 'BYTES', shape, data: values.map((value) => Buffer.from(value as string)) };
};

describe('instancesBody()', () => {
  it.each<[string, AnyTensor, string]>([
    ['a number for each row', float32Tensor([2], Float32Array.of(1, -2.5)), '[1,-2.5]'],
    ['rows of numbers', float32Tensor([2, 2], Float32Array.of(0, 1, 2, 2 ** 70)), '[[0,1],[2,1.1805916207174113e+21]]'],
    [
      'nested lists of three dimensions',
      float32Tensor([2, 1, 2, 1], Float32Array.of(1, 2, 3, 4)),
      '[[[[1],[2]]],[[[3],[4]]]]',
    ],
    ['numbers of FP32 exactly', float32Tensor([1], Float32Array.of(0.1)), '[0.10000000149011612]'],
    ['a row without elements', float32Tensor([2, 0], new Float32Array(0)), '[[],[]]'],
    ['no row', float32Tensor([0, 4], new Float32Array(0)), '[]'],
    ['FP64', { datatype: 'FP64', shape: [1], data: Float64Array.of(0.1) }, '[0.1]'],
    ['FP16', { datatype: 'FP16', shape: [1, 2], data: toFloat16([0.5, -2]) }, '[[0.5,-2]]'],
    ['BF16', { datatype: 'BF16', shape: [1, 2], data: toBfloat16([0.5, -2]) }, '[[0.5,-2]]'],
    ['BOOL', { datatype: 'BOOL', shape: [1, 2], data: Uint8Array.of(1, 0) }, '[[true,false]]'],
    ['UINT8', { datatype: 'UINT8', shape: [2], data: Uint8Array.of(0, 255) }, '[0,255]'],
    [
      'INT64 with all digits',
      { datatype: 'INT64', shape: [1, 2], data: BigInt64Array.of(9007199254740993n, -1n) },
      '[[9007199254740993,-1]]',
    ],
    ['texts', texts([2], 'größe "S"', ''), '["größe \\"S\\"",""]'],
    ['rows of texts', texts([1, 2], 'a', 'b'), '[["a","b"]]'],
    ['the names of JSON’s missing numbers as texts', texts([2], 'NaN', 'Infinity'), '["NaN","Infinity"]'],
    ['bytes that are no text', texts([1], Uint8Array.of(0xff, 0xd8)), '[{"b64":"/9g="}]'],
  ])('writes %s', (_, tensor, instances) => {
    expect(textOf({ input: tensor })).toBe(`{"instances":${instances}}`);
  });

  it('writes several inputs as an object for each row', () => {
    const text = textOf({
      image: float32Tensor([2, 2], Float32Array.of(1, 2, 3, 4)),
      'the "name"': texts([2], 'a', 'b'),
      flag: { datatype: 'BOOL', shape: [2, 1], data: Uint8Array.of(1, 0) },
    });
    expect(JSON.parse(text)).toEqual({
      instances: [
        { image: [1, 2], 'the "name"': 'a', flag: [true] },
        { image: [3, 4], 'the "name"': 'b', flag: [false] },
      ],
    });
  });

  it('writes a part of a larger buffer', () => {
    const all = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(textOf({ input: float32Tensor([2, 2], all.subarray(2)) })).toBe('{"instances":[[3,4],[5,6]]}');
  });

  it('writes a large body in pieces, none of which is large', () => {
    const data = Float64Array.from({ length: 400_000 }, (_, index) => index);
    const pieces = instancesBody(new Map([['input', { datatype: 'FP64', shape: [4000, 100], data }]]));
    expect(pieces.length).toBeGreaterThan(5);
    expect(Math.max(...pieces.map(({ byteLength }) => byteLength))).toBeLessThan(300_000);
    const { instances } = JSON.parse(Buffer.concat(pieces).toString()) as { instances: number[][] };
    expect(instances.flat()).toEqual([...data]);
  });

  it.each<[Record<string, AnyTensor>, string]>([
    [{}, 'inputs must hold at least one tensor'],
    [{ rate: float32Tensor([], Float32Array.of(1)) }, 'inputs.rate must have a first dimension, that of the instances'],
    [
      { a: float32Tensor([2], new Float32Array(2)), b: float32Tensor([3], new Float32Array(3)) },
      'inputs must have the same first dimension, that of the instances; received 2, 3',
    ],
    [
      { input: float32Tensor([2, 1], Float32Array.of(1, NaN)) },
      'inputs.input must hold finite numbers, for JSON has no others',
    ],
    [
      { input: { datatype: 'FP64', shape: [1], data: Float64Array.of(-Infinity) } },
      'inputs.input must hold finite numbers, for JSON has no others',
    ],
  ])('refuses %o', (inputs, message) => {
    expect(serviceErrorThrownBy(() => textOf(inputs))).toMatchObject({ code: 'invalid_argument', message });
  });
});

import { toBfloat16 } from '../../../src/predictor/triton/tensors/bfloat16.js';
import { toFloat16 } from '../../../src/predictor/triton/tensors/float16.js';
import { instancesBody } from '../../../src/predictor/v1/instances.js';
import { type AnyTensor, float32Tensor } from '../../../src/tensor.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';

const { signal } = new AbortController();

const textOf = async (inputs: Record<string, AnyTensor>) =>
  Buffer.concat(await instancesBody(new Map(Object.entries(inputs)), signal)).toString('utf8');

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
    ['no row', float32Tensor([0, 2 ** 40], new Float32Array(0)), '[]'],
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
    ['texts that look like missing numbers', texts([2], 'null', 'NaN'), '["null","NaN"]'],
    ['bytes that are no text', texts([1], Uint8Array.of(0xff, 0xd8)), '[{"b64":"/9g="}]'],
  ])('writes %s', async (_, tensor, instances) => {
    expect(await textOf({ input: tensor })).toBe(`{"instances":${instances}}`);
  });

  it('writes several inputs as an object for each row', async () => {
    const text = await textOf({
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

  it('writes a part of a larger buffer', async () => {
    const all = Float32Array.of(1, 2, 3, 4, 5, 6);
    expect(await textOf({ input: float32Tensor([2, 2], all.subarray(2)) })).toBe('{"instances":[[3,4],[5,6]]}');
  });

  describe('of a large body', () => {
    const data = Float64Array.from({ length: 400_000 }, (_, index) => index);
    const inputs = new Map([['input', { datatype: 'FP64', shape: [4000, 100], data } as const]]);

    it('writes pieces, none of which is large, and lets others have their turn between them', async () => {
      let turns = 0;
      let isWritten = false;
      const takeTurns = () => {
        turns++;
        if (!isWritten) setImmediate(takeTurns);
      };
      takeTurns();
      const pieces = await instancesBody(inputs, signal);
      isWritten = true;
      expect(pieces.length).toBeGreaterThan(5);
      expect(turns).toBeGreaterThanOrEqual(pieces.length - 1);
      expect(Math.max(...pieces.map(({ byteLength }) => byteLength))).toBeLessThan(300_000);
      const { instances } = JSON.parse(Buffer.concat(pieces).toString()) as { instances: number[][] };
      expect(instances.flat()).toEqual([...data]);
    });

    it('writes no further once nobody waits', async () => {
      const controller = new AbortController();
      const body = serviceErrorOf(instancesBody(inputs, controller.signal));
      controller.abort();
      expect((await body).code).toBe('cancelled');
    });
  });

  it.each<[string, Record<string, AnyTensor>]>([
    ['inputs must hold at least one tensor', {}],
    ['inputs.rate must have a first dimension, that of the instances', { rate: float32Tensor([], Float32Array.of(1)) }],
    [
      'inputs must have the same first dimension, that of the instances; received 2, 3',
      { a: float32Tensor([2], new Float32Array(2)), b: float32Tensor([3], new Float32Array(3)) },
    ],
    ['inputs.many must hold elements in each row', { many: float32Tensor([2 ** 40, 0], new Float32Array(0)) }],
    ['inputs.deep must hold elements in each row', { deep: float32Tensor([1, 2 ** 40, 0], new Float32Array(0)) }],
    [
      'inputs.odd must hold finite numbers, for JSON has no others',
      { odd: float32Tensor([2, 1], Float32Array.of(1, NaN)) },
    ],
    [
      'inputs.far must hold finite numbers, for JSON has no others',
      { far: { datatype: 'FP64', shape: [1], data: Float64Array.of(-Infinity) } },
    ],
  ])('says that %s', async (message, inputs) => {
    expect(await serviceErrorOf(textOf(inputs))).toMatchObject({ code: 'invalid_argument', message });
  });
});

import { readFileSync } from 'node:fs';
import type { InferRequest } from '../../../src/predictor/predictor.js';
import type { AnyTensor } from '../../../src/tensor.js';
import { plainCall } from '../../helpers/served-cifar10.js';
import { serveMnist } from '../../helpers/served-mnist.js';

const PNG = readFileSync(new URL('../../../samples/mnist/two.png', import.meta.url));
const SIZE = 28 * 28;

const serve = () => serveMnist({ logitsOf: (item) => [0, 0, 1, 0, 0, 0, 0, 0, 0, (item[0] ?? 0) > 0 ? 9 : 0] }).model;

function request(inputs: Record<string, AnyTensor>, changes: Partial<InferRequest> = {}): InferRequest {
  return { model: 'mnist', inputs: new Map(Object.entries(inputs)), ...changes };
}

const pictures = (...data: Uint8Array[]): AnyTensor => ({ datatype: 'BYTES', shape: [data.length], data });

/** Digits of one value in the first pixel. */
function greys(...firsts: number[]): AnyTensor {
  const data = new Float32Array(firsts.length * SIZE);
  firsts.forEach((first, digit) => (data[digit * SIZE] = first));
  return { datatype: 'FP32', shape: [firsts.length, 28, 28], data };
}

function responsesOf(outputs: ReadonlyMap<string, AnyTensor>): unknown[] {
  const tensor = outputs.get('response');
  if (tensor?.datatype !== 'BYTES') throw new TypeError('response is no BYTES tensor');
  return tensor.data.map((element) => JSON.parse(Buffer.from(element).toString()) as unknown);
}

describe('mnist over the Open Inference Protocol', () => {
  it('answers numbers with the digit of each', async () => {
    const { outputs } = await serve().infer(request({ 'input-0': greys(0, 1, 0) }), plainCall());
    expect([...outputs.keys()]).toEqual(['predict', 'response']);
    expect(outputs.get('predict')).toEqual({ datatype: 'INT64', shape: [3], data: BigInt64Array.of(2n, 9n, 2n) });
    expect(responsesOf(outputs)).toEqual([2, 9, 2]);
  });

  it('answers pictures, as bytes and in base64, whatever their input is called', async () => {
    const b64 = Buffer.from(PNG.toString('base64'));
    for (const name of ['image', '312a4eb0-0ca7-4803-a101-a6d2c18486fe', 'input-0']) {
      const { outputs } = await serve().infer(request({ [name]: pictures(PNG, b64) }), plainCall());
      expect(outputs.get('predict')?.data).toEqual(BigInt64Array.of(2n, 2n));
    }
    const { outputs } = await serve().infer(request({ any: greys(1) }), plainCall());
    expect(outputs.get('predict')?.data).toEqual(BigInt64Array.of(9n));
  });

  it('answers -1 in place of a bad item’s digit, and says in its response why', async () => {
    const { outputs } = await serve().infer(request({ 'input-0': greys(0, 2, 1) }), plainCall());
    expect(outputs.get('predict')?.data).toEqual(BigInt64Array.of(2n, -1n, 9n));
    expect(responsesOf(outputs)[1]).toEqual({
      error: {
        code: 'invalid_argument',
        message: expect.stringMatching(/^inputs\[0\]\.data\[1\]: expected grey values/),
      },
    });
  });

  it('explains in a tensor of its own, NaN for a bad item', async () => {
    const { outputs } = await serve().explain(request({ 'input-0': greys(1, 2) }), plainCall());
    expect([...outputs.keys()]).toEqual(['explain', 'response']);
    const { datatype, shape, data } = outputs.get('explain') ?? {};
    expect([datatype, shape]).toEqual(['FP64', [2, 28, 28]]);
    const [first] = responsesOf(outputs) as number[][][][];
    expect([...((data as Float64Array | undefined)?.subarray(0, SIZE) ?? [])]).toEqual(first?.flat(2));
    expect(data?.[0]).toBeGreaterThan(0.9);
    expect([...((data as Float64Array | undefined)?.subarray(SIZE) ?? [])]).toEqual(new Array(SIZE).fill(NaN));
    const only = await serve().explain(request({ image: pictures(PNG) }, { outputs: ['explain'] }), plainCall());
    expect([...only.outputs].map(([name, tensor]) => [name, tensor.shape])).toEqual([['explain', [1, 28, 28]]]);
  });

  it.each<[string, Record<string, AnyTensor>, string]>([
    ['no input', {}, 'received: none'],
    ['two inputs', { image: pictures(PNG), 'input-0': greys(0) }, 'received: image, input-0'],
    [
      'another shape',
      { 'input-0': { datatype: 'FP32', shape: [1, 784], data: new Float32Array(SIZE) } },
      'expected grey values of shape [N,28,28], [N,1,28,28] or [28,28]; received "input-0" FP32 [1,784]',
    ],
    [
      'another datatype',
      { image: { datatype: 'INT32', shape: [1, 28, 28], data: new Int32Array(SIZE) } },
      'expected grey values as FP32 or FP64 of 0..1, or UINT8 of 0..255; received "image" INT32 [1,28,28]',
    ],
  ])('refuses %s', async (_, inputs, problem) => {
    const refusal = { code: 'invalid_argument', message: expect.stringContaining(problem) };
    await expect(serve().infer(request(inputs), plainCall())).rejects.toMatchObject(refusal);
    await expect(serve().explain(request(inputs), plainCall())).rejects.toMatchObject(refusal);
  });

  it('describes itself: pictures or numbers in, digits and responses out', async () => {
    expect(await serve().metadata(undefined, plainCall())).toMatchObject({
      name: 'mnist',
      inputs: [
        { name: 'image', datatype: 'BYTES', shape: [-1] },
        { name: 'input-0', datatype: 'FP32', shape: [-1, 28, 28] },
      ],
      outputs: [
        { name: 'predict', datatype: 'INT64', shape: [-1] },
        { name: 'response', datatype: 'BYTES', shape: [-1] },
      ],
    });
  });
});

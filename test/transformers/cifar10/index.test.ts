import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { ServiceError } from '../../../src/errors.js';
import type { InferRequest, NamedTensors } from '../../../src/predictor/predictor.js';
import type { AnyTensor } from '../../../src/tensor.js';
import { expectedBytes, largestDifference, toPlanes } from '../../helpers/imaging-fixtures.js';
import { serveCifar10 } from '../../helpers/served-cifar10.js';

const ROUGH = readFileSync(new URL('../../fixtures/imaging/face.png', import.meta.url));
const NOT_A_PICTURE = Buffer.from('not a picture').toString('base64');

/** A picture of one colour. */
function plain(red: number, size: { width: number; height: number } = { width: 32, height: 32 }): Promise<Buffer> {
  return sharp({ create: { ...size, channels: 3, background: { r: red, g: 20, b: 30 } } })
    .png()
    .toBuffer();
}

/** The values of a call's input. */
function inputOf(call: InferRequest | undefined): { shape: readonly number[]; data: Float32Array } {
  const input = call?.inputs.get('INPUT__0');
  if (input?.datatype !== 'FP32') throw new TypeError('INPUT__0 is no FP32 tensor');
  return input;
}

describe('createCifar10()', () => {
  it('sends a picture of 32 x 32 as it is: RGB, (x / 255 − 0.5) / 0.5', async () => {
    const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 89) % 256);
    const png = await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
      .png()
      .toBuffer();
    const { predict, calls } = serveCifar10();
    await predict([png]);
    expect(calls.map(({ model, outputs }) => ({ model, outputs }))).toEqual([
      { model: 'cifar10', outputs: ['OUTPUT__0'] },
    ]);
    const { shape, data } = inputOf(calls[0]);
    expect(shape).toEqual([1, 3, 32, 32]);
    const expected = Array.from(toPlanes(pixels), (value) => (value / 255 - 0.5) / 0.5);
    expect(largestDifference(data, expected)).toBeLessThan(1e-6);
  });

  it('stretches a picture of another size as Pillow does', async () => {
    const { predict, calls } = serveCifar10();
    await predict([ROUGH]);
    const expected = Array.from(toPlanes(expectedBytes('antialiased-face-32x32.bin')), (value) => value / 127.5 - 1);
    expect(largestDifference(inputOf(calls[0]).data, expected)).toBeLessThan(1e-6);
  });

  it('names the class of the highest logit, and the first among equals', async () => {
    const rows = [
      [0, 0, 0, 5, 0, 0, 0, 0, 0, -9],
      [-3, -2, -2, -2, -3, -3, -3, -3, -3, -3],
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ];
    const served = serveCifar10({ logitsOf: ([first = 0]) => rows[Math.round((first + 1) * 127.5)] ?? [] });
    expect(await served.predict([await plain(0), await plain(1), await plain(2)])).toEqual([
      { label: 'cat', index: 3, logits: rows[0] },
      { label: 'automobile', index: 1, logits: rows[1] },
      { label: 'truck', index: 9, logits: rows[2] },
    ]);
  });

  it.each<[string, (b64: string) => unknown]>([
    ['"<b64>"', (b64) => b64],
    ['a data URL', (b64) => `data:image/png;base64,${b64}`],
    ['{"image":{"b64"}}', (b64) => ({ image: { b64 } })],
    ['{"image_bytes":{"b64"}}', (b64) => ({ image_bytes: { b64 } })],
    ['{"data"}', (b64) => ({ data: b64 })],
    ['{"b64"}', (b64) => ({ b64 })],
  ])('takes an instance as %s', async (_, instanceOf) => {
    const { predict } = serveCifar10();
    const png = await plain(255);
    expect(await predict([instanceOf(png.toString('base64'))])).toEqual([
      { label: 'airplane', index: 0, logits: new Array(10).fill(1) },
    ]);
  });

  it('carries the instance’s other keys along, and its own keys win', async () => {
    const b64 = (await plain(255)).toString('base64');
    const { predict } = serveCifar10();
    const [prediction] = await predict([
      {
        ...{ b64, data: 'x', image: 'x', image_bytes: 'x' },
        ...{ caption: 'a plane', tags: [1, { deep: true }], label: 'mine', index: 7, logits: 'mine' },
      },
    ]);
    expect(prediction).toEqual({
      caption: 'a plane',
      tags: [1, { deep: true }],
      label: 'airplane',
      index: 0,
      logits: new Array(10).fill(1),
    });
  });

  it('keeps a bad item’s error in its place and classifies the others', async () => {
    const [first, second] = await Promise.all([plain(0), plain(255)]);
    const { predict, calls } = serveCifar10();
    const predictions = await predict([first, { b64: NOT_A_PICTURE, caption: 'bad' }, 7, second]);
    expect(predictions).toEqual([
      { label: 'airplane', index: 0, logits: new Array(10).fill(-1) },
      { error: { code: 'unprocessable', message: expect.stringMatching(/^instances\[1\]: not a picture/) } },
      { error: { code: 'invalid_argument', message: expect.stringMatching(/^instances\[2\]: expected a base64/) } },
      { label: 'airplane', index: 0, logits: new Array(10).fill(1) },
    ]);
    expect(calls.map((call) => inputOf(call).shape)).toEqual([[2, 3, 32, 32]]);
  });

  it('refuses a picture with more pixels than the limit', async () => {
    const [prediction] = await serveCifar10().predict([await plain(0, { width: 1001, height: 100 }), await plain(0)]);
    expect(prediction).toEqual({
      error: {
        code: 'payload_too_large',
        message: expect.stringMatching(/^instances\[0\]: .*1001×100.* 100000 pixels/),
      },
    });
  });

  it('splits many pictures into even batches and keeps their order', async () => {
    const pictures = await Promise.all(Array.from({ length: 70 }, (_, i) => plain(i)));
    const { predict, calls } = serveCifar10({ maxBatchSize: 32 });
    const predictions = (await predict(pictures)) as { logits: number[] }[];
    expect(calls.map((call) => inputOf(call).shape[0])).toEqual([24, 23, 23]);
    expect(predictions.map(({ logits }) => Math.round(((logits[0] ?? NaN) + 1) * 127.5))).toEqual([
      ...Array.from({ length: 70 }, (_, i) => i),
    ]);
  });

  it('asks nothing of the predictor when no item is left', async () => {
    const { predict, calls } = serveCifar10();
    await expect(predict([NOT_A_PICTURE])).rejects.toMatchObject({ code: 'unprocessable' });
    expect(calls).toEqual([]);
  });

  it('calls the model by the name that the configuration gives', async () => {
    const { predict, calls } = serveCifar10({ predictorModelName: 'resnet' });
    await predict([await plain(0)]);
    expect(calls.map(({ model }) => model)).toEqual(['resnet']);
  });

  it.each<[string, (tensor: AnyTensor) => NamedTensors, string]>([
    ['none', () => new Map(), 'output OUTPUT__0 is missing for 1 items'],
    ['another name', (tensor) => new Map([['output', tensor]]), 'output OUTPUT__0 is missing for 1 items'],
    [
      'nine logits',
      () => new Map([['OUTPUT__0', { datatype: 'FP32', shape: [1, 9], data: new Float32Array(9) }]]),
      'expected output OUTPUT__0 as FP32 [1,10], received FP32 [1,9]',
    ],
    [
      'two rows',
      () => new Map([['OUTPUT__0', { datatype: 'FP32', shape: [2, 10], data: new Float32Array(20) }]]),
      'output OUTPUT__0 has the shape [2,10] for 1 items',
    ],
    [
      'whole numbers',
      () => new Map([['OUTPUT__0', { datatype: 'INT64', shape: [1, 10], data: new BigInt64Array(10) }]]),
      'expected output OUTPUT__0 as FP32 [1,10], received INT64 [1,10]',
    ],
    [
      'a logit that is no number',
      () => new Map([['OUTPUT__0', { datatype: 'FP32', shape: [1, 10], data: new Float32Array(10).fill(NaN, 4) }]]),
      'expected finite numbers in output OUTPUT__0, received NaN',
    ],
  ])('refuses %s as the predictor’s answer', async (_, spoiled, problem) => {
    const served = serveCifar10({
      spoil: (outputs) => spoiled(outputs.get('OUTPUT__0') ?? { datatype: 'BOOL', shape: [0], data: new Uint8Array() }),
    });
    await expect(served.predict([await plain(0)])).rejects.toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining(problem),
    });
  });

  it('passes on why the predictor fails', async () => {
    const failure = new ServiceError('unavailable', 'The predictor cannot be reached');
    const { predict } = serveCifar10({
      spoil: () => {
        throw failure;
      },
    });
    await expect(predict([await plain(0)])).rejects.toBe(failure);
  });

  it('misses its one model until that is ready', async () => {
    let ready = '';
    const isModelReady = (model: string) => model === ready;
    const [own, renamed] = [
      serveCifar10({ isModelReady }),
      serveCifar10({ isModelReady, predictorModelName: 'resnet' }),
    ];
    expect(await own.missingModels()).toEqual(['cifar10']);
    expect(await renamed.missingModels()).toEqual(['resnet']);
    ready = 'cifar10';
    expect(await own.missingModels()).toEqual([]);
    expect(await renamed.missingModels()).toEqual(['resnet']);
  });
});

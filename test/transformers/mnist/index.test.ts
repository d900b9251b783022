import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { ServiceError } from '../../../src/errors.js';
import type { NamedTensors } from '../../../src/predictor/predictor.js';
import type { AnyTensor } from '../../../src/tensor.js';
import { largestDifference } from '../../helpers/imaging-fixtures.js';
import { inputOf, normalised, serveMnist } from '../../helpers/served-mnist.js';

const ROUGH = readFileSync(new URL('../../fixtures/imaging/face.png', import.meta.url));
const SIZE = 28 * 28;

/** Logits that name a digit. */
const naming = (digit: number) => Array.from({ length: 10 }, (_, i) => (i === digit ? 5 : 0));

/** The digit that the first pixel, 0..9 hundredths, asks for. */
const byFirstPixel = ([first = 0]: Float32Array) => naming(Math.round((first * 0.3081 + 0.1307) * 100));

function png(grey: Uint8Array, width = 28): Promise<Buffer> {
  return sharp(grey, { raw: { width, height: grey.length / width, channels: 1 } })
    .png()
    .toBuffer();
}

const RAMP = Uint8Array.from({ length: SIZE }, (_, i) => (i * 89) % 256);
const rowsOf = (value: number) => Array.from({ length: 28 }, () => new Array<number>(28).fill(value));

describe('createMnist()', () => {
  it('sends a picture of 28 x 28 as it is: grey, (x / 255 − 0.1307) / 0.3081', async () => {
    const { predict, calls } = serveMnist({ options: { mnist_invert: 'never' } });
    await predict([await png(RAMP)]);
    expect(calls.map(({ model, outputs }) => ({ model, outputs }))).toEqual([{ model: 'mnist', outputs: ['output'] }]);
    const { shape, data } = inputOf(calls[0]);
    expect(shape).toEqual([1, 1, 28, 28]);
    expect(
      largestDifference(
        data,
        Array.from(RAMP, (value) => normalised(value / 255)),
      ),
    ).toBeLessThan(1e-5);
  });

  it('makes grey of colours by Rec. 601', async () => {
    const { predict, calls } = serveMnist({ options: { mnist_invert: 'never' } });
    await predict([
      await sharp({ create: { width: 28, height: 28, channels: 3, background: { r: 200, g: 100, b: 50 } } })
        .png()
        .toBuffer(),
    ]);
    const grey = (0.299 * 200 + 0.587 * 100 + 0.114 * 50) / 255;
    expect(inputOf(calls[0]).data[0]).toBeCloseTo(normalised(grey), 5);
  });

  it('stretches a picture of another size over 28 x 28 by --mnist_center never', async () => {
    const { predict, calls } = serveMnist({ options: { mnist_invert: 'never', mnist_center: 'never' } });
    const halves = Uint8Array.from({ length: 56 * 84 }, (_, i) => (i % 56 < 28 ? 255 : 0));
    await predict([await png(halves, 56), ROUGH]);
    const { data } = inputOf(calls[0]);
    const row = [...data.subarray(28 * 14, 28 * 15)].map((value) => Math.round((value * 0.3081 + 0.1307) * 255 + 1e-3));
    // Pillow's BILINEAR takes in half a pixel of the neighbours when it halves.
    expect(row).toEqual([...new Array<number>(13).fill(255), 223, 32, ...new Array<number>(13).fill(0)]);
  });

  it('brings the digit of a picture of another size into MNIST’s form, by default', async () => {
    const paper = new Uint8Array(200 * 100).fill(200);
    for (let y = 20; y < 60; y++) paper.fill(40, y * 200 + 150, y * 200 + 160);
    const { predict, calls } = serveMnist();
    await predict([
      await png(paper, 200),
      await sharp(await png(paper, 200))
        .rotate(90)
        .toBuffer(),
    ]);
    const digits = [0, 1].map((i) => inputOf(calls[0]).data.subarray(i * SIZE, (i + 1) * SIZE));
    const ink = digits.map((digit) => [...digit.keys()].filter((at) => (digit[at] ?? 0) > normalised(0.5)));
    // 10 × 40 pixels become 5 × 20 about the middle; turned, 20 × 5.
    const [upright = [], turned = []] = ink;
    expect([Math.min(...upright), Math.max(...upright)]).toEqual([28 * 4 + 12, 28 * 23 + 15]);
    expect([Math.min(...turned), Math.max(...turned)]).toEqual([28 * 12 + 4, 28 * 15 + 23]);
    expect(digits[0]?.[0]).toBeCloseTo(normalised(0), 5);
    expect(digits[0]?.[28 * 14 + 14]).toBeCloseTo(normalised(1), 1);
  });

  it('leaves pictures of 28 x 28 and numbers where they are, unless --mnist_center is always', async () => {
    const corner = new Uint8Array(SIZE);
    for (let y = 1; y < 11; y++) corner.fill(255, y * 28 + 1, y * 28 + 6);
    const rows = Array.from({ length: 28 }, (_, y) => [...corner.subarray(y * 28, y * 28 + 28)].map((v) => v / 255));
    const inputs = async (mnist_center: 'auto' | 'always') => {
      const { predict, calls } = serveMnist({ options: { mnist_center } });
      await predict([await png(corner), rows]);
      const { data } = inputOf(calls[0]);
      expect(largestDifference(data.subarray(0, SIZE), data.subarray(SIZE))).toBeLessThan(1e-5);
      return data;
    };
    expect((await inputs('auto'))[29]).toBeCloseTo(normalised(1), 5);
    const centred = await inputs('always');
    expect(centred[29]).toBeCloseTo(normalised(0), 5);
    expect(centred[28 * 14 + 14]).toBeCloseTo(normalised(1), 1);
  });

  it('turns round what is written dark on light, by default', async () => {
    const dark = new Uint8Array(SIZE).fill(255);
    dark.fill(51, 300, 420);
    const { predict, calls } = serveMnist();
    await predict([await png(dark), await png(dark.map((value) => 255 - value))]);
    const { data } = inputOf(calls[0]);
    expect(data[0]).toBeCloseTo(normalised(0), 5);
    expect(data[310]).toBeCloseTo(normalised(0.8), 5);
    expect(data.subarray(0, SIZE)).toEqual(data.subarray(SIZE));
  });

  it('answers the digit of the highest logit, and the lowest among equals', async () => {
    const rows = [naming(7), [-3, -2, -2, -2, -3, -3, -3, -3, -3, -3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]];
    const served = serveMnist({
      logitsOf: ([first = 0]) => rows[Math.round((first * 0.3081 + 0.1307) * 10)] ?? [],
      options: { mnist_invert: 'never' },
    });
    expect(await served.predict([rowsOf(0), rowsOf(0.1), rowsOf(0.2)])).toEqual([7, 1, 9]);
  });

  it.each<[string, (b64: string) => unknown]>([
    ['"<b64>"', (b64) => b64],
    ['a data URL', (b64) => `data:image/png;base64,${b64}`],
    ['{"image":{"b64"}}', (b64) => ({ image: { b64 } })],
    ['{"image_bytes":{"b64"}}', (b64) => ({ image_bytes: { b64 } })],
    ['{"data","target"}, as KServe’s example of TorchServe', (b64) => ({ data: b64, target: 0 })],
    ['{"b64"}', (b64) => ({ b64 })],
  ])('takes an instance as %s', async (_, instanceOf) => {
    const { predict } = serveMnist({ logitsOf: () => naming(2) });
    expect(await predict([instanceOf((await png(RAMP)).toString('base64'))])).toEqual([2]);
  });

  it('keeps a bad item’s error in its place and reads the others, pictures and numbers side by side', async () => {
    const { predict, calls } = serveMnist({ logitsOf: byFirstPixel, options: { mnist_invert: 'never' } });
    const picture = new Uint8Array(SIZE);
    picture[0] = 8;
    const instances = [await png(picture), 'AAAA', rowsOf(0.05), rowsOf(2), { foo: 1 }, [rowsOf(0.07)]];
    expect(await predict(instances)).toEqual([
      3,
      { error: { code: 'unprocessable', message: expect.stringMatching(/^instances\[1\]: not a picture/) } },
      5,
      {
        error: {
          code: 'invalid_argument',
          message:
            'instances[3]: expected grey values of 0 (black) to 1 (white), received 2 in row 0, column 0; 0..255 go as UINT8',
        },
      },
      { error: { code: 'invalid_argument', message: expect.stringMatching(/^instances\[4\]: expected a base64/) } },
      7,
    ]);
    expect(calls.map((call) => inputOf(call).shape)).toEqual([[3, 1, 28, 28]]);
  });

  it('splits many digits into even batches and keeps their order', async () => {
    const { predict, calls } = serveMnist({
      maxBatchSize: 32,
      logitsOf: byFirstPixel,
      options: { mnist_invert: 'never' },
    });
    const wanted = Array.from({ length: 70 }, (_, i) => (i * 7) % 10);
    expect(await predict(wanted.map((digit) => rowsOf(digit / 100)))).toEqual(wanted);
    expect(calls.map((call) => inputOf(call).shape[0])).toEqual([24, 23, 23]);
  });

  it('calls the model by the name that the configuration gives, and misses it until it is ready', async () => {
    let ready = '';
    const served = serveMnist({ predictorModelName: 'lenet', isModelReady: (model) => model === ready });
    await served.predict([rowsOf(0)]);
    expect(served.calls.map(({ model }) => model)).toEqual(['lenet']);
    expect(await served.missingModels()).toEqual(['lenet']);
    ready = 'lenet';
    expect(await served.missingModels()).toEqual([]);
    expect(await serveMnist({ isModelReady: () => false }).missingModels()).toEqual(['mnist']);
  });

  it.each<[string, (tensor: AnyTensor) => NamedTensors, string]>([
    ['none', () => new Map(), 'output output is missing for 1 items'],
    [
      'nine logits',
      () => new Map([['output', { datatype: 'FP32', shape: [1, 9], data: new Float32Array(9) }]]),
      'expected output output as FP32 [1,10], received FP32 [1,9]',
    ],
    [
      'a logit that is no number',
      () => new Map([['output', { datatype: 'FP32', shape: [1, 10], data: new Float32Array(10).fill(NaN, 4) }]]),
      'expected finite numbers in output output, received NaN',
    ],
  ])('refuses %s as the predictor’s answer', async (_, spoiled, problem) => {
    const served = serveMnist({
      spoil: (outputs) => spoiled(outputs.get('output') ?? { datatype: 'BOOL', shape: [0], data: new Uint8Array() }),
    });
    const refusal = { code: 'upstream_error', message: expect.stringContaining(problem) };
    await expect(served.predict([rowsOf(0)])).rejects.toMatchObject(refusal);
    await expect(served.explain([rowsOf(0)])).rejects.toMatchObject(refusal);
  });

  it('passes on why the predictor fails', async () => {
    const failure = new ServiceError('unavailable', 'The predictor cannot be reached');
    const { predict } = serveMnist({
      spoil: () => {
        throw failure;
      },
    });
    await expect(predict([rowsOf(0)])).rejects.toBe(failure);
  });
});

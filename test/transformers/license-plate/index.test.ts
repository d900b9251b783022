import type { Picture } from '../../../src/imaging/picture.js';
import { float32Tensor } from '../../../src/tensor.js';
import { createLicensePlate } from '../../../src/transformers/license-plate/index.js';
import { licensePlateOptions } from '../../../src/transformers/license-plate/options.js';
import { type FakePlateModels, fakePlateModels } from '../../helpers/fake-plate-models.js';
import { inlineSampling, inlineWorkers } from '../../helpers/inline-workers.js';
import { requestPictures } from '../../helpers/picture-sources.js';
import { requestContext } from '../../helpers/request-context.js';

/** 64 × 64 pixels, so that the detector's input of 32 × 32 has half the scale. */
function flat(level: number): Picture {
  return { widthPx: 64, heightPx: 64, data: new Uint8Array(3 * 64 * 64).fill(level) };
}

function create(behaviour: FakePlateModels = {}, options: Readonly<Record<string, unknown>> = {}) {
  const { predictor, calls } = fakePlateModels(behaviour);
  const warnings: unknown[] = [];
  const transformer = createLicensePlate(
    {
      predictor,
      modelName: 'license_plate',
      predictorModelName: undefined,
      pictures: requestPictures,
      workers: inlineWorkers,
      ...inlineSampling,
      logger: { info: () => undefined, warn: (entry: unknown) => void warnings.push(entry) },
      maxPixels: 1_000_000,
      maxPredictorBodyBytes: 66_000_000,
    },
    licensePlateOptions.parse(options),
  );
  const found = new Map<string, number>();
  const context = requestContext({ addFound: (what, count) => void found.set(what, count) });
  const answer = async (...levels: number[]) => {
    const prepared = await transformer.preprocess(levels.map(flat), context);
    return transformer.postprocess(await transformer.predict(prepared, context), context);
  };
  return { transformer, answer, calls, warnings, found };
}

const WIDE = { box: [2, 2, 22, 8] } as const;
const SMALL = { box: [4, 20, 10, 24] } as const;
/** 서울 12 가 3456: the region, a blank, digits, the symbol, digits. */
const READING = [56, 0, 2, 3, 11, 4, 5, 6, 7];

describe('createLicensePlate()', () => {
  it('finds and reads the plates of each picture, largest first, in its own pixels', async () => {
    const { answer, found } = create({
      platesAt: (level) => ({ 40: [SMALL, WIDE], 80: [], 120: [SMALL] })[level] ?? [],
      readingAt: (level) => [0, 0, 0, 0, 11, level / 40, 0, 0, 0],
      shapeAt: (level) => level / 40,
    });
    const answers = await answer(40, 80, 120);
    expect(answers.map((plates) => plates.map(({ box, text, shape }) => ({ box, text, shape })))).toEqual([
      [
        { box: [4, 4, 44, 16], text: '가0', shape: 'one-line-short' },
        { box: [8, 40, 20, 48], text: '가0', shape: 'one-line-short' },
      ],
      [],
      [{ box: [8, 40, 20, 48], text: '가2', shape: 'two-line' }],
    ]);
    expect(found.get('plates')).toBe(3);
  });

  it('tells the parts of what stands on a plate', async () => {
    const [[plate] = []] = await create({ platesAt: () => [WIDE], readingAt: () => READING }).answer(40);
    expect(plate).toMatchObject({ region: '서울', symbol: '가', serial: '3456', text: '서울12가3456', size: [40, 12] });
    expect(plate?.characters.map(({ char }) => char).join('')).toBe('서울12가3456');
  });

  it('asks each model once for all pictures and plates', async () => {
    const { answer, calls } = create({ platesAt: () => [WIDE, SMALL] });
    await answer(10, 20, 30);
    expect(calls.map(({ model, shape }) => [model, shape])).toEqual([
      ['plate_detector', [3, 3, 32, 32]],
      ['plate_reader', [6, 1, 8, 16]],
    ]);
  });

  it('splits what is more than the models take at once', async () => {
    const { answer, calls } = create({ platesAt: () => [WIDE, SMALL], maxBatchSize: 4 });
    const answers = await answer(10, 20, 30, 40, 50);
    expect(answers.flat()).toHaveLength(10);
    expect(calls.map(({ model, shape }) => `${model} ${shape[0]}`).sort()).toEqual([
      'plate_detector 2', 'plate_detector 3', 'plate_reader 3', 'plate_reader 3', 'plate_reader 4',
    ]); // prettier-ignore
  });

  it('does not ask the reader where there is no plate, nor any model where there is no picture', async () => {
    const { answer, calls } = create();
    expect(await answer(10, 20)).toEqual([[], []]);
    expect(await answer()).toEqual([]);
    expect(calls.map(({ model }) => model)).toEqual(['plate_detector']);
  });

  it('gives the detector RGB / 255 with grey bars, the reader -1..1', async () => {
    const { transformer, calls } = create({ platesAt: () => [WIDE] });
    const picture = { widthPx: 64, heightPx: 32, data: new Uint8Array(3 * 64 * 32).fill(51) };
    const context = requestContext();
    await transformer.predict(await transformer.preprocess([picture], context), context);
    const [detector, reader] = calls;
    expect(detector?.data[0]).toBeCloseTo(0.2, 6);
    expect(detector?.data.at(-1)).toBeCloseTo(114 / 255, 6);
    expect(reader?.data[0]).toBeCloseTo((51 - 127.5) / 127.5, 6);
  });

  it('takes two boxes of one plate as one, the likelier', async () => {
    const platesAt = () => [{ box: [2, 2, 20, 8], score: 0.6 } as const, { ...WIDE, score: 0.8 }, SMALL];
    const [plates] = await create({ platesAt }).answer(40);
    expect(plates?.map(({ box }) => box)).toEqual([[4, 4, 44, 16], [8, 40, 20, 48]]); // prettier-ignore
  });

  it('passes over what scores less than asked for, lies outside, or is narrower than a pixel', async () => {
    const platesAt = () => [
      { ...WIDE, score: 0.39 },
      { box: [-9, 2, -3, 8] },
      { box: [2, 40, 9, 44] },
      { box: [5, 5, 5.3, 9] },
      SMALL,
    ] as const; // prettier-ignore
    expect(await create({ platesAt }).answer(40)).toMatchObject([[{ box: [8, 40, 20, 48] }]]);
    expect((await create({ platesAt }, { plate_min_score: 0.3 }).answer(40))[0]).toHaveLength(2);
  });

  it('reads the largest plates of too many, and says so', async () => {
    const { answer, warnings } = create({ platesAt: () => [SMALL, WIDE] }, { plate_max_plates: 1 });
    expect(await answer(40)).toMatchObject([[{ box: [4, 4, 44, 16] }]]);
    expect(warnings).toEqual([{ plates: 2, maxPlates: 1 }]);
  });

  it('leaves out what is read with less confidence than asked for, and does not count it', async () => {
    // Nine rows, in each of which one of 73 tokens has a logit of 8 and all others 0.
    const confidence = (Math.exp(8) / (Math.exp(8) + 72)) ** 9;
    const least = (plate_min_confidence: number) => create({ platesAt: () => [WIDE] }, { plate_min_confidence });
    const strict = least(confidence + 0.001);
    expect(await strict.answer(40)).toEqual([[]]);
    expect(strict.found.get('plates')).toBe(0);
    expect(await least(confidence - 0.001).answer(40)).toMatchObject([
      [{ confidence: expect.closeTo(confidence, 4) as number }],
    ]);
  });

  it('reads the box where the corners enclose nothing', async () => {
    const platesAt = () => [{ ...WIDE, corners: [2, 2, 2, 2, 2, 2, 2, 2] }];
    expect(await create({ platesAt }).answer(40)).toMatchObject([[{ size: [40, 12] }]]);
  });

  it('takes models without corners and shapes, with other symbols, RGB, and CTC', async () => {
    const { answer, calls } = create(
      {
        hasCorners: false,
        hasShape: false,
        tokens: 16,
        rows: 12,
        planes: 3,
        platesAt: () => [WIDE],
        // 1 1 _ 1 C C 0 _ 0 9 _ _
        readingAt: () => [2, 2, 0, 2, 13, 13, 1, 0, 1, 10, 0, 0],
      },
      { plate_symbols: 'A,B,C,D,E', plate_regions: 'none', plate_decoding: 'ctc' },
    );
    const [[plate] = []] = await answer(40);
    expect(plate).toMatchObject({ shape: 'unknown', region: '', symbol: 'C', serial: '009', text: '11C009' });
    expect(calls.map(({ outputs }) => outputs)).toEqual([['scores', 'boxes'], ['characters']]);
    expect(calls[1]?.shape).toEqual([1, 3, 8, 16]);
  });

  it.each<[string, FakePlateModels, Readonly<Record<string, unknown>>, RegExp]>([
    [
      'has other tokens than the options say',
      {},
      { plate_symbols: 'A,B', plate_regions: 'none' },
      /^Model plate_reader is none for plates: expected output characters \[B,T,13\] \(1 blank, 10 digits, 2 symbols, 0 regions\), received \[B,9,73\]$/,
    ],
    [
      'takes two inputs',
      { describe: (info) => ({ ...info, inputs: [...info.inputs, ...info.inputs] }) },
      {},
      /^Model plate_detector is none for plates: expected one input FP32 \[B,3,H,W\] or \[B,1,H,W\] of a fixed size, received images FP32 \[-1,3,32,32\], images/,
    ],
    [
      'is of no fixed size',
      { describe: (info) => ({ ...info, inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3, -1, -1] }] }) },
      {},
      /received x FP32 \[-1,3,-1,-1\]$/,
    ],
    ['takes nothing', { describe: (info) => ({ ...info, inputs: [] }) }, {}, /received no input$/],
    [
      'finds nothing',
      { describe: (info) => ({ ...info, outputs: [] }) },
      {},
      /^Model plate_detector is none for plates: expected output scores \[B,N\], received none$/,
    ],
    [
      'answers doubles',
      { describe: (info) => ({ ...info, outputs: info.outputs.map((output) => ({ ...output, datatype: 'FP64' })) }) },
      {},
      /expected output scores as FP32 of a fixed size, received FP64 \[-1,6\]$/,
    ],
  ])('answers upstream_error when a model %s', async (_, behaviour, options, message) => {
    const { answer } = create({ platesAt: () => [WIDE], ...behaviour }, options);
    await expect(answer(40)).rejects.toMatchObject({
      code: 'upstream_error',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each(['scores', 'boxes', 'corners', 'characters', 'shape'])(
    'answers upstream_error when %s is not finite or has another shape',
    async (output) => {
      const spoilt = (changes: (data: Float32Array, shape: readonly number[]) => [readonly number[], Float32Array]) =>
        create({
          platesAt: () => [WIDE],
          spoil: (name, tensor) =>
            name === output && tensor.datatype === 'FP32'
              ? float32Tensor(...changes(tensor.data, tensor.shape))
              : tensor,
        }).answer(40);
      await expect(spoilt((data, shape) => [shape, data.map(() => NaN)])).rejects.toMatchObject({
        code: 'upstream_error',
        message: expect.stringMatching(new RegExp(`finite numbers in output ${output}`)) as string,
      });
      await expect(spoilt((data, shape) => [[...shape, 1], data])).rejects.toMatchObject({
        code: 'upstream_error',
        message: expect.stringMatching(new RegExp(`expected output ${output} as FP32`)) as string,
      });
    },
  );

  it('names the models that are not ready', async () => {
    const { signal } = new AbortController();
    const missing = (isModelReady: (model: string) => boolean, options = {}) =>
      create({ isModelReady }, options).transformer.missingModels(signal);
    expect(await missing(() => true)).toEqual([]);
    expect(await missing((model) => model === 'plate_reader')).toEqual(['plate_detector']);
    expect(await missing(() => false, { plate_detector: 'yolo', plate_reader: 'lprnet' })).toEqual(['yolo', 'lprnet']);
  });
});

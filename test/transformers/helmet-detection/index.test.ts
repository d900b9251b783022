import sharp from 'sharp';
import type { Job } from '../../../src/concurrency/worker-pool.js';
import { ServiceError } from '../../../src/errors.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { NO_SPAN } from '../../../src/observability/span.js';
import type { InferRequest, ModelInfo, Predictor } from '../../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../../src/tensor.js';
import { createHelmetDetection } from '../../../src/transformers/helmet-detection/index.js';
import { helmetDetectionOptions } from '../../../src/transformers/helmet-detection/options.js';
import { createTransformerRunner } from '../../../src/transformers/run-transformer.js';
import { inlineSampling } from '../../helpers/inline-workers.js';
import { requestPictures } from '../../helpers/picture-sources.js';
import { wideLimits } from '../../helpers/run-limits.js';

const SIDE = 32;
const PLACES = 200;
const LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** How the predictor answers. */
interface Behaviour {
  readonly maxBatchSize?: number;
  readonly options?: Record<string, unknown>;
  /** The rows of one picture, whose first red value is given. */
  readonly rowsOf?: (red: number) => readonly (readonly number[])[];
  readonly answer?: (tensor: AnyTensor) => AnyTensor;
  readonly modelInfo?: () => Promise<ModelInfo>;
}

function serve({ maxBatchSize = 4, options = {}, rowsOf = () => [], answer = (t) => t, modelInfo }: Behaviour = {}) {
  const calls: InferRequest[] = [];
  const jobs: string[] = [];
  const workers = {
    run: <Input, Output>(job: Job<Input, Output>, input: Input) => {
      jobs.push(job.name);
      return Promise.resolve(job.run(input));
    },
    close: () => Promise.resolve(),
  };
  const info = {
    name: 'helmet_detection',
    inputs: [{ name: 'images', datatype: 'FP32', shape: [-1, 3, SIDE, SIDE] }],
    outputs: [{ name: 'output0', datatype: 'FP32', shape: [-1, -1, 7] }],
    ...{ maxBatchSize, versions: [], platform: '' },
  } as const;
  const predictor: Predictor = {
    address: 'fake',
    infer: (request) => {
      calls.push(request);
      const input = request.inputs.get('images');
      if (input?.datatype !== 'FP32') throw new TypeError('images is no FP32 tensor');
      const [count = 0] = input.shape;
      const values = new Float32Array(count * PLACES * 7);
      for (let i = 0; i < count; i++) {
        rowsOf((input.data[i * 3 * SIDE * SIDE] ?? NaN) * 255).forEach((row, place) => {
          values.set(row, (i * PLACES + place) * 7);
        });
      }
      return Promise.resolve({ outputs: new Map([['output0', answer(float32Tensor([count, PLACES, 7], values))]]) });
    },
    modelInfo: modelInfo ?? (() => Promise.resolve(info)),
    isModelReady: () => Promise.resolve(true),
    isServerReady: () => Promise.resolve(true),
    close: () => Promise.resolve(),
  };
  const transformer = createHelmetDetection(
    {
      ...{
        predictor,
        modelName: 'helmet_detection',
        predictorModelName: undefined,
        pictures: requestPictures,
        workers,
      },
      ...{ ...inlineSampling, logger: LOGGER, maxPixels: 100_000, maxPredictorBodyBytes: 66_000_000 },
    },
    helmetDetectionOptions.parse(options),
  );
  const run = createTransformerRunner({
    modelName: 'helmet_detection',
    transformer,
    limits: wideLimits(),
    ...{ itemErrors: 'keep' as const, metrics: createMetrics(), logger: LOGGER },
  });
  const predict = async (...pictures: Buffer[]) => {
    const { signal } = new AbortController();
    const items = pictures.map((value, index) => ({ path: `instances[${index}]`, value }));
    const call = { requestId: 'r1', headers: {}, signal, times: new Map(), span: NO_SPAN };
    return (await run({ ...call, items })).map((outcome) => ('error' in outcome ? outcome.error : outcome.result));
  };
  return { predict, calls, jobs, transformer };
}

function plain(red: number): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 32, channels: 3, background: { r: red, g: 20, b: 30 } } })
    .png()
    .toBuffer();
}

/** Middle, width and height in pixels of the input, objectness, the classes' scores. */
const ROW = [16, 8, 8, 4, 0.5, 0.75, 0.125];

describe('createHelmetDetection()', () => {
  it('sends RGB / 255 and answers shares of the picture', async () => {
    const { predict, calls } = serve({ rowsOf: () => [ROW] });
    expect(await predict(await plain(51))).toEqual([
      [{ x1: 0.375, y1: 0.1875, x2: 0.625, y2: 0.3125, confidence: 0.375, class: 'hat' }],
    ]);
    const input = calls[0]?.inputs.get('images');
    if (input?.datatype !== 'FP32') throw new TypeError('images is no FP32 tensor');
    expect(input.shape).toEqual([1, 3, SIDE, SIDE]);
    const planes = [0, 1, 2].map((channel) => input.data[channel * SIDE * SIDE]);
    expect(planes).toEqual([51 / 255, 20 / 255, 30 / 255].map(Math.fround));
  });

  it('gives each picture of many its own detections, in batches as the model takes them', async () => {
    const served = serve({ rowsOf: (red) => [[16, 16, 8, 8, 1, 0, red / 255]] });
    const pictures = await Promise.all(Array.from({ length: 18 }, (_, i) => plain(100 + i)));
    const found = (await served.predict(...pictures)) as { confidence: number }[][];
    expect(found.map(([thing]) => Math.round((thing?.confidence ?? NaN) * 255))).toEqual(
      Array.from({ length: 18 }, (_, i) => 100 + i),
    );
    // Eight pictures are a group, and four a batch.
    expect(served.calls.map((call) => call.inputs.get('images')?.shape[0])).toEqual([4, 4, 4, 4, 2]);
  });

  it('compares few candidates at once, and many on a worker thread, with the same result', async () => {
    const rows = (count: number) => () =>
      Array.from({ length: count }, (_, i) => [16 + (i % 10) / 1000, 16, 8, 8, 1 - i / 1000, 1, 0]);
    for (const [count, jobs] of [
      [150, []],
      [151, ['suppress']],
    ] as const) {
      const served = serve({ rowsOf: rows(count) });
      const [found] = (await served.predict(await plain(0))) as unknown[][];
      expect(found).toHaveLength(1);
      expect(served.jobs.filter((name) => name === 'suppress')).toEqual(jobs);
    }
  });

  it('finds nothing where nothing is sure enough', async () => {
    const rows = [
      [16, 16, 8, 8, 0.25, 1, 1],
      [16, 16, 8, 8, 0.5, 0.5, 0.5],
    ];
    expect(await serve({ rowsOf: () => rows }).predict(await plain(0))).toEqual([[]]);
  });

  it('answers several classes of one box where that is asked for', async () => {
    const options = { helmet_detection_multi_label: true };
    const served = serve({ options, rowsOf: () => [[16, 16, 8, 8, 1, 0.5, 0.75]] });
    const [found] = (await served.predict(await plain(0))) as { class: string }[][];
    expect(found?.map((thing) => thing.class)).toEqual(['person', 'hat']);
  });

  it.each<[string, Behaviour, string]>([
    [
      'numbers that are none',
      { rowsOf: () => [[16, 16, NaN, 8, 1, 1, 1]] },
      'numbers that are not finite for 1 places of a picture',
    ],
    [
      'another shape',
      { answer: () => float32Tensor([1, 3, 8], new Float32Array(24)) },
      'expected output output0 as FP32 [B,N,7] (yolov5) or FP32 [B,6,N] (yolov8)',
    ],
    [
      'another datatype',
      { answer: () => ({ datatype: 'INT32', shape: [1, 1, 7], data: new Int32Array(7) }) },
      'expected output output0 as FP32, received INT32 [1,1,7]',
    ],
  ])('refuses %s as the model’s answer', async (_, behaviour, problem) => {
    await expect(serve(behaviour).predict(await plain(0))).rejects.toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining(problem),
    });
  });

  it('fails as a whole where the predictor cannot be asked, whatever its pictures are', async () => {
    const failure = new ServiceError('unavailable', 'The predictor cannot be reached');
    const served = serve({ modelInfo: () => Promise.reject(failure) });
    await expect(served.predict(Buffer.from('no picture'), await plain(0))).rejects.toBe(failure);
    await expect(served.transformer.missingModels(new AbortController().signal)).rejects.toBe(failure);
  });

  it('shows no example that it would not answer', () => {
    const { api } = serve().transformer;
    expect(api?.prediction.parse(api.example.prediction)).toEqual([]);
  });
});

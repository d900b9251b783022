import { ServiceError } from '../../../src/errors.js';
import type { Picture } from '../../../src/imaging/picture.js';
import { type WarpBatchInput, warpBatchJob } from '../../../src/imaging/warp.js';
import type { ModelRunner } from '../../../src/transformers/image-model.js';
import { type Predicted, predict } from '../../../src/transformers/facequality/predict.js';
import { preprocess } from '../../../src/transformers/facequality/preprocess.js';
import type { AnyTensor } from '../../../src/tensor.js';
import { type FakeFaceModels, fakeFaceModels } from '../../helpers/fake-face-models.js';
import { inlineWorkers } from '../../helpers/inline-workers.js';
import type { WorkerPool } from '../../../src/concurrency/worker-pool.js';
import { measureFacesJob } from '../../../src/transformers/facequality/measures/measure-faces.js';

const LEFT = [0.1, 0.1, 0.3, 0.5] as const;
const RIGHT = [0.5, 0.1, 0.9, 0.9] as const;
/** By the pictures' level: none, one, two faces, the smaller first. */
const BOXES: Readonly<Record<number, readonly (typeof LEFT | typeof RIGHT)[]>> = {
  60: [],
  100: [LEFT],
  140: [LEFT, RIGHT],
};

function flat(level: number): Picture {
  return { widthPx: 320, heightPx: 240, data: new Uint8Array(3 * 320 * 240).fill(level) };
}

/** Measuring pixels is slow under jest and has its own tests: most tests here go without. */
const WITHOUT_PIXEL_MEASURES: Pick<WorkerPool, 'run'> = {
  run: (job, input) =>
    job.name === measureFacesJob.name
      ? Promise.resolve((input as { faces: unknown[] }).faces.map(() => ({})) as ReturnType<typeof job.run>)
      : inlineWorkers.run(job, input),
};

/** Runs a chain with fake models over pictures, or flat ones of the given levels. */
async function run(
  pictures: readonly (number | Picture)[],
  options: FakeFaceModels & {
    chain?: 'full' | 'simple';
    maxFaces?: number;
    call?: ModelRunner['call'];
    hasPixelMeasures?: boolean;
    workers?: ModelRunner['workers'];
  } = {},
) {
  const { chain = 'full', maxFaces = 100, call = {}, hasPixelMeasures = false, workers, ...behaviour } = options;
  const { predictor, calls } = fakeFaceModels({ boxesAt: (level) => BOXES[level] ?? [], ...behaviour });
  const times = new Map<string, number>();
  const warnings: unknown[] = [];
  const runner: ModelRunner = {
    predictor,
    workers: workers ?? (hasPixelMeasures ? inlineWorkers : WITHOUT_PIXEL_MEASURES),
    maxBodyBytes: 66_000_000,
    call,
    addTime: (name, ms) => void times.set(name, ms),
  };
  const prepared = preprocess(
    chain === 'full' ? { name: chain } : { name: chain, model: 'face_quality' },
    pictures.map((picture) => (typeof picture === 'number' ? flat(picture) : picture)),
  );
  const logger = { warn: (entry: unknown) => void warnings.push(entry) };
  const predicted = await predict(runner, prepared, { maxFaces, logger });
  return { predicted, calls, times, warnings };
}

/** The full chain's pictures as lists of what tells faces apart: the left edge, and the liveness as a level. */
function facesOf(predicted: Predicted): unknown {
  if (predicted.chain === 'simple') throw new TypeError('the simple chain knows no faces');
  return predicted.pictures.map(({ faces }) =>
    faces.map(({ box, live }) => [Math.round(box[0]), Math.round(live * 255)]),
  );
}

function replaced(changes: Partial<AnyTensor>): (tensor: AnyTensor) => AnyTensor {
  return (tensor) => ({ ...tensor, ...changes }) as AnyTensor;
}

describe('predict(), full chain', () => {
  it('gives each picture its own faces, largest first', async () => {
    const { predicted } = await run([140, 60, 100]);
    expect(facesOf(predicted)).toEqual([
      [
        [160, 140],
        [32, 140],
      ],
      [],
      [[32, 100]],
    ]);
  });

  it('finds out all about a face', async () => {
    const { predicted } = await run([100], { hasPixelMeasures: true });
    const face = predicted.chain === 'full' ? predicted.pictures[0]?.faces[0] : undefined;
    expect(face?.pose.yaw).toBeCloseTo(0, 9);
    expect(face?.embeddingStrength).toBeCloseTo(0.2 * Math.sqrt(512), 5);
    expect(face?.landmarks).toHaveLength(68);
    // The box is 24..120 high, so its square is 96 wide about x = 64.
    expect(face?.landmarks[8]?.[0]).toBeCloseTo(64, 4);
    expect(face?.landmarks[8]?.[1]).toBeCloseTo(120, 4);
    expect(face?.pixels.luminanceVariance).toBeCloseTo(0, 12);
  });

  it('tells the eyes apart', async () => {
    const picture = flat(100);
    // The face's middle is at x = 64.
    for (let i = 0; i < picture.data.length; i++) if (Math.floor(i / 3) % 320 >= 64) picture.data[i] = 200;
    const { predicted } = await run([picture, 140]);
    const eyes =
      predicted.chain === 'full' ? predicted.pictures.map(({ faces }) => faces.map((face) => face.eyesOpen)) : [];
    const levels = eyes.map((faces) => faces.map((face) => face.map((open) => Math.round(open * 255))));
    expect(levels).toEqual([[[100, 200]], [[140, 140], [140, 140]]]); // prettier-ignore
  });

  it('batches over all faces of all pictures, with the inputs that the models take', async () => {
    const { calls } = await run([140, 140, 100, 60]);
    expect(calls.map(({ model, shape, outputs }) => [model, shape, outputs]).sort()).toEqual([
      ['face_detect', [4, 3, 240, 320], ['scores', 'boxes']],
      ['face_embedding', [5, 3, 112, 112], ['output']],
      ['face_eye', [10, 1, 24, 24], ['output']],
      ['face_landmark', [5, 1, 64, 64], ['output']],
      ['face_liveness', [5, 3, 128, 128], ['output']],
      ['face_pose', [5, 3, 224, 224], ['617', '618', 'output']],
    ]);
  });

  it.each([
    ['face_detect', (100 - 127) / 128],
    ['face_landmark', 100 / 256],
    ['face_pose', (100 / 255 - 0.485) / 0.229],
    ['face_eye', 100 / 255],
    ['face_liveness', 100],
    ['face_embedding', (100 - 127) / 128],
  ])('scales pixels as %s expects them', async (model, value) => {
    const { calls } = await run([100]);
    expect(calls.find((call) => call.model === model)?.data[0]).toBeCloseTo(value, 5);
  });

  it('makes calls no larger than the model takes', async () => {
    const { calls, predicted } = await run([140, 140, 100], { maxBatchSize: 2 });
    const sizes = calls.filter(({ model }) => model === 'face_landmark').map(({ shape }) => shape[0]);
    expect(sizes.sort()).toEqual([1, 2, 2]);
    expect(facesOf(predicted)).toEqual([
      [
        [160, 140],
        [32, 140],
      ],
      [
        [160, 140],
        [32, 140],
      ],
      [[32, 100]],
    ]);
  });

  it('runs side by side what does not depend on each other', async () => {
    const waiting = new Map<string, () => void>();
    const running = run([100], {
      before: ({ model }) =>
        model === 'face_detect' ? Promise.resolve() : new Promise((resolve) => waiting.set(model, resolve)),
    });
    const untilWaiting = async (models: readonly string[]) => {
      while (models.some((model) => !waiting.has(model))) await new Promise(setImmediate);
      expect([...waiting.keys()].sort()).toEqual([...models].sort());
    };
    await untilWaiting(['face_landmark', 'face_pose', 'face_liveness']);
    waiting.get('face_landmark')?.();
    waiting.delete('face_landmark');
    // What needs the landmarks alone does not wait for the others.
    await untilWaiting(['face_pose', 'face_liveness', 'face_eye', 'face_embedding']);
    for (const release of waiting.values()) release();
    expect(facesOf((await running).predicted)).toEqual([[[32, 100]]]);
  });

  it('samples a few small crops where it is called, many or large ones on worker threads', async () => {
    const sampledBy = async (pictures: readonly number[]) => {
      const batches: string[] = [];
      const workers: Pick<WorkerPool, 'run'> = {
        run: (job, input, options) => {
          if (job.name === warpBatchJob.name) batches.push(sizeOf(input as WarpBatchInput));
          return WITHOUT_PIXEL_MEASURES.run(job, input, options);
        },
      };
      await run(pictures, { workers });
      return batches.sort();
    };
    const sizeOf = ({ crops, spec }: WarpBatchInput) => `${crops.length} of ${spec.widthPx}x${spec.heightPx}`;
    // The liveness crop is 1.9 times as wide as the model's input, so that it takes 4 samples a pixel.
    expect(await sampledBy([100])).toEqual(['1 of 128x128', '1 of 224x224', '1 of 320x240']);
    expect(await sampledBy(Array<number>(8).fill(100))).toEqual(
      ['8 of 112x112', '8 of 128x128', '8 of 224x224', '8 of 320x240', '8 of 64x64'],
    ); // prettier-ignore
  });

  it('calls the detector alone when there is no face', async () => {
    const { predicted, calls } = await run([60, 60]);
    expect(facesOf(predicted)).toEqual([[], []]);
    expect(calls.map(({ model }) => model)).toEqual(['face_detect']);
  });

  it('keeps the largest faces of a picture that has more than the limit, and says so', async () => {
    const { predicted, warnings } = await run([140, 100], { maxFaces: 1 });
    expect(facesOf(predicted)).toEqual([[[160, 140]], [[32, 100]]]);
    expect(warnings).toEqual([{ faces: 2, maxFaces: 1 }]);
  });

  it('knows the rival of a face also when it is cut', async () => {
    const { predicted } = await run([140], { maxFaces: 1 });
    const face = predicted.chain === 'full' ? predicted.pictures[0]?.faces[0] : undefined;
    expect(face?.rivalArea).toBeCloseTo(64 * 96, 1);
  });

  it('gives the time of each model and of the pixels', async () => {
    const { times } = await run([100]);
    expect([...times.keys()].sort()).toEqual(
      ['face_detect', 'face_embedding', 'face_eye', 'face_landmark', 'face_liveness', 'face_pixels', 'face_pose'],
    ); // prettier-ignore
    expect([...times.values()].every((ms) => ms > 0)).toBe(true);
  });

  it.each(['face_detect', 'face_landmark', 'face_pose', 'face_eye', 'face_liveness', 'face_embedding'])(
    'refuses an answer of %s that is no number',
    async (model) => {
      const spoil = (of: string, _name: string, tensor: AnyTensor) =>
        of === model ? replaced({ data: Float32Array.from(tensor.data as Float32Array).fill(NaN) })(tensor) : tensor;
      await expect(run([100], { spoil })).rejects.toMatchObject({
        code: 'upstream_error',
        message: expect.stringMatching(
          `^Model ${model} answered .* expected finite numbers .* received NaN$`,
        ) as string,
      });
    },
  );

  it('refuses an answer of another shape', async () => {
    const spoil = (model: string, _name: string, tensor: AnyTensor) =>
      model === 'face_eye' ? replaced({ shape: [1, 4], data: new Float32Array(4) })(tensor) : tensor;
    await expect(run([100], { spoil })).rejects.toMatchObject({ code: 'upstream_error' });
  });

  it('fails with the predictor’s own error', async () => {
    const down = new ServiceError('unavailable', 'the predictor cannot be reached');
    const before = ({ model }: { model: string }) => (model === 'face_pose' ? Promise.reject(down) : Promise.resolve());
    await expect(run([100], { before })).rejects.toBe(down);
  });

  it('ends when the request does', async () => {
    const gone = new ServiceError('cancelled', 'the client left');
    await expect(run([100], { call: { signal: AbortSignal.abort(gone) } })).rejects.toBe(gone);
  });
});

describe('predict(), simple chain', () => {
  it('scores whole pictures in one call', async () => {
    const { predicted, calls, times } = await run([51, 204, 102], { chain: 'simple' });
    const scores = predicted.chain === 'simple' ? predicted.pictures : [];
    expect(scores.map(({ score }) => Number(score.toFixed(4)))).toEqual([0.2, 0.8, 0.4]);
    expect(scores[0]).toMatchObject({ widthPx: 320, heightPx: 240 });
    expect(calls.map(({ model, shape, outputs }) => [model, shape, outputs])).toEqual([
      ['face_quality', [3, 3, 112, 112], ['1346']],
    ]);
    expect([...times.keys()]).toEqual(['face_quality']);
  });

  it.each([
    [2, 1],
    [-0.5, 0],
  ])('takes a score of %p as %p', async (output, score) => {
    const spoil = (_model: string, _name: string, tensor: AnyTensor) =>
      replaced({ data: Float32Array.of(output) })(tensor);
    const { predicted } = await run([51], { chain: 'simple', spoil });
    expect(predicted.pictures).toEqual([{ widthPx: 320, heightPx: 240, score }]);
  });

  it.each([NaN, Infinity])('refuses a score of %p', async (output) => {
    const spoil = (_model: string, _name: string, tensor: AnyTensor) =>
      replaced({ data: Float32Array.of(output) })(tensor);
    await expect(run([51], { chain: 'simple', spoil })).rejects.toMatchObject({
      code: 'upstream_error',
      message: `Model face_quality answered what it cannot have meant: expected finite numbers in output 1346, received ${output}`,
    });
  });
});

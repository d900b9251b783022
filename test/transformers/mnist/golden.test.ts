import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createEmbeddedPredictor } from '../../../src/predictor/embedded/embedded-predictor.js';
import type { Predictor } from '../../../src/predictor/predictor.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { modelRunner } from '../../../src/transformers/image-model.js';
import { type Attributions, explain } from '../../../src/transformers/mnist/explain.js';
import { createMnist } from '../../../src/transformers/mnist/index.js';
import { type MnistOptions, mnistOptions } from '../../../src/transformers/mnist/options.js';
import { digitOf } from '../../../src/transformers/mnist/postprocess.js';
import { type Predicted, predict } from '../../../src/transformers/mnist/predict.js';
import { FACE_MODELS, WORKER_ENTRY } from '../../predictor/embedded/embedded-setup.js';
import { goldenDigits, heldOutDigits } from '../../helpers/golden-mnist.js';
import { inlineSampling, inlineWorkers } from '../../helpers/inline-workers.js';
import { requestPictures } from '../../helpers/picture-sources.js';
import { requestContext } from '../../helpers/request-context.js';

const LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };
const { modelSha256, samples } = goldenDigits();

/**
 * How far a logit may be from the expected one: the order of float32 sums differs from one CPU to the other, and of
 * pictures that were packed with loss or laid on white a pixel may be one off.
 */
const LOGIT_TOLERANCE = { exact: 1e-3, nearly: 0.05 } as const;
const NEARLY = /\.jpg$|\.webp$|transparent/;

const SHARES_REMOVED = Array.from({ length: 21 }, (_, i) => i / 20);
const INK = 0.1;

describe('mnist, embedded', () => {
  let predictor: Predictor;
  const context = requestContext();

  beforeAll(async () => {
    predictor = await createEmbeddedPredictor({
      repository: FACE_MODELS,
      threads: 1,
      concurrency: 16,
      requestTimeoutMs: 60_000,
      logger: LOGGER,
      workerEntry: WORKER_ENTRY,
    });
  });
  afterAll(() => predictor.close());

  const services = () => ({
    predictor,
    modelName: 'mnist',
    predictorModelName: undefined,
    pictures: requestPictures,
    workers: inlineWorkers,
    ...inlineSampling,
    logger: LOGGER,
    maxPixels: 1_000_000,
    maxPredictorBodyBytes: 66_000_000,
  });
  const runner = () => modelRunner(services(), context);

  const logitsOf = async (
    { name, bytes }: { name: string; bytes: Buffer },
    center: MnistOptions['mnist_center'],
  ): Promise<Predicted> => {
    const transformer = createMnist(services(), { ...mnistOptions.parse({}), mnist_center: center });
    expect(await transformer.missingModels(context.signal)).toEqual([]);
    const opened = await transformer.open({ path: name, value: bytes }, context);
    const decoded = await transformer.decode(opened, context, new Uint8Array(3 * opened.pixels));
    return transformer.predict(await transformer.preprocess([decoded], context), context);
  };

  it('runs the model that the golden values are of', () => {
    const model = readFileSync(`${FACE_MODELS}/mnist/1/model.onnx`);
    expect(createHash('sha256').update(model).digest('hex')).toBe(modelSha256);
    expect(model.byteLength).toBeLessThan(500_000);
  });

  it.each(samples.map((sample) => [sample.name, sample] as const))(
    'gives %s the logits that Pillow and onnxruntime give it',
    async (name, { bytes, digit, logits }) => {
      const predicted = await logitsOf({ name, bytes }, 'never');
      const tolerance = LOGIT_TOLERANCE[NEARLY.test(name) ? 'nearly' : 'exact'];
      logits.forEach((value, i) => expect(Math.abs((predicted[0]?.[i] ?? NaN) - value)).toBeLessThanOrEqual(tolerance));
      expect(predicted.map(digitOf)).toEqual([digit]);
    },
  );

  it.each(samples.map((sample) => [sample.name, sample] as const))('finds the digit on %s', async (name, sample) => {
    for (const center of ['auto', 'always'] as const) {
      expect([center, (await logitsOf(sample, center)).map(digitOf)]).toEqual([center, [sample.digit]]);
    }
    expect(name).toBe(sample.name);
  });

  it('reads at least 97 of a hundred held-out digits', async () => {
    const digits = await heldOutDigits();
    const greys = digits.map(({ grey }) => Float32Array.from(grey, (value) => value / 255));
    const predicted = await predict(runner(), 'mnist', { digits: greys });
    const right = digits.filter(({ label }, i) => label === digitOf(predicted[i] ?? new Float32Array(10)));
    expect(right.length).toBeGreaterThanOrEqual(97);
  });

  /** The mean probability of the first prediction while ink is taken away in an order, and how often it flips half-way. */
  const deletion = async (greys: readonly Float32Array[], orders: readonly (readonly number[])[]) => {
    const rows = greys.flatMap((grey, i) =>
      SHARES_REMOVED.map((share) => {
        const row = grey.slice();
        const order = orders[i] ?? [];
        for (const pixel of order.slice(0, Math.round(order.length * share))) row[pixel] = 0;
        return row;
      }),
    );
    const predicted = await predict(runner(), 'mnist', { digits: rows });
    const steps = SHARES_REMOVED.length;
    let area = 0;
    let flippedAt = 0;
    for (let i = 0; i < greys.length; i++) {
      const own = predicted.slice(i * steps, (i + 1) * steps);
      const digit = digitOf(own[0] ?? new Float32Array(10));
      const probabilities = own.map((logits) => {
        const all = [...logits].map((logit) => Math.exp(logit));
        return (all[digit] ?? 0) / all.reduce((sum, value) => sum + value, 0);
      });
      for (let step = 1; step < steps; step++) {
        area += ((probabilities[step - 1] ?? 0) + (probabilities[step] ?? 0)) / 2 / (steps - 1) / greys.length;
      }
      const flip = own.findIndex((logits) => digitOf(logits) !== digit);
      flippedAt += (flip === -1 ? 1 : (SHARES_REMOVED[flip] ?? 1)) / greys.length;
    }
    return { area, flippedAt };
  };

  it('is faithful in its explanations: without the pixels that speak most for it, a digit is another one much sooner', async () => {
    const digits = (await heldOutDigits()).filter((_, i) => i % 5 === 0);
    const greys = digits.map(({ grey }) => Float32Array.from(grey, (value) => value / 255));
    const settings = { maxRows: 1024, seed: 0 };
    const explained = await explain(runner(), 'mnist', { prepared: { digits: greys }, settings });
    const random = seededRandom(11);
    const inkOf = (grey: Float32Array) => [...grey.keys()].filter((pixel) => (grey[pixel] ?? 0) > INK);
    const by = (grey: Float32Array, worth: (pixel: number) => number) => {
      const worths = new Map(inkOf(grey).map((pixel) => [pixel, worth(pixel)]));
      return [...worths.keys()].sort((a, b) => (worths.get(b) ?? 0) - (worths.get(a) ?? 0));
    };
    const flat = explained.map((map: Attributions) => map.flat(2));
    const orders = {
      explained: greys.map((grey, i) => by(grey, (pixel) => flat[i]?.[pixel] ?? 0)),
      brightest: greys.map((grey) => by(grey, (pixel) => grey[pixel] ?? 0)),
      random: greys.map((grey) => by(grey, random)),
    };
    const [ours, brightest, chance] = [
      await deletion(greys, orders.explained),
      await deletion(greys, orders.brightest),
      await deletion(greys, orders.random),
    ];
    expect(ours.area).toBeLessThan(0.7 * chance.area);
    expect(ours.area).toBeLessThan(0.9 * brightest.area);
    expect(ours.flippedAt).toBeLessThan(0.7 * chance.flippedAt);
  }, 120_000);
});

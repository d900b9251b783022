import type { Response } from 'common-data-type';
import { fileURLToPath } from 'node:url';
import { createEmbeddedPredictor } from '../../../src/predictor/embedded/embedded-predictor.js';
import type { Predictor } from '../../../src/predictor/predictor.js';
import { createFaceQuality } from '../../../src/transformers/facequality/index.js';
import { faceQualityOptions } from '../../../src/transformers/facequality/options.js';
import { deviationFromGolden, readGoldenPictures } from '../../helpers/golden-faces.js';
import { inlineSampling, inlineWorkers } from '../../helpers/inline-workers.js';
import { requestPictures } from '../../helpers/picture-sources.js';
import { requestContext } from '../../helpers/request-context.js';

const PROJECT = new URL('../../../', import.meta.url);
const LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };
const CONTEXT = requestContext();
const PICTURES = readGoldenPictures();

/** All pictures in one request over the real models. */
async function scoreAll(predictor: Predictor): Promise<(Response | undefined)[]> {
  const services = {
    predictor,
    modelName: 'facequality',
    predictorModelName: undefined,
    pictures: requestPictures,
    workers: inlineWorkers,
    ...inlineSampling,
    logger: LOGGER,
    maxPixels: 1_000_000,
    maxPredictorBodyBytes: 66_000_000,
  };
  const transformer = createFaceQuality(services, faceQualityOptions.parse({ facequality_chain: 'full' }));
  expect(await transformer.missingModels(CONTEXT.signal)).toEqual([]);
  const decoded = await Promise.all(
    PICTURES.map(async ({ name, bytes }) => {
      const opened = await transformer.open({ path: name, value: bytes }, CONTEXT);
      return transformer.decode(opened, CONTEXT, new Uint8Array(3 * opened.pixels));
    }),
  );
  const predicted = await transformer.predict(await transformer.preprocess(decoded, CONTEXT), CONTEXT);
  const results = await transformer.postprocess(predicted, CONTEXT);
  return results.map((result) => transformer.toResponse?.(result, undefined));
}

describe('the full chain, embedded', () => {
  const responses = new Map<string, Response>();

  beforeAll(async () => {
    const predictor = await createEmbeddedPredictor({
      repository: fileURLToPath(new URL('triton-models', PROJECT)),
      threads: 1,
      concurrency: 16,
      requestTimeoutMs: 60_000,
      logger: LOGGER,
      workerEntry: new URL('dist/predictor/embedded/worker-entry.js', PROJECT),
    });
    try {
      const scored = await scoreAll(predictor);
      PICTURES.forEach(({ name }, i) => responses.set(name, scored[i] ?? { data: [] }));
    } finally {
      await predictor.close();
    }
  }, 120_000);

  it.each(PICTURES.map((picture) => [picture.name, picture] as const))(
    'scores %s as the reference',
    (name, picture) => {
      const deviation = deviationFromGolden(picture, responses.get(name) ?? { data: [] });
      expect(deviation.quality).toBeLessThanOrEqual(picture.tolerance.quality);
      expect(deviation.boxPx).toBeLessThanOrEqual(picture.tolerance.boxPx);
      expect(deviation.poseDegrees).toBeLessThanOrEqual(picture.tolerance.poseDegrees);
    },
  );

  it.each(['blur1.jpg', 'blur2.jpg', 'dark.jpg', 'mask.jpg', 'eye_band.jpg', 'half_covered.jpg', 'cropped_left.jpg'])(
    'scores %s lower than the base picture, which has 81 ± 2',
    (name) => {
      const [base, degraded] = ['base.png', name].map((picture) => responses.get(picture)?.data[0]?.quality ?? NaN);
      expect(Math.abs((base ?? NaN) - 81)).toBeLessThanOrEqual(2);
      expect(degraded).toBeLessThan(base ?? NaN);
    },
  );
});

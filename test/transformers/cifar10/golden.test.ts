import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createEmbeddedPredictor } from '../../../src/predictor/embedded/embedded-predictor.js';
import { createCifar10 } from '../../../src/transformers/cifar10/index.js';
import { FACE_MODELS, WORKER_ENTRY } from '../../predictor/embedded/embedded-setup.js';
import { goldenLogits, LOGIT_TOLERANCE } from '../../helpers/golden-cifar10.js';
import { inlineSampling, inlineWorkers } from '../../helpers/inline-workers.js';
import { requestPictures } from '../../helpers/picture-sources.js';
import { requestContext } from '../../helpers/request-context.js';

const LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };
const { modelSha256, pictures } = goldenLogits();

describe('cifar10, embedded', () => {
  const logits = new Map<string, Float32Array>();

  beforeAll(async () => {
    const predictor = await createEmbeddedPredictor({
      repository: FACE_MODELS,
      threads: 1,
      concurrency: 16,
      requestTimeoutMs: 60_000,
      logger: LOGGER,
      workerEntry: WORKER_ENTRY,
    });
    try {
      const context = requestContext();
      const transformer = createCifar10({
        predictor,
        modelName: 'cifar10',
        predictorModelName: undefined,
        pictures: requestPictures,
        workers: inlineWorkers,
        ...inlineSampling,
        logger: LOGGER,
        maxPixels: 1_000_000,
        maxPredictorBodyBytes: 66_000_000,
      });
      expect(await transformer.missingModels(context.signal)).toEqual([]);
      const decoded = await Promise.all(
        pictures.map(async ({ name, bytes }) => {
          const opened = await transformer.open({ path: name, value: bytes }, context);
          return transformer.decode(opened, context, new Uint8Array(3 * opened.pixels));
        }),
      );
      const predicted = await transformer.predict(await transformer.preprocess(decoded, context), context);
      predicted.forEach((row, i) => logits.set(pictures[i]?.name ?? '', row));
    } finally {
      await predictor.close();
    }
  }, 120_000);

  it('runs the model that the golden values are of', () => {
    const model = readFileSync(`${FACE_MODELS}/cifar10/1/model.onnx`);
    expect(createHash('sha256').update(model).digest('hex')).toBe(modelSha256);
  });

  it.each(pictures.map((picture) => [picture.name, picture] as const))(
    'gives %s the logits that Pillow and onnxruntime give it',
    (name, { expected }) => {
      expected.forEach((value, label) => {
        expect(Math.abs((logits.get(name)?.[label] ?? NaN) - value)).toBeLessThanOrEqual(LOGIT_TOLERANCE);
      });
    },
  );
});

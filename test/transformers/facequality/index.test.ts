import { readFileSync } from 'node:fs';
import type { Picture } from '../../../src/imaging/picture.js';
import { createFaceQuality, type FaceQualityTransformer } from '../../../src/transformers/facequality/index.js';
import { type FaceQualityOptions, faceQualityOptions } from '../../../src/transformers/facequality/options.js';
import type { TransformerServices } from '../../../src/transformers/transformer.js';
import { fakeFaceModels } from '../../helpers/fake-face-models.js';
import { inlineSampling, inlineWorkers } from '../../helpers/inline-workers.js';
import { requestPictures } from '../../helpers/picture-sources.js';
import { requestContext } from '../../helpers/request-context.js';

const SIGNAL = new AbortController().signal;
const CONTEXT = requestContext();
const BYTES = readFileSync(new URL('../../../samples/faces/alpha.png', import.meta.url));
const ITEM = { path: 'instances[0]', value: BYTES.toString('base64') };

function services(changes: Partial<TransformerServices> = {}): TransformerServices {
  return {
    predictor: fakeFaceModels().predictor,
    modelName: 'facequality',
    predictorModelName: undefined,
    pictures: requestPictures,
    workers: inlineWorkers,
    ...inlineSampling,
    logger: { info: () => undefined, warn: () => undefined },
    maxPixels: 1_000_000,
    maxPredictorBodyBytes: 66_000_000,
    ...changes,
  };
}

function create(options: Partial<FaceQualityOptions> = {}, changes: Partial<TransformerServices> = {}) {
  return createFaceQuality(services(changes), faceQualityOptions.parse(options));
}

async function decoded(transformer: FaceQualityTransformer): Promise<Picture> {
  const opened = await transformer.open(ITEM, CONTEXT);
  return transformer.decode(opened, CONTEXT, new Uint8Array(3 * opened.pixels));
}

describe('createFaceQuality()', () => {
  it('opens and decodes a picture', async () => {
    const transformer = create();
    expect((await transformer.open(ITEM, CONTEXT)).pixels).toBe(200 * 200);
    expect(await decoded(transformer)).toMatchObject({ widthPx: 200, heightPx: 200 });
  });

  it('refuses a picture with too many pixels', async () => {
    await expect(create({}, { maxPixels: 1000 }).open(ITEM, CONTEXT)).rejects.toThrow(/200.*1000/);
  });

  it('answers a picture by the simple chain in every form', async () => {
    const transformer = create({ facequality_chain: 'simple' });
    expect(await transformer.missingModels(SIGNAL)).toEqual([]);
    const picture = await decoded(transformer);
    const prepared = await transformer.preprocess([picture], CONTEXT);
    const predicted = await transformer.predict(prepared, CONTEXT);
    const [result] = await transformer.postprocess(predicted, CONTEXT);
    if (result === undefined) throw new TypeError('no result');
    const score = expect.any(Number) as number;
    expect(transformer.toPrediction(result, ITEM)).toEqual([{ score }]);
    expect(transformer.toResponse?.(result, { type: 'passport' })).toEqual({
      data: [{ score }],
      extra_info: { type: 'passport', source: 'face_quality_score', width: 200, height: 200, chain: 'simple' },
    });
  });

  it('answers unavailable, naming the models, before it was decided which chain runs', async () => {
    const transformer = create({ facequality_chain: 'simple' });
    await expect(transformer.preprocess([], CONTEXT)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'Not ready: the predictor has no face_quality, face_quality_trt_fp16',
    });
  });

  it('hands the request’s signal and headers to the predictor', async () => {
    const { predictor } = fakeFaceModels();
    const seen: unknown[] = [];
    const transformer = create(
      { facequality_chain: 'simple' },
      {
        predictor: {
          ...predictor,
          infer: (request, options) => {
            seen.push(options?.headers);
            return predictor.infer(request, options);
          },
        },
      },
    );
    await transformer.missingModels(SIGNAL);
    const picture = await decoded(transformer);
    await transformer.predict(await transformer.preprocess([picture], CONTEXT), CONTEXT);
    expect(seen).toEqual([{ 'x-request-id': 'r1' }]);
  });
});

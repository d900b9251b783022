import { readFileSync } from 'node:fs';
import { COMPONENT_WEIGHTS } from 'common-data-type';
import fc from 'fast-check';
import type { Components } from '../../../src/transformers/facequality/components/components.js';
import { unifiedScore } from '../../../src/transformers/facequality/components/unified-score.js';
import { toExplanation } from '../../../src/transformers/facequality/explain.js';
import { createFaceQuality } from '../../../src/transformers/facequality/index.js';
import { faceQualityOptions } from '../../../src/transformers/facequality/options.js';
import { fakeFaceModels } from '../../helpers/fake-face-models.js';
import { inlineSampling, inlineWorkers } from '../../helpers/inline-workers.js';
import { requestPictures } from '../../helpers/picture-sources.js';
import { requestContext } from '../../helpers/request-context.js';

const NAMES = Object.keys(COMPONENT_WEIGHTS);
/** A face without fault; `luminance_variance` and such do not count. */
const FLAWLESS = Object.fromEntries([...NAMES, 'luminance_variance', 'margin_left'].map((name) => [name, 100]));

const item = (components: Record<string, number>) => ({ score: 1, quality: 100, components });
const sharesOf = (components: Record<string, number>) => toExplanation({ items: [item(components)] })[0] ?? {};
const sum = (shares: Readonly<Record<string, number>>) =>
  Object.values(shares).reduce((total, share) => total + share, 0);

describe('toExplanation()', () => {
  it('gives the shares of the components that count, 0 where there is no fault', () => {
    expect(sharesOf(FLAWLESS)).toEqual(Object.fromEntries(NAMES.map((name) => [name, 0])));
  });

  // The weights are 24 in all. By hand: 3 · ln 2 / 24, 0.5 · ln 2 / 24, 2 · ln 10 / 24, 1 · ln 100 / 24.
  it('weighs what each component takes away', () => {
    expect(Object.values(COMPONENT_WEIGHTS).reduce<number>((total, weight) => total + weight, 0)).toBe(24);
    const shares = sharesOf({ ...FLAWLESS, sharpness: 50, over_exposure: 50, head_pose_yaw: 10, margins: 1 });
    expect(shares).toEqual({
      ...sharesOf(FLAWLESS),
      sharpness: 0.0866,
      over_exposure: 0.0144,
      head_pose_yaw: 0.1919,
      margins: 0.1919,
    });
  });

  it.each([0, 0.4, 1])('takes a component of %f for 1', (eyes) => {
    expect(sharesOf({ ...FLAWLESS, eyes_open: eyes })['eyes_open']).toBe(0.1919);
  });

  it('takes nothing away for components that do not count', () => {
    expect(sharesOf({ ...FLAWLESS, luminance_variance: 1, margin_left: 1 })).toEqual(sharesOf(FLAWLESS));
  });

  it('is ln(100 / unified score) in all', () => {
    const percents = fc.record(
      Object.fromEntries(NAMES.map((name) => [name, fc.double({ min: 0, max: 100, noNaN: true })])),
    );
    fc.assert(
      fc.property(percents, (components) => {
        const unified = unifiedScore(components as Components);
        // The shares have four decimals, and the score has one.
        const tolerance = NAMES.length * 0.00005 + 0.05 / (unified - 0.05);
        expect(Math.abs(sum(sharesOf(components)) - Math.log(100 / unified))).toBeLessThanOrEqual(tolerance);
      }),
    );
    expect(sum(sharesOf({}))).toBeCloseTo(Math.log(100), 2);
  });

  it('explains each face of a picture, in their order, and no face with nothing', () => {
    const faces = [item({ ...FLAWLESS, sharpness: 50 }), item({ ...FLAWLESS, sharpness: 10 })];
    expect(toExplanation({ items: faces }).map(({ sharpness }) => sharpness)).toEqual([0.0866, 0.2878]);
    expect(toExplanation({ items: [{ score: 0, quality: 0, reason: 'no_face' }] })).toEqual([]);
  });
});

describe('facequality’s explain', () => {
  const bytes = readFileSync(new URL('../../../samples/faces/alpha.png', import.meta.url));

  async function prepared(
    chain: 'full' | 'simple',
    boxes: readonly (readonly [number, number, number, number])[] = [],
  ) {
    const { predictor, calls } = fakeFaceModels({ boxesAt: () => boxes });
    const transformer = createFaceQuality(
      {
        predictor,
        modelName: 'facequality',
        predictorModelName: undefined,
        pictures: requestPictures,
        workers: inlineWorkers,
        ...inlineSampling,
        logger: { info: () => undefined, warn: () => undefined },
        maxPixels: 1_000_000,
        maxPredictorBodyBytes: 66_000_000,
      },
      faceQualityOptions.parse({ facequality_chain: chain }),
    );
    await transformer.missingModels(new AbortController().signal);
    const found: [string, number][] = [];
    const context = requestContext({ addFound: (what, count) => void found.push([what, count]) });
    const opened = await transformer.open({ path: 'body', value: bytes }, context);
    const picture = await transformer.decode(opened, context, new Uint8Array(3 * opened.pixels));
    const ready = await transformer.preprocess([picture], context);
    const explain = async () => transformer.explain?.(ready, context);
    const score = async () => transformer.postprocess(await transformer.predict(ready, context), context);
    return { explain, score, calls, found };
  }

  it('asks no model of the simple chain, which has no components', async () => {
    const { explain, calls } = await prepared('simple');
    await expect(explain()).rejects.toMatchObject({
      code: 'unimplemented',
      message: 'The simple chain has no :explain: its score has no components',
    });
    expect(calls).toEqual([]);
  });

  it('gives the shares of the scores that predict gives, face by face, and counts the faces', async () => {
    const { explain, score, found } = await prepared('full', [
      [0.1, 0.1, 0.4, 0.5],
      [0.5, 0.3, 0.9, 0.9],
    ]);
    const explanations = (await explain()) as readonly Record<string, number>[][];
    expect(found).toEqual([['faces', 2]]);
    const [result] = await score();
    expect(explanations).toHaveLength(1);
    expect(explanations[0]).toHaveLength(2);
    for (const [face, shares] of (explanations[0] ?? []).entries()) {
      expect(Object.keys(shares)).toEqual(NAMES);
      const unified = 100 * (result?.items[face]?.score ?? NaN);
      expect(Math.abs(sum(shares) - Math.log(100 / unified))).toBeLessThan(0.001 + 0.06 / unified);
    }
  });

  it('explains nothing where there is no face', async () => {
    const { explain } = await prepared('full');
    expect(await explain()).toEqual([[]]);
  });
});

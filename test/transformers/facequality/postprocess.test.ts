import { responseSchema } from 'common-data-type';
import { type FaceQualityResult, postprocess, toResponse } from '../../../src/transformers/facequality/postprocess.js';

const SIZE = { widthPx: 640, heightPx: 480 };
const RESULT: FaceQualityResult = { items: [{ score: 0.5 }], ...SIZE, chain: 'simple' };

describe('postprocess()', () => {
  it('gives one score per picture of the simple chain', () => {
    expect(postprocess({ chain: 'simple', pictures: [{ ...SIZE, score: 0.5 }] })).toEqual([RESULT]);
  });

  it('says so when the full chain finds no face', () => {
    expect(postprocess({ chain: 'full', pictures: [{ ...SIZE, faces: [] }] })).toEqual([
      { items: [{ score: 0, quality: 0, reason: 'no_face' }], ...SIZE, chain: 'full' },
    ]);
  });
});

describe('toResponse()', () => {
  const own = { source: 'face_quality_score', width: 640, height: 480, chain: 'simple' };

  it.each([
    ['nothing', undefined, own],
    ['empty fields', { type: null, others: null, source: null }, own],
    [
      'type and others',
      { type: 'passport', others: [{ key: 'a', value: 1 }] },
      { type: 'passport', others: [{ key: 'a', value: 1 }], ...own },
    ],
    ['a source and further keys', { source: 'camera', more: 1 }, own],
  ])('echoes %s of the request', (_, given, extraInfo) => {
    const response = toResponse(RESULT, given);
    expect(response).toEqual({ data: [{ score: 0.5 }], extra_info: extraInfo });
    expect(responseSchema.parse(response)).toEqual(response);
  });
});

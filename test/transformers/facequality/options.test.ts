import { faceQualityOptions } from '../../../src/transformers/facequality/options.js';

describe('faceQualityOptions', () => {
  it('has a default for every flag', () => {
    expect(faceQualityOptions.parse({})).toEqual({
      facequality_chain: 'auto',
      facequality_model: 'face_quality',
      facequality_max_faces: 100,
    });
  });

  it('describes every flag', () => {
    expect(Object.values(faceQualityOptions.shape).filter(({ description }) => !description)).toEqual([]);
  });

  it.each([
    [{ facequality_chain: 'both' }, 'expects one of auto, full, simple, received "both"'],
    [{ facequality_max_faces: 0 }, 'expects a whole number from 1 to 4420, received 0'],
  ])('refuses %p', (given, message) => {
    expect(faceQualityOptions.safeParse(given).error?.issues[0]?.message).toBe(message);
  });
});

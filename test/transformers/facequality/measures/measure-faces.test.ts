import type { Picture } from '../../../../src/imaging/picture.js';
import type { LocatedFace } from '../../../../src/transformers/facequality/face.js';
import { measureFaces, measureFacesJob } from '../../../../src/transformers/facequality/measures/measure-faces.js';

function flatPicture(widthPx: number, heightPx: number): Picture {
  return { widthPx, heightPx, data: new Uint8Array(3 * widthPx * heightPx).fill(128) };
}

function face(picture: Picture, landmarks: LocatedFace['landmarks']): LocatedFace {
  return { picture, landmarks, box: [0, 0, 2, 2], score: 1, rivalArea: 0 };
}

describe('measureFaces()', () => {
  it('is found again by a worker under its module and name', async () => {
    const module = (await import(measureFacesJob.module)) as Record<string, unknown>;
    expect(module[measureFacesJob.name]).toBe(measureFacesJob.run);
  });

  it.each([
    { what: 'that coincide', landmarks: Array.from({ length: 68 }, () => [0.5, 0.5] as const) },
    { what: 'on a line', landmarks: Array.from({ length: 68 }, (_, i) => [i / 68, 0] as const) },
    { what: 'far outside', landmarks: Array.from({ length: 68 }, (_, i) => [i - 1e9, (i % 7) + 1e9] as const) },
    { what: 'mirrored', landmarks: Array.from({ length: 68 }, (_, i) => [-i, i % 7] as const) },
  ])('gives finite numbers for landmarks $what, in a picture of one pixel', ({ landmarks }) => {
    const [measures] = measureFaces({ faces: [face(flatPicture(1, 1), landmarks)] });
    expect(Object.values(measures ?? { none: NaN }).filter((value) => !Number.isFinite(value))).toEqual([]);
    expect(measures).toMatchObject({ detail: 0, blockiness: 1, foreignShare: 0 });
  });
});

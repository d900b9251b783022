import { measureGeometry } from '../../../../src/transformers/facequality/components/geometry.js';
import type { MeasuredFace } from '../../../../src/transformers/facequality/face.js';
import { readGoldenPictures } from '../../../helpers/golden-faces.js';

const BASE = readGoldenPictures().find(({ name }) => name === 'base.png')?.faces[0];
const LANDMARKS = (BASE as unknown as { landmarks68: [number, number][] }).landmarks68;

function face(changes: Partial<MeasuredFace> = {}): MeasuredFace {
  return {
    picture: { widthPx: 400, heightPx: 400, data: new Uint8Array(0) },
    box: [160, 60, 250, 180],
    score: 1,
    rivalArea: 0,
    landmarks: LANDMARKS,
    pose: { yaw: -0.49, pitch: -11.94, roll: 2.98 },
    eyesOpen: [1, 1],
    live: 1,
    embeddingStrength: 3.5,
    pixels: {} as MeasuredFace['pixels'],
    ...changes,
  };
}

describe('measureGeometry()', () => {
  it('agrees with the reference on the base picture, whose landmarks are known to 0.1 px', () => {
    const geometry = measureGeometry(face());
    const reference = {
      eyeOpening: 0.07366,
      mouthOpening: 0.08384,
      interEyeDistance: 43.17004,
      headSize: 0.18976,
      marginLeft: 4.26529,
      marginRight: 4.00163,
      marginAbove: 1.34432,
      marginBelow: 3.92555,
      rivalShare: 0,
    };
    for (const [name, value] of Object.entries(reference)) {
      expect(Math.abs(geometry[name as keyof typeof reference] - value)).toBeLessThan(0.003 * Math.max(1, value));
    }
  });

  it.each([
    { rivalArea: 5400, share: 0.5 },
    { rivalArea: 10_800, share: 1 },
    { rivalArea: 99_999, share: 1 },
  ])('weighs a rival of $rivalArea square pixels as $share', ({ rivalArea, share }) => {
    expect(measureGeometry(face({ rivalArea })).rivalShare).toBe(share);
  });

  it('widens the eye distance of a turned head, at most ten times', () => {
    const [frontal, turned, profile] = [0, 60, 90].map(
      (yaw) => measureGeometry(face({ pose: { yaw, pitch: 0, roll: 0 } })).interEyeDistance,
    );
    expect((turned ?? NaN) / (frontal ?? NaN)).toBeCloseTo(2, 10);
    expect((profile ?? NaN) / (frontal ?? NaN)).toBeCloseTo(10, 10);
  });

  it('gives finite numbers when all landmarks coincide', () => {
    const geometry = measureGeometry(face({ landmarks: LANDMARKS.map(() => [7, 7] as const) }));
    expect(Object.values(geometry).filter((value) => !Number.isFinite(value))).toEqual([]);
  });
});

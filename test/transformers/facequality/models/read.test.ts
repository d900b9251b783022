import {
  FACE_DETECT,
  detectorLetterbox,
  toDetections,
} from '../../../../src/transformers/facequality/models/face-detect.js';
import { FACE_EMBEDDING } from '../../../../src/transformers/facequality/models/face-embedding.js';
import { FACE_EYE } from '../../../../src/transformers/facequality/models/face-eye.js';
import { FACE_LANDMARK } from '../../../../src/transformers/facequality/models/face-landmark.js';
import { FACE_LIVENESS } from '../../../../src/transformers/facequality/models/face-liveness.js';
import { FACE_POSE } from '../../../../src/transformers/facequality/models/face-pose.js';
import { faceQualityModel } from '../../../../src/transformers/facequality/models/face-quality.js';

/** The detector's outputs for a few anchors; all others see background. */
function detectorOutputs(found: readonly { box: readonly number[]; score: number }[]) {
  const scores = new Float32Array(4420 * 2);
  const boxes = new Float32Array(4420 * 4);
  found.forEach(({ box, score }, i) => {
    scores.set([1 - score, score], 2 * (i * 100));
    boxes.set(box, 4 * (i * 100));
  });
  return { scores, boxes };
}

describe('FACE_DETECT', () => {
  it('gives likely boxes in pixels of its input, each face once', () => {
    const candidates = FACE_DETECT.read(
      detectorOutputs([
        { box: [0.25, 0.25, 0.5, 0.5], score: 0.75 },
        { box: [0.25, 0.25, 0.5, 0.46875], score: 0.875 },
        { box: [0.5, 0.5, 0.75, 1.25], score: 0.65625 },
        { box: [0, 0, 0.125, 0.125], score: 0.625 },
      ]),
    );
    expect(candidates).toEqual([
      { box: [80, 60, 160, 112.5], score: 0.875 },
      { box: [160, 120, 240, 300], score: 0.65625 },
    ]);
  });

  it('gives nothing for background', () => {
    expect(FACE_DETECT.read(detectorOutputs([]))).toEqual([]);
  });
});

describe('toDetections()', () => {
  const picture = { widthPx: 640, heightPx: 240, data: new Uint8Array(0) };
  const fit = detectorLetterbox(picture);

  it('gives boxes in pixels of the picture, largest first, each with the largest other’s area', () => {
    const detections = toDetections(picture, fit, [
      { box: [10, 10, 20, 20], score: 0.9 },
      { box: [30, 30, 80, 80], score: 0.8 },
      { box: [-5, 50, 15, 70], score: 1.0000001 },
    ]);
    expect(detections).toEqual([
      { box: [60, 60, 160, 160], score: 0.8, rivalArea: 1600 },
      { box: [-10, 100, 30, 140], score: 1, rivalArea: 10_000 },
      { box: [20, 20, 40, 40], score: 0.9, rivalArea: 10_000 },
    ]);
  });

  it('knows no rival of a single face', () => {
    expect(toDetections(picture, fit, [{ box: [10, 10, 20, 20], score: 0.9 }])).toMatchObject([{ rivalArea: 0 }]);
  });

  it.each([
    ['without height', [10, 10, 20, 10]],
    ['turned inside out', [20, 20, 10, 10]],
    ['in the letterbox bar below', [10, 130, 40, 170]],
    ['left of the picture', [-30, 10, -1, 40]],
    ['thinner than a pixel', [10, 10, 10.4, 40]],
  ] as const)('passes over a box %s', (_, box) => {
    expect(toDetections(picture, fit, [{ box, score: 0.9 }])).toEqual([]);
  });
});

describe('what the other models say', () => {
  it('68 landmarks as pairs', () => {
    const points = FACE_LANDMARK.read({ output: Float32Array.from({ length: 136 }, (_, i) => i) });
    expect(points).toHaveLength(68);
    expect([points[0], points[67]]).toEqual([
      [0, 1],
      [134, 135],
    ]);
  });

  it('degrees of yaw, pitch and roll from their own output', () => {
    const peak = (bin: number) => Float32Array.from({ length: 66 }, (_, i) => (i === bin ? 100 : 0));
    const pose = FACE_POSE.read({ output: peak(33), '617': peak(30), '618': peak(65) });
    expect(pose.yaw).toBeCloseTo(0, 9);
    expect(pose.pitch).toBeCloseTo(-9, 9);
    expect(pose.roll).toBeCloseTo(96, 9);
  });

  it('degrees of spread logits, as the reference', () => {
    const spread = Float32Array.from({ length: 66 }, (_, i) => Math.sin(i) * 3);
    expect(FACE_POSE.read({ output: spread, '617': spread, '618': spread }).yaw).toBeCloseTo(-0.30531, 3);
  });

  it('the probability of an open eye from the second logit', () => {
    expect(FACE_EYE.read({ output: Float32Array.of(0, Math.log(4)) })).toBeCloseTo(0.8, 6);
  });

  it('the probability of a live face from the first logit', () => {
    expect(FACE_LIVENESS.read({ output: Float32Array.of(Math.log(2), 0, 0) })).toBeCloseTo(0.5, 6);
  });

  it('the length of the embedding', () => {
    const embedding = new Float32Array(512);
    embedding.set([3, -4], 100);
    expect(FACE_EMBEDDING.read({ output: embedding })).toBe(5);
  });

  it.each([
    [0.25, 0.25],
    [-0.5, 0],
    [1.0000001, 1],
  ])('a whole picture’s score %p as %p', (output, score) => {
    expect(faceQualityModel('face_quality').read({ '1346': Float32Array.of(output) })).toBe(score);
  });
});

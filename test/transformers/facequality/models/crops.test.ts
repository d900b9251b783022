import type { Box } from '../../../../src/imaging/boxes.js';
import type { FoundFace, LocatedFace } from '../../../../src/transformers/facequality/face.js';
import { eyeCrop } from '../../../../src/transformers/facequality/models/face-eye.js';
import { landmarkCrop, landmarksInPicture } from '../../../../src/transformers/facequality/models/face-landmark.js';
import { cropFactor, livenessCrop } from '../../../../src/transformers/facequality/models/face-liveness.js';
import { poseCrop } from '../../../../src/transformers/facequality/models/face-pose.js';

// The maps were computed by the reference, face_quality.py.
const BOX: Box = [20.5, 10, 60.5, 70];

function found(box: Box, widthPx: number, heightPx: number): FoundFace {
  return { picture: { widthPx, heightPx, data: new Uint8Array(0) }, box, score: 1, rivalArea: 0 };
}

function expectMap(received: readonly number[], expected: readonly number[]): void {
  received.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 9));
}

describe('landmarkCrop()', () => {
  it('is the square of the height of the box', () => {
    expectMap(landmarkCrop(found(BOX, 200, 100)).map, [0.9375, 0, 10.5, 0, 0.9375, 10]);
  });
});

describe('landmarksInPicture()', () => {
  it('spreads shares over the same square', () => {
    expect(landmarksInPicture(found(BOX, 200, 100), [[0, 0], [0.5, 1]])).toEqual([[10.5, 10], [40.5, 70]]); // prettier-ignore
  });
});

describe('poseCrop()', () => {
  it('is the box grown by a quarter on each side, not squared', () => {
    expectMap(poseCrop(found(BOX, 200, 100)).map, [0.26785714285714285, 0, 10.5, 0, 0.4017857142857143, -5]);
  });
});

describe('livenessCrop()', () => {
  it.each([
    { what: 'fits', box: BOX, size: [1000, 900], factor: 2.7, map: [1.265625, 0, 0, 0, 1.265625, 0] },
    { what: 'is shrunk to the picture', box: BOX, size: [200, 100], factor: 1.65, map: [0.7734375, 0, 0, 0, 0.7734375, 0] }, // prettier-ignore
    { what: 'is moved into the picture', box: [-30, 5, -2, 25], size: [1000, 900], factor: 2.7, map: [0.421875, 0, 0, 0, 0.421875, 0] }, // prettier-ignore
    { what: 'vanishes in a picture of one pixel', box: [0, 0, 2, 2], size: [1, 1], factor: 0, map: [0, 0, 1, 0, 0, 1] },
  ] as const)('$what', ({ box, size: [widthPx, heightPx], factor, map }) => {
    const face = found(box, widthPx, heightPx);
    expect(cropFactor(face)).toBeCloseTo(factor, 12);
    expectMap(livenessCrop(face).map, map);
  });
});

describe('eyeCrop()', () => {
  const corners: Record<number, readonly [number, number]> = {
    36: [175.8, 101],
    37: [181.1, 98.1],
    38: [187.9, 98.7],
    39: [193.3, 104],
    40: [187, 104.2],
    41: [180.4, 103.5],
    42: [217.9, 105],
    43: [223.7, 100.2],
    44: [230.5, 100.2],
    45: [235.5, 103.6],
    46: [230.7, 105.7],
    47: [224.2, 105.8],
  };
  const landmarks = Array.from({ length: 68 }, (_, i) => corners[i] ?? ([0, 0] as const));
  const face: LocatedFace = { ...found(BOX, 400, 400), landmarks };

  it.each([
    { eye: 'left', map: [1.1666666666666667, 0, 170.1, 0, 1.1666666666666667, 87.125] },
    { eye: 'right', map: [1.1733333333333331, 0, 213.195, 0, 1.1733333333333331, 88.895] },
  ] as const)('is the square about the $eye eye', ({ eye, map }) => {
    expectMap(eyeCrop(face, eye).map, map);
  });

  it('is at least 4 px wide', () => {
    const closed = { ...face, landmarks: landmarks.map(() => [50, 60] as const) };
    expectMap(eyeCrop(closed, 'left').map, [4 / 24, 0, 48, 0, 4 / 24, 58]);
  });
});

import { detail } from '../../../../src/transformers/facequality/measures/sharpness.js';
import { levelShares, measureExposure } from '../../../../src/transformers/facequality/measures/exposure.js';
import { hullMask } from '../../../../src/transformers/facequality/measures/hull-mask.js';
import { median } from '../../../../src/transformers/facequality/measures/median.js';

/** 16×16 scattered levels and a mask; what the reference measures on them stands in the tests. */
const LEVELS = Uint8Array.from({ length: 256 }, (_, i) => (i * 7919) % 251);
const MASK = hullMask(
  [
    [2, 3],
    [13, 2],
    [14, 9],
    [8, 15],
    [3, 12],
  ],
  16,
);

describe('measureExposure()', () => {
  it('agrees with the reference', () => {
    const exposure = measureExposure(LEVELS, MASK);
    expect(exposure.luminanceMean).toBeCloseTo(0.48930631075959796, 12);
    expect(exposure.luminanceVariance).toBeCloseTo(0.08209601012533378, 12);
    expect(exposure.darkShare).toBeCloseTo(0.1092436974789916, 12);
    expect(exposure.brightShare).toBeCloseTo(0.01680672268907563, 12);
    expect(exposure.entropyBits).toBeCloseTo(6.894817763307943, 10);
  });

  it.each([
    { level: 25, darkShare: 1, brightShare: 0 },
    { level: 26, darkShare: 0, brightShare: 0 },
    { level: 246, darkShare: 0, brightShare: 0 },
    { level: 247, darkShare: 0, brightShare: 1 },
  ])('counts level $level in the right share', ({ level, ...shares }) => {
    const exposure = measureExposure(new Uint8Array(4).fill(level), new Uint8Array(4).fill(1));
    expect(exposure).toMatchObject({ ...shares, luminanceVariance: 0, entropyBits: 0 });
  });
});

describe('levelShares()', () => {
  it('has nothing to share without pixels', () => {
    expect(levelShares(new Uint8Array(0)).every((share) => share === 0)).toBe(true);
  });
});

describe('detail()', () => {
  it('agrees with the reference', () => {
    expect(detail(Float32Array.from(LEVELS), MASK)).toBeCloseTo(4.383508682250977, 5);
  });

  it('is 0 for a flat face', () => {
    expect(detail(new Float32Array(256).fill(9), MASK)).toBe(0);
  });

  it('is 0 when the face touches only the border, where there is no Laplacian', () => {
    expect(detail(Float32Array.from(LEVELS), new Uint8Array(256).fill(1, 0, 16))).toBe(0);
  });
});

describe('median()', () => {
  it.each([
    { values: [3, 1, 2], middle: 2 },
    { values: [4, 1, 3, 2], middle: 2.5 },
    { values: [10, 9, 100], middle: 10 },
    { values: [7], middle: 7 },
    { values: [], middle: 0 },
  ])('of $values is $middle', ({ values, middle }) => {
    expect(median(values)).toBe(middle);
  });
});

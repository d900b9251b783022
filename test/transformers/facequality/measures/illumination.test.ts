import { illuminationUniformity } from '../../../../src/transformers/facequality/measures/illumination.js';
import type { FivePoints } from '../../../../src/transformers/facequality/points.js';

const LEVELS = Uint8Array.from({ length: 1600 }, (_, i) => ((Math.floor(i / 40) + 2 * (i % 40)) % 24) * 10);
const MOUTH = [20, 29] as const;

describe('illuminationUniformity()', () => {
  // Computed by the reference, face_quality.py, on the same 40×40 levels.
  it.each([
    { what: 'level eyes', left: [10, 10], right: [30, 10], shared: 0.6666666666666666 },
    { what: 'slanted eyes', left: [10, 10], right: [30.9, 12.6], shared: 0.41666666666666663 },
    { what: 'squares that are moved and cut at the border', left: [2, 5], right: [38, 5], shared: 0.54 },
    { what: 'a cheek outside the crop', left: [100, 5], right: [130, 5], shared: 0 },
    { what: 'squares of the least size', left: [10, 10], right: [12, 10], shared: 0 },
    { what: 'squares cut at the bottom', left: [10, 28], right: [30, 28], shared: 0.6666666666666666 },
  ] as const)('agrees with the reference for $what', ({ left, right, shared }) => {
    const five: FivePoints = [left, right, MOUTH, MOUTH, MOUTH];
    expect(illuminationUniformity(LEVELS, five, MOUTH)).toBeCloseTo(shared, 12);
  });

  it('is 1 for a crop of one level', () => {
    const five: FivePoints = [[10, 10], [30, 10], MOUTH, MOUTH, MOUTH];
    expect(illuminationUniformity(new Uint8Array(1600).fill(80), five, MOUTH)).toBeCloseTo(1, 12);
  });
});

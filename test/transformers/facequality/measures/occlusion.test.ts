import { foreignShare } from '../../../../src/transformers/facequality/measures/occlusion.js';

const SIZE = 224;
const OVAL = Array.from({ length: 68 }, (_, i) => {
  const angle = (2 * Math.PI * i) / 68;
  return [112 + 60 * Math.cos(angle), 112 + 80 * Math.sin(angle)] as const;
});

function crop(rgbAt: (x: number, y: number) => readonly [number, number, number]): Float32Array {
  return Float32Array.from(Array.from({ length: SIZE * SIZE }, (_, i) => rgbAt(i % SIZE, Math.floor(i / SIZE))).flat());
}

describe('foreignShare()', () => {
  // Computed by the reference, face_quality.py, on the same crops.
  it('counts a patch of another colour', () => {
    const masked = crop((x, y) =>
      x >= 60 && x < 170 && y >= 130 && y < 170 ? [40, 60, 160] : [180 + (x % 5), 140 + (y % 5), 120 + ((x + y) % 5)],
    );
    expect(foreignShare(masked, OVAL)).toBeCloseTo(0.2957446808510638, 12);
  });

  it('counts what is far brighter than the skin', () => {
    const lit = crop((_, y) => (y < 80 ? [250, 250, 250] : [72, 56, 48]));
    expect(foreignShare(lit, OVAL)).toBeCloseTo(0.251063829787234, 12);
  });

  it('is 0 for plain skin', () => {
    expect(foreignShare(crop(() => [180, 140, 120]), OVAL)).toBe(0); // prettier-ignore
  });

  it('looks at the whole crop when the landmarks coincide', () => {
    const half = crop((x) => (x < 96 ? [20, 200, 20] : [180, 140, 120]));
    const collapsed = OVAL.map(() => [112.3, 112.3] as const);
    expect(foreignShare(half, collapsed)).toBeCloseTo(96 / 224, 12);
  });
});

import { luma, luminance } from '../../../../src/transformers/facequality/measures/luminance.js';

// Computed by the reference, face_quality.py.
const COLOURS = [
  { rgb: [0, 0, 0], level: 0, grey: 0 },
  { rgb: [255, 255, 255], level: 255, grey: 255 },
  { rgb: [10, 10, 10], level: 1, grey: 10 },
  { rgb: [128, 128, 128], level: 55, grey: 128 },
  { rgb: [255, 0, 0], level: 54, grey: 76.245 },
  { rgb: [0, 255, 0], level: 182, grey: 149.685 },
  { rgb: [0, 0, 255], level: 18, grey: 29.07 },
  { rgb: [12.5, 200.25, 90.75], level: 108, grey: 131.6298 },
  { rgb: [11, 10.3, 10.4], level: 1, grey: 10.5207 },
];

describe('luminance()', () => {
  it.each(COLOURS)('of $rgb is $level', ({ rgb, level }) => {
    expect([...luminance(Float32Array.from(rgb))]).toEqual([level]);
  });

  it('is the rounded value of the sRGB formula for every grey', () => {
    const greys = Array.from({ length: 2551 }, (_, i) => i / 10);
    const formula = (value: number) => {
      const signal = value / 255;
      const light = signal <= 0.04045 ? signal / 12.92 : ((signal + 0.055) / 1.055) ** 2.4;
      return Math.floor(light * 255 + 0.5);
    };
    const levels = luminance(Float32Array.from(greys.flatMap((grey) => [grey, grey, grey])));
    expect([...levels]).toEqual(greys.map((grey) => formula(Math.fround(grey))));
  });
});

describe('luma()', () => {
  it.each(COLOURS)('of $rgb is $grey', ({ rgb, grey }) => {
    expect(luma(Float32Array.from(rgb))[0]).toBeCloseTo(grey, 3);
  });
});

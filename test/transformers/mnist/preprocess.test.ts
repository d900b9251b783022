import { isDarkOnLight, normalise, whiteOnBlack } from '../../../src/transformers/mnist/preprocess.js';
import { heldOutDigits } from '../../helpers/golden-mnist.js';

const SIDE = 28;

/** A stroke down the middle, on a ground. */
function stroke(ink: number, ground: number): Float32Array {
  return Float32Array.from({ length: SIDE * SIDE }, (_, i) => (i % SIDE === 14 ? ink : ground));
}

const isDark = (grey: Float32Array) => isDarkOnLight({ widthPx: SIDE, heightPx: SIDE, grey });

describe('isDarkOnLight()', () => {
  it.each([
    ['white on black', 1, 0, false],
    ['black on white', 0, 1, true],
    ['dark on grey', 0.2, 0.6, true],
    ['light on grey', 0.9, 0.6, false],
    ['grey on black', 0.3, 0, false],
    ['one value', 0.5, 0.5, false],
  ])('knows %s', (_, ink, ground, expected) => {
    expect(isDark(stroke(ink, ground))).toBe(expected);
  });

  it('is right of a hundred real digits, whichever way they are written', async () => {
    for (const { grey } of await heldOutDigits()) {
      const light = Float32Array.from(grey, (value) => value / 255);
      expect(isDark(light)).toBe(false);
      expect(isDark(light.map((value) => 1 - value))).toBe(true);
      expect(isDark(light.map((value) => 0.7 - value * 0.4))).toBe(true);
    }
  });

  it('is not deceived by ink that touches the border', () => {
    const digit = stroke(0, 1);
    digit.fill(0, 0, 40);
    expect(isDark(digit)).toBe(true);
  });
});

describe('whiteOnBlack()', () => {
  const dark = stroke(0.25, 1);
  const light = stroke(1, 0);

  it.each([
    ['auto', [stroke(0.75, 0), light]],
    ['always', [stroke(0.75, 0), stroke(0, 1)]],
    ['never', [dark, light]],
  ] as const)('turns round by --mnist_invert %s', (invert, expected) => {
    expect([dark, light].map((grey) => whiteOnBlack(grey, invert))).toEqual(expected);
  });

  it('leaves what it was given as it is', () => {
    const given = dark.slice();
    whiteOnBlack(given, 'always');
    expect(given).toEqual(dark);
  });
});

describe('normalise()', () => {
  it('takes off MNIST’s mean and divides by its deviation', () => {
    expect([...normalise(Float32Array.of(0, 0.1307, 1))].map((value) => value.toFixed(4))).toEqual([
      '-0.4242',
      '0.0000',
      '2.8215',
    ]);
  });
});

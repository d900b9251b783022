import type { Picture } from '../../../../src/imaging/picture.js';
import { blockiness } from '../../../../src/transformers/facequality/measures/blockiness.js';

const WIDTH = 64;
const HEIGHT = 48;

function picture(rgbAt: (x: number, y: number) => readonly [number, number, number]): Picture {
  const pixels = Array.from({ length: WIDTH * HEIGHT }, (_, i) => rgbAt(i % WIDTH, Math.floor(i / WIDTH)));
  return { widthPx: WIDTH, heightPx: HEIGHT, data: Uint8Array.from(pixels.flat()) };
}

const fine = (x: number, y: number) => (y * 3 + x * 5) % 7;
const BLOCKS = picture((x, y) => {
  const level = ((Math.floor(y / 8) * 37 + Math.floor(x / 8) * 53) % 200) + fine(x, y);
  // Halves to even, as numpy rounds.
  const half = level % 4 === 3 ? (level + 1) / 2 : Math.floor(level / 2);
  return [level, half, 255 - level];
});

describe('blockiness()', () => {
  // Computed by the reference, face_quality.py, on the same picture.
  it.each([
    { box: [20, 10, 44, 38], strength: 14.486230850219727 },
    { box: [10.3, 5.7, 40.2, 30.1], strength: 13.772337913513184 },
    { box: [-20, -5, 10, 30], strength: 14.136566162109375 },
  ] as const)('agrees with the reference around $box', ({ box, strength }) => {
    expect(blockiness(BLOCKS, box)).toBeCloseTo(strength, 4);
  });

  it.each([
    { what: 'a region of less than three blocks', box: [0, 0, 10, 10] },
    { what: 'a box beside the picture', box: [500, 10, 540, 60] },
    { what: 'a wide box whose square lies outside the picture', box: [-200, 10, 1, 20] },
  ] as const)('is 1 for $what', ({ box }) => {
    expect(blockiness(BLOCKS, box)).toBe(1);
  });

  it('is 1 where the texture has no 8-pixel grid', () => {
    const texture = picture((x, y) => [fine(x, y), fine(x, y), fine(x, y)]);
    expect(blockiness(texture, [20, 10, 44, 38])).toBeCloseTo(1, 6);
  });
});

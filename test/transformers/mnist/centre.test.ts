import type { Picture } from '../../../src/imaging/picture.js';
import { centreGrey, centrePicture } from '../../../src/transformers/mnist/centre.js';
import { heldOutDigits } from '../../helpers/golden-mnist.js';
import { seededRandom } from '../../helpers/seeded-random.js';

const SIDE = 28;

/** A digit of a size in pixels at a place on paper, ink and paper as grey values. */
function onPaper(
  digit: Uint8Array,
  {
    widthPx,
    heightPx,
    at: [left, top],
    zoom,
    ink = 30,
    paper = 210,
    noise = 0,
  }: {
    readonly widthPx: number;
    readonly heightPx: number;
    readonly at: readonly [number, number];
    readonly zoom: number;
    readonly ink?: number;
    readonly paper?: number;
    readonly noise?: number;
  },
): Picture {
  const random = seededRandom(5);
  const data = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const [column, row] = [Math.floor((x - left) / zoom), Math.floor((y - top) / zoom)];
      const isOn = column >= 0 && row >= 0 && column < SIDE && row < SIDE;
      const share = isOn ? (digit[row * SIDE + column] ?? 0) / 255 : 0;
      const value = paper + (ink - paper) * share + noise * (random() - 0.5);
      data.fill(Math.round(Math.min(255, Math.max(0, value))), (y * widthPx + x) * 3, (y * widthPx + x) * 3 + 3);
    }
  }
  return { widthPx, heightPx, data };
}

/** The mean difference of two digits where either has ink. */
function difference(a: Float32Array, b: Float32Array): number {
  const inked = [...a.keys()].filter((at) => (a[at] ?? 0) > 0.1 || (b[at] ?? 0) > 0.1);
  return inked.reduce((sum, at) => sum + Math.abs((a[at] ?? 0) - (b[at] ?? 0)), 0) / inked.length;
}

/** Columns and rows of the first and last ink. */
function extentOf(digit: Float32Array) {
  const inked = [...digit.keys()].filter((at) => (digit[at] ?? 0) > 0.3);
  const [columns, rows] = [inked.map((at) => at % SIDE), inked.map((at) => Math.floor(at / SIDE))];
  return { x: [Math.min(...columns), Math.max(...columns)], y: [Math.min(...rows), Math.max(...rows)] };
}

describe('centrePicture()', () => {
  it('gives real digits back in MNIST’s form from anywhere on noisy grey paper', async () => {
    const digits = (await heldOutDigits()).filter((_, i) => i % 10 === 0);
    const differences = digits.map(({ grey }, i) => {
      const place = {
        widthPx: 320,
        heightPx: 240,
        at: [10 + i * 15, 100 - i * 9],
        zoom: 3 + (i % 3),
        noise: 12,
      } as const;
      return difference(
        centrePicture({ picture: onPaper(grey, place), invert: 'auto' }),
        Float32Array.from(grey, (v) => v / 255),
      );
    });
    // MNIST's own digits are those of others, made smaller and smoothed: not the same pixels, but the same strokes (0.22).
    expect(differences.reduce((sum, value) => sum + value, 0) / digits.length).toBeLessThan(0.25);
  });

  it('does not depend on where the digit stands, how large it is, or what it is written with', async () => {
    const [, , , two] = (await heldOutDigits()).filter((_, i) => i % 10 === 0);
    const grey = two?.grey ?? new Uint8Array(SIDE * SIDE);
    const plain = { widthPx: 224, heightPx: 224, at: [56, 56], zoom: 4 } as const;
    const expected = centrePicture({ picture: onPaper(grey, plain), invert: 'auto' });
    for (const other of [
      { ...plain, at: [3, 100] as const },
      { ...plain, widthPx: 448, heightPx: 300, at: [200, 100] as const },
      { ...plain, zoom: 7, at: [10, 20] as const },
      { ...plain, ink: 255, paper: 0 },
      { ...plain, ink: 100, paper: 150 },
    ]) {
      expect(difference(centrePicture({ picture: onPaper(grey, other), invert: 'auto' }), expected)).toBeLessThan(0.09);
    }
  });

  it.each([
    ['wide', 60, 18, { x: [4, 23], y: [11, 16] }],
    ['tall', 16, 80, { x: [12, 15], y: [4, 23] }],
  ])('fits a %s stroke into 20 pixels and keeps its shape', (_, width, height, extent) => {
    const data = new Uint8Array(112 * 112 * 3).fill(255);
    for (let y = 5; y < 5 + height; y++) data.fill(0, (y * 112 + 20) * 3, (y * 112 + 20 + width) * 3);
    const digit = centrePicture({ picture: { widthPx: 112, heightPx: 112, data }, invert: 'auto' });
    expect(extentOf(digit)).toEqual(extent);
  });

  it('is told which is ink by --mnist_invert', () => {
    const data = new Uint8Array(40 * 40 * 3).fill(200);
    for (let y = 10; y < 30; y++) data.fill(0, (y * 40 + 10) * 3, (y * 40 + 15) * 3);
    for (let y = 10; y < 13; y++) data.fill(255, (y * 40 + 25) * 3, (y * 40 + 35) * 3);
    const of = (invert: 'auto' | 'always' | 'never') =>
      extentOf(centrePicture({ picture: { widthPx: 40, heightPx: 40, data }, invert }));
    expect(of('auto')).toEqual(of('always'));
    expect(of('always')).toEqual({ x: [11, 16], y: [4, 23] });
    expect(of('never').x).toEqual([4, 23]);
  });

  it.each([
    ['one pixel', 1, 1],
    ['a line', 300, 1],
    ['another line', 1, 300],
    ['a sheet without ink', 60, 60],
  ])('makes black of %s', (_, widthPx, heightPx) => {
    const data = new Uint8Array(widthPx * heightPx * 3).fill(170);
    const digit = centrePicture({ picture: { widthPx, heightPx, data }, invert: 'auto' });
    expect([...digit].every((value) => value === 0)).toBe(true);
    expect(digit).toHaveLength(SIDE * SIDE);
  });

  it('keeps all of the ink inside, wherever its mass is', () => {
    const data = new Uint8Array(100 * 100 * 3).fill(255);
    data.fill(0, 0, 100 * 30 * 3);
    for (let y = 30; y < 90; y++) data.fill(0, (y * 100 + 48) * 3, (y * 100 + 52) * 3);
    // The ground is the border's median, and half of the border is ink here: the sheet needs a margin.
    const framed = new Uint8Array(140 * 140 * 3).fill(255);
    for (let y = 0; y < 100; y++) framed.set(data.subarray(y * 300, y * 300 + 300), ((y + 20) * 140 + 20) * 3);
    const { x, y } = extentOf(
      centrePicture({ picture: { widthPx: 140, heightPx: 140, data: framed }, invert: 'auto' }),
    );
    expect([x, y[1]]).toEqual([[4, 23], 27]);
  });
});

describe('centreGrey()', () => {
  it('hardly moves what is in MNIST’s form already', async () => {
    for (const { grey } of await heldOutDigits()) {
      const values = Float32Array.from(grey, (value) => value / 255);
      const centred = centreGrey({ widthPx: SIDE, heightPx: SIDE, grey: values }, 'auto');
      const [before, after] = [extentOf(values), extentOf(centred)];
      for (const axis of ['x', 'y'] as const) {
        expect(Math.abs((after[axis][0] ?? NaN) - (before[axis][0] ?? NaN))).toBeLessThanOrEqual(2);
        expect(Math.abs((after[axis][1] ?? NaN) - (before[axis][1] ?? NaN))).toBeLessThanOrEqual(2);
      }
    }
  });
});

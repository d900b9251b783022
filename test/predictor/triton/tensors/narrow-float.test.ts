import { fromBfloat16, toBfloat16 } from '../../../../src/predictor/triton/tensors/bfloat16.js';
import { fromFloat16, toFloat16 } from '../../../../src/predictor/triton/tensors/float16.js';

const FORMATS = [
  {
    name: 'Float16',
    to: toFloat16,
    from: fromFloat16,
    fractionBits: 10,
    bias: 15,
    infinity: 0x7c00,
    nan: 0x7e00,
    nans: { patterns: [0x7e01, 0xfe01, 0x7c01], floats: [0x7fc02000, 0xffc02000, 0x7f802000] },
  },
  {
    name: 'Bfloat16',
    to: toBfloat16,
    from: fromBfloat16,
    fractionBits: 7,
    bias: 127,
    infinity: 0x7f80,
    nan: 0x7fc0,
    nans: { patterns: [0x7fc1, 0xffc1, 0x7f81], floats: [0x7fc10000, 0xffc10000, 0x7f810000] },
  },
];

const ALL_PATTERNS = Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern);

/** The relative distance between a double and the next one, at least. */
const ULP = 2 ** -52;

describe.each(FORMATS)('to$name() and from$name()', ({ to, from, fractionBits, bias, infinity, nan, nans }) => {
  const steps = 2 ** fractionBits;
  const smallest = 2 ** (1 - bias) / steps;
  const largest = (2 - 1 / steps) * 2 ** bias;
  /** The halfway between the largest number and the next one, which the format lacks. */
  const limit = (2 - 1 / (2 * steps)) * 2 ** bias;

  /** What a pattern stands for, by the formula of IEEE 754-2019, 3.4: a second way beside the one under test. */
  function valueOf(pattern: number): number {
    const sign = pattern >= 0x8000 ? -1 : 1;
    const exponent = Math.floor((pattern % 0x8000) / steps);
    const fraction = pattern % steps;
    if (exponent === 2 * bias + 1) return fraction === 0 ? sign * Infinity : NaN;
    return exponent === 0 ? sign * fraction * smallest : sign * 2 ** (exponent - bias) * (1 + fraction / steps);
  }

  const numbers = ALL_PATTERNS.filter((pattern) => !Number.isNaN(valueOf(pattern)));
  /** The positive patterns that a finite one follows. */
  const lower = ALL_PATTERNS.subarray(0, infinity - 1);
  const halfway = Array.from(lower, (pattern) => (valueOf(pattern) + valueOf(pattern + 1)) / 2);

  it('reads each of the 65,536 patterns', () => {
    expect(firstDifference(from(ALL_PATTERNS), Array.from(ALL_PATTERNS, valueOf))).toBe(-1);
  });

  it('keeps sign and payload of a NaN that is read', () => {
    const bits = new Uint32Array(from(Uint16Array.from(nans.patterns)).buffer);
    expect([...bits]).toEqual(nans.floats);
  });

  it('gives each pattern that is a number back', () => {
    expect(firstDifference(to(from(numbers)), numbers)).toBe(-1);
  });

  it('rounds what is halfway between two neighbours to the even one, with each sign', () => {
    const even = lower.map((pattern) => pattern + (pattern % 2));
    expect(firstDifference(to(halfway), even)).toBe(-1);
    const negative = even.map((pattern) => pattern + 0x8000);
    expect(firstDifference(to(halfway.map((value) => -value)), negative)).toBe(-1);
  });

  it('rounds a double next to halfway to the nearer neighbour', () => {
    expect(firstDifference(to(halfway.map((value) => value * (1 - ULP))), lower)).toBe(-1);
    const upper = lower.map((pattern) => pattern + 1);
    expect(firstDifference(to(halfway.map((value) => value * (1 + ULP))), upper)).toBe(-1);
  });

  it.each([
    ['the largest number', largest, infinity - 1],
    ['the last double that is rounded to it', limit * (1 - ULP / 2), infinity - 1],
    ['halfway beyond it', limit, infinity],
    ['an exponent that the format lacks', 2 ** (bias + 1), infinity],
    ['the largest double, negative', -Number.MAX_VALUE, infinity + 0x8000],
    ['infinity', Infinity, infinity],
    ['minus infinity', -Infinity, infinity + 0x8000],
    ['zero', 0, 0],
    ['minus zero', -0, 0x8000],
    ['half of the smallest number', smallest / 2, 0],
    ['just over half of the smallest number', (smallest / 2) * (1 + ULP), 1],
    ['the smallest double, negative', -Number.MIN_VALUE, 0x8000],
    ['NaN', NaN, nan],
  ])('rounds %s', (_, value, pattern) => {
    expect([...to([value])]).toEqual([pattern]);
  });
});

function firstDifference(received: ArrayLike<number>, expected: ArrayLike<number>): number {
  return Array.from(expected).findIndex((value, index) => !Object.is(received[index], value));
}

import type { AnyTensor } from '../../../src/tensor.js';
import { readGreyValues, splitDigits } from '../../../src/transformers/mnist/grey-values.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const SIZE = 28 * 28;
const RAMP = Float32Array.from({ length: SIZE }, (_, i) => (i % 256) / 255);

const rowsOf = <T>(cell: (value: number) => T): T[][] =>
  Array.from({ length: 28 }, (_, y) => Array.from({ length: 28 }, (_, x) => cell(RAMP[y * 28 + x] ?? 0)));

const problemOf = (act: () => unknown) => {
  const { code, message } = serviceErrorThrownBy(act);
  expect(code).toBe('invalid_argument');
  return message;
};

const fp32 = (shape: readonly number[]): AnyTensor => ({
  datatype: 'FP32',
  shape,
  data: new Float32Array(shape.reduce((product, dim) => product * dim, 1)),
});

describe('splitDigits()', () => {
  it.each([
    [[28, 28], 1],
    [[1, 28, 28], 1],
    [[3, 28, 28], 3],
    [[1, 1, 28, 28], 1],
    [[3, 1, 28, 28], 3],
    [[0, 28, 28], 0],
  ])('takes the shape %j as %i digits', (shape, count) => {
    expect(splitDigits('input-0', fp32(shape))).toHaveLength(count);
  });

  it('gives each digit its own values', () => {
    const data = Float32Array.from([...RAMP, ...RAMP.map((value) => 1 - value)]);
    const digits = splitDigits('input-0', { datatype: 'FP32', shape: [2, 28, 28], data });
    expect(digits.map(readGreyValues)).toEqual([RAMP, RAMP.map((value) => 1 - value)]);
  });

  it.each<[AnyTensor]>([
    [{ datatype: 'FP32', shape: [28, 28], data: RAMP }],
    [{ datatype: 'FP64', shape: [28, 28], data: Float64Array.from(RAMP) }],
    [{ datatype: 'UINT8', shape: [28, 28], data: Uint8Array.from(RAMP, (value) => Math.round(value * 255)) }],
  ])('takes %j', (tensor) => {
    const [digit] = splitDigits('input-0', tensor);
    expect(readGreyValues(digit)).toEqual(RAMP);
  });

  it.each([[[27, 28]], [[1, 28, 27]], [[1, 3, 28, 28]], [[1, 1, 1, 28, 28]], [[784]], [[1, 784]], [[]], [[28, 28, 1]]])(
    'refuses the shape %j',
    (shape) => {
      expect(problemOf(() => splitDigits('input-0', fp32(shape)))).toBe(
        `inputs: expected grey values of shape [N,28,28], [N,1,28,28] or [28,28]; received "input-0" FP32 [${shape.join(',')}]`,
      );
    },
  );

  it('refuses other datatypes, and cuts long names', () => {
    const tensor: AnyTensor = { datatype: 'INT64', shape: [1, 28, 28], data: new BigInt64Array(SIZE) };
    expect(problemOf(() => splitDigits('input-0', tensor))).toBe(
      'inputs: expected grey values as FP32 or FP64 of 0..1, or UINT8 of 0..255; received "input-0" INT64 [1,28,28]',
    );
    expect(problemOf(() => splitDigits('x'.repeat(1e6), tensor)).length).toBeLessThan(250);
  });
});

describe('readGreyValues()', () => {
  it.each<[string, unknown]>([
    ['[28][28]', rowsOf((value) => value)],
    ['[1][28][28]', [rowsOf((value) => value)]],
    ['[28][28][1]', rowsOf((value) => [value])],
  ])('takes an array of %s', (_, item) => {
    expect(readGreyValues(item)).toEqual(RAMP);
  });

  it.each([['text'], [{ b64: 'AAAA' }], [7], [null], [undefined], [Buffer.from([1, 2])]])(
    'leaves %j to those who read pictures',
    (item) => {
      expect(readGreyValues(item)).toBeUndefined();
    },
  );

  it.each<[string, unknown, string]>([
    ['no rows', [], 'expected 28 rows of grey values, received 0'],
    ['27 rows', rowsOf((value) => value).slice(1), 'expected 28 rows of grey values, received 27'],
    ['a flat array', [...RAMP], 'expected 28 rows of grey values, received 784'],
    ['a short row', rowsOf((value) => value).with(3, [0]), 'expected 28 grey values in row 3, received 1'],
    [
      'a row that is none',
      (rowsOf((value) => value) as unknown[]).with(3, 'x'),
      'expected 28 grey values in row 3, received a string',
    ],
    [
      'a text in place of a value',
      (rowsOf((value) => value) as unknown[][]).with(5, [...new Array<number>(27).fill(0), '0.5']),
      'expected grey values of 0 (black) to 1 (white), received a string in row 5, column 27; 0..255 go as UINT8',
    ],
    [
      'three channels',
      rowsOf((value) => [value, value, value]),
      'expected grey values of 0 (black) to 1 (white), received an array in row 0, column 0; 0..255 go as UINT8',
    ],
    [
      'values of 0..255',
      rowsOf((value) => Math.round(value * 255)),
      'expected grey values of 0 (black) to 1 (white), received 2 in row 0, column 2; 0..255 go as UINT8',
    ],
  ])('refuses %s', (_, item, problem) => {
    expect(problemOf(() => readGreyValues(item))).toBe(problem);
  });

  it.each([[NaN], [-0.001], [1.001], [Infinity]])('refuses the value %d of a tensor', (value) => {
    const data = new Float64Array(SIZE);
    data[30] = value;
    const [digit] = splitDigits('input-0', { datatype: 'FP64', shape: [28, 28], data });
    expect(problemOf(() => readGreyValues(digit))).toBe(
      `expected grey values of 0 (black) to 1 (white), received ${value} in row 1, column 2; 0..255 go as UINT8`,
    );
  });
});

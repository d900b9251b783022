import { toOutputs } from '../../../src/predictor/v1/predictions.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const outputsOf = (predictions: unknown, outputs?: string[]) =>
  toOutputs({ predictions }, { model: 'faces', ...(outputs && { outputs }) });

const FP32 = (shape: number[], ...data: number[]) => ({ datatype: 'FP32', shape, data: Float32Array.from(data) });

describe('toOutputs()', () => {
  it.each([
    ['numbers', [1, 2.5], FP32([2], 1, 2.5)],
    [
      'rows of numbers',
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      FP32([3, 2], 1, 2, 3, 4, 5, 6),
    ],
    ['three dimensions', [[[0.5]], [[0.25]]], FP32([2, 1, 1], 0.5, 0.25)],
    ['no row', [], FP32([0])],
    ['rows without elements', [[], []], FP32([2, 0])],
    ['a fraction that FP32 rounds', [0.1], FP32([1], 0.1)],
    ['the largest integer that FP32 has with all below it', [2 ** 24], FP32([1], 2 ** 24)],
    [
      'an integer that FP32 does not have',
      [0.5, 2 ** 24 + 1],
      { datatype: 'FP64', shape: [2], data: Float64Array.of(0.5, 2 ** 24 + 1) },
    ],
    ['a number beyond FP32', [1.5e300], { datatype: 'FP64', shape: [1], data: Float64Array.of(1.5e300) }],
    ['booleans', [[true], [false]], { datatype: 'BOOL', shape: [2, 1], data: Uint8Array.of(1, 0) }],
    ['texts', ['größe', ''], { datatype: 'BYTES', shape: [2], data: [Buffer.from('größe'), Buffer.from('')] }],
    ['bytes', [{ b64: '/9g=' }], { datatype: 'BYTES', shape: [1], data: [Buffer.from([0xff, 0xd8])] }],
    [
      'bytes among texts',
      [['a', { b64: '/w==' }]],
      { datatype: 'BYTES', shape: [1, 2], data: [Buffer.from('a'), Buffer.from([0xff])] },
    ],
  ])('reads %s', (_, predictions, tensor) => {
    expect(outputsOf(predictions)).toEqual(new Map([['output-0', tensor]]));
  });

  it('calls the one output as it was asked for', () => {
    expect(outputsOf([1], ['score'])).toEqual(new Map([['score', FP32([1], 1)]]));
  });

  it('reads objects as a tensor for each of their keys, in the order asked for', () => {
    const rows = [
      { label: 'cat', logits: [0.5, 2], best: 1 },
      { best: 0, label: 'dog', logits: [3, 0.25] },
    ];
    const label = { datatype: 'BYTES', shape: [2], data: [Buffer.from('cat'), Buffer.from('dog')] };
    const logits = FP32([2, 2], 0.5, 2, 3, 0.25);
    expect([...outputsOf(rows)]).toEqual([
      ['label', label],
      ['logits', logits],
      ['best', FP32([2], 1, 0)],
    ]);
    expect([...outputsOf(rows, ['logits', 'label'])]).toEqual([
      ['logits', logits],
      ['label', label],
    ]);
  });

  it.each<[string, unknown, string[] | undefined, string]>([
    ['no list', { a: [1] }, undefined, 'predictions: expected a list'],
    ['nothing', undefined, undefined, 'predictions: expected a list'],
    ['rows of different lengths', [[1, 2], [3]], undefined, 'output output-0 is ragged: its rows differ in shape'],
    ['rows of different depths', [[1], 2], undefined, 'output output-0 is ragged: its rows differ in shape'],
    ['a row that is deeper', [1, [2]], undefined, 'output output-0 is ragged: its rows differ in shape'],
    ['null', [1, null], ['score'], 'output score holds number and null, but numbers, booleans or texts are expected'],
    ['kinds that are mixed', [1, 'a', true], undefined, 'output output-0 holds number and string and boolean, but'],
    ['objects within rows', [[{ a: 1 }]], undefined, 'output output-0 holds object, but numbers, booleans or texts'],
    [
      'objects of different keys',
      [{ a: 1, b: 2 }, { a: 1 }],
      undefined,
      'predictions[1]: expected an object with the keys a, b',
    ],
    ['objects of other keys', [{ a: 1 }, { b: 1 }], undefined, 'predictions[1]: expected an object with the keys a'],
    ['objects among others', [{ a: 1 }, 2], undefined, 'predictions[1]: expected an object with the keys a'],
    ['an output less than asked for', [1], ['score', 'label'], 'output label is missing'],
    ['objects without the output asked for', [{ a: 1 }], ['b'], 'output b is missing'],
  ])('refuses %s', (_, predictions, outputs, problem) => {
    const error = serviceErrorThrownBy(() => outputsOf(predictions, outputs));
    expect(error.code).toBe('upstream_error');
    expect(error.message).toContain(`The predictor's answer for model faces is not valid: ${problem}`);
  });

  it.each([null, 'text', [1], 5])('refuses %j in place of an answer', (answer) => {
    const error = serviceErrorThrownBy(() => toOutputs(answer, { model: 'faces' }));
    expect(error.message).toContain('predictions: expected a list');
  });

  it('refuses lists that are nested without end', () => {
    const deep = JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown;
    expect(serviceErrorThrownBy(() => outputsOf(deep)).message).toContain(
      'output output-0 has more than 100 dimensions',
    );
  });
});

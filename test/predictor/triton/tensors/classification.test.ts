import { parseClassification } from '../../../../src/predictor/triton/tensors/classification.js';
import { createTensor } from '../../../../src/predictor/triton/tensors/create-tensor.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

describe('parseClassification()', () => {
  it('reads a row for each item of a batch', () => {
    const tensor = createTensor('BYTES', [2, 2], ['3.500000:1:dog', '-1.000000:0:cat', '10:0:cat', '2:1:dog']);
    expect(parseClassification(tensor)).toEqual([
      [
        { value: 3.5, index: 1, label: 'dog' },
        { value: -1, index: 0, label: 'cat' },
      ],
      [
        { value: 10, index: 0, label: 'cat' },
        { value: 2, index: 1, label: 'dog' },
      ],
    ]);
  });

  it.each([
    ['without a label', '0.5:2', { value: 0.5, index: 2 }],
    ['with an empty label', '0.5:2:', { value: 0.5, index: 2, label: '' }],
    ["with ':' in the label", '0.5:2:at 12:30', { value: 0.5, index: 2, label: 'at 12:30' }],
    ["with a line's end in the label", '0.5:2:a\n', { value: 0.5, index: 2, label: 'a\n' }],
    ['of NaN', '-nan:0', { value: NaN, index: 0 }],
    ['of minus infinity', '-inf:0', { value: -Infinity, index: 0 }],
    ['of a number with an exponent', '1e+20:0', { value: 1e20, index: 0 }],
  ])('reads an entry %s', (_, entry, classification) => {
    expect(parseClassification(createTensor('BYTES', [1], [entry]))).toEqual([[classification]]);
  });

  it.each([
    [[0, 3], []],
    [
      [2, 0],
      [[], []],
    ],
  ])('reads the shape %j', (shape, rows) => {
    expect(parseClassification(createTensor('BYTES', shape, []))).toEqual(rows);
  });

  it.each(['', '0.5', '0.5:', '0.5:x', ':1', 'high:1', '0.5:-1'])('refuses the entry %j', (entry) => {
    const error = serviceErrorThrownBy(() => parseClassification(createTensor('BYTES', [2], ['1:0', entry])));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toBe(`data[1] must be value:index[:label]; received ${JSON.stringify(entry)}`);
  });

  it('refuses an output of another datatype', () => {
    const error = serviceErrorThrownBy(() => parseClassification(createTensor('FP32', [1], [1])));
    expect(error.message).toBe('A tensor of FP32 does not hold texts, only BYTES does');
  });
});

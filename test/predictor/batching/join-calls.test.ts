import { ServiceError } from '../../../src/errors.js';
import { joinRequests, splitResponse } from '../../../src/predictor/batching/join-calls.js';
import type { InferRequest } from '../../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../../src/tensor.js';

const floats = (...values: number[]) => float32Tensor([values.length / 2, 2], Float32Array.from(values));
const words = (...values: string[]): AnyTensor => ({
  datatype: 'BYTES',
  shape: [values.length, 1],
  data: values.map((value) => Buffer.from(value)),
});
const request = (inputs: Record<string, AnyTensor>, more: Partial<InferRequest> = {}): InferRequest => ({
  model: 'm',
  inputs: new Map(Object.entries(inputs)),
  ...more,
});

describe('joinRequests()', () => {
  it('joins the rows of each input in order, by its name, and has no id', () => {
    const more = { version: '3', outputs: ['o'], parameters: { seed: 1 } };
    const joined = joinRequests([
      request({ a: floats(1, 2), b: words('x') }, { ...more, id: 'one' }),
      request({ b: words('y', 'z'), a: floats(3, 4, 5, 6) }, { ...more, id: 'two' }),
    ]);
    expect(joined).toEqual(request({ a: floats(1, 2, 3, 4, 5, 6), b: words('x', 'y', 'z') }, more));
    expect('id' in joined).toBe(false);
  });

  it('leaves a single one as it is', () => {
    const single = request({ a: floats(1, 2) }, { id: 'one' });
    expect(joinRequests([single])).toBe(single);
  });
});

describe('splitResponse()', () => {
  it('gives each its own rows as views, and what is said of all', () => {
    const scores = floats(1, 2, 3, 4, 5, 6);
    const response = {
      outputs: new Map<string, AnyTensor>([
        ['scores', scores],
        ['labels', words('a', 'b', 'c')],
      ]),
      version: '3',
      parameters: { took: 5 },
    };
    const parts = splitResponse(response, { model: 'm', rows: [1, 2] });
    const common = { version: '3', parameters: { took: 5 } };
    expect(parts).toEqual([
      {
        ...common,
        outputs: new Map<string, AnyTensor>([
          ['scores', floats(1, 2)],
          ['labels', words('a')],
        ]),
      },
      {
        ...common,
        outputs: new Map<string, AnyTensor>([
          ['scores', floats(3, 4, 5, 6)],
          ['labels', words('b', 'c')],
        ]),
      },
    ]);
    expect((parts[1]?.outputs.get('scores')?.data as Float32Array).buffer).toBe(scores.data.buffer);
  });

  it('leaves the answer to a single one as it is, whatever its shape', () => {
    const response = { outputs: new Map([['scalar', float32Tensor([], new Float32Array(1))]]) };
    expect(splitResponse(response, { model: 'm', rows: [3] })).toEqual([response]);
  });

  it.each([[[1, 6]], [[4, 1]], [[]]])('refuses an output of shape %j for three rows', (shape) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    const response = { outputs: new Map([['scores', float32Tensor(shape, new Float32Array(size))]]) };
    const split = () => splitResponse(response, { model: 'm', rows: [1, 2] });
    expect(split).toThrow(ServiceError);
    expect(split).toThrow(
      `The predictor's answer for model m is not valid: output scores has the shape [${shape.join(',')}] for a batch of 3 rows, of 2 requests`,
    );
  });
});

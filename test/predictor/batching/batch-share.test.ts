import { batchShareOf } from '../../../src/predictor/batching/batch-share.js';
import type { InferRequest } from '../../../src/predictor/predictor.js';
import { type AnyTensor, float32Tensor } from '../../../src/tensor.js';

const tensor = (shape: readonly number[]) =>
  float32Tensor(shape, new Float32Array(shape.reduce((product, dim) => product * dim, 1)));
const words = (count: number): AnyTensor => ({
  datatype: 'BYTES',
  shape: [count],
  data: Array.from({ length: count }, () => Buffer.from('abc')),
});

const base: InferRequest = {
  model: 'm',
  inputs: new Map<string, AnyTensor>([
    ['picture', tensor([2, 3, 4])],
    ['word', words(2)],
  ]),
  outputs: ['scores', { name: 'labels', classification: 3 }],
  parameters: { priority: 1, seed: 7n },
};
const headers = { authorization: 'Bearer one', 'x-request-id': 'r-1', traceparent: '00-1' };
const kindOf = (request: InferRequest, own: Record<string, string> = headers) => batchShareOf(request, own)?.kind;

describe('batchShareOf()', () => {
  it('tells rows and bytes as on the wire', () => {
    expect(batchShareOf(base, headers)).toMatchObject({ rows: 2, bytes: 2 * 12 * 4 + 2 * 7 });
  });

  it.each<[string, InferRequest, Record<string, string>?]>([
    [
      'rows',
      {
        ...base,
        inputs: new Map<string, AnyTensor>([
          ['picture', tensor([5, 3, 4])],
          ['word', words(5)],
        ]),
      },
    ],
    ['ids', { ...base, id: 'mine' }],
    ['the order of inputs', { ...base, inputs: new Map([...base.inputs].reverse()) }],
    ['the order of parameters', { ...base, parameters: { seed: 7n, priority: 1 } }],
    [
      'traces',
      base,
      { ...headers, 'x-request-id': 'r-2', traceparent: '00-2', tracestate: 'a=b', b3: '0', 'x-b3-traceid': '1' },
    ],
  ])('joins calls that differ in %s', (_, ...[other, otherHeaders]) => {
    expect(kindOf(other, otherHeaders)).toBe(kindOf(base));
  });

  it.each<[string, Partial<InferRequest>, Record<string, string>?]>([
    ['version', { version: '2' }],
    ['outputs', { outputs: ['scores'] }],
    ['choices of an output', { outputs: ['scores', { name: 'labels', classification: 4 }] }],
    ['parameters', { parameters: { priority: 2, seed: 7n } }],
    ['types of a parameter', { parameters: { priority: '1', seed: 7n } }],
    ['names of inputs', { inputs: new Map([...base.inputs].map(([name, value]) => [`${name}_`, value])) }],
    ['sets of inputs', { inputs: new Map([...base.inputs].slice(0, 1)) }],
    [
      'further dimensions',
      {
        inputs: new Map<string, AnyTensor>([
          ['picture', tensor([2, 4, 3])],
          ['word', words(2)],
        ]),
      },
    ],
    [
      'datatypes',
      {
        inputs: new Map<string, AnyTensor>([
          ['picture', { datatype: 'INT32', shape: [2, 3, 4], data: new Int32Array(24) }],
          ['word', words(2)],
        ]),
      },
    ],
    ['authorization', {}, { ...headers, authorization: 'Bearer two' }],
    ['headers of their own', {}, { ...headers, 'x-tenant': 'a' }],
  ])('does not join calls of different %s', (_, ...[changes, otherHeaders]) => {
    const other = kindOf({ ...base, ...changes }, otherHeaders);
    expect(other).toEqual(expect.any(String));
    expect(other).not.toBe(kindOf(base));
  });

  it.each<[string, Partial<InferRequest>]>([
    ['of a sequence', { parameters: { sequence_id: 3 } }],
    ['that begins a sequence', { parameters: { sequence_start: true } }],
    ['without inputs', { inputs: new Map() }],
    ['of a scalar', { inputs: new Map([['scalar', tensor([])]]) }],
    ['of no rows', { inputs: new Map([['picture', tensor([0, 4])]]) }],
    [
      'whose inputs have different first dimensions',
      {
        inputs: new Map<string, AnyTensor>([
          ['picture', tensor([2, 3, 4])],
          ['word', words(1)],
        ]),
      },
    ],
  ])('joins no call %s', (_, changes) => {
    expect(batchShareOf({ ...base, ...changes }, headers)).toBeUndefined();
  });
});

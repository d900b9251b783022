import { tensorOfValues } from '../../src/oip/tensor-values.js';
import { outputsOf } from '../../src/predictor/triton/upstream-error.js';
import { serviceErrorThrownBy } from '../helpers/service-error-of.js';

const SIDE = outputsOf('model faces');
const head = (datatype: Parameters<typeof tensorOfValues>[0]['datatype'], length: number) => {
  return { name: 'scores', datatype, shape: [length] };
};

describe('tensorOfValues()', () => {
  it.each([
    ['FP32', [0.5, -1], Float32Array.of(0.5, -1)],
    ['UINT8', [255], Uint8Array.of(255)],
    ['BOOL', [true, false], Uint8Array.of(1, 0)],
    ['INT64', [-1, '9007199254740993'], BigInt64Array.of(-1n, 9007199254740993n)],
    ['UINT64', ['18446744073709551615'], BigUint64Array.of(18446744073709551615n)],
    ['FP64', [], new Float64Array(0)],
  ] as const)('makes a tensor of %s values', (datatype, values, data) => {
    expect(tensorOfValues(head(datatype, values.length), values, SIDE).data).toEqual(data);
  });

  it('takes strings as UTF-8 and bytes as they are', () => {
    const { data } = tensorOfValues(head('BYTES', 2), ['é', Buffer.of(1)], SIDE);
    expect(data).toEqual([Buffer.of(0xc3, 0xa9), Buffer.of(1)]);
  });

  it.each([
    ['FP32', [1, 2], 1, 'output scores has 2 values, but shape [1] holds 1'],
    ['FP32', ['1'], 1, 'output scores has values that are not of datatype FP32'],
    ['FP32', [null], 1, 'output scores has values that are not of datatype FP32'],
    ['INT64', [1.5], 1, 'output scores has values that are not of datatype INT64'],
    ['INT64', ['one'], 1, 'output scores has values that are not of datatype INT64'],
    ['BYTES', [1], 1, 'output scores has values that are not of datatype BYTES'],
    ['FP16', [1], 1, 'output scores has values that are not of datatype FP16'],
  ] as const)('refuses %s of %j', (datatype, values, length, problem) => {
    const error = serviceErrorThrownBy(() => tensorOfValues(head(datatype, length), values, SIDE));
    expect(error.code).toBe('upstream_error');
    expect(error.message).toContain(problem);
  });

  it('cuts a name and a shape in its message', () => {
    const long = { name: 'N'.repeat(1e6), datatype: 'FP32', shape: Array<number>(1e5).fill(1) } as const;
    const { message } = serviceErrorThrownBy(() => tensorOfValues(long, [1, 2], SIDE));
    expect(message).toContain(`output ${'N'.repeat(80)}… has 2 values, but shape [1,1,`);
    expect(message.length).toBeLessThan(300);
  });
});

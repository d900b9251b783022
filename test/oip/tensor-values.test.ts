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
    ['FP32', [NaN, Infinity, 0.1], Float32Array.of(NaN, Infinity, 0.1)],
    ['FP64', [0.1, -1e300], Float64Array.of(0.1, -1e300)],
    ['FP64', [], new Float64Array(0)],
    ['BOOL', [true, false, 1, 0], Uint8Array.of(1, 0, 1, 0)],
    ['UINT8', [0, 255], Uint8Array.of(0, 255)],
    ['UINT16', [0, 65535], Uint16Array.of(0, 65535)],
    ['UINT32', [0, 4294967295], Uint32Array.of(0, 4294967295)],
    ['UINT64', [0, '18446744073709551615'], BigUint64Array.of(0n, 18446744073709551615n)],
    ['INT8', [-128, 127], Int8Array.of(-128, 127)],
    ['INT16', [-32768, 32767], Int16Array.of(-32768, 32767)],
    ['INT32', [-2147483648, 2147483647], Int32Array.of(-2147483648, 2147483647)],
    ['INT64', [-1, '9007199254740993'], BigInt64Array.of(-1n, 9007199254740993n)],
    ['INT64', ['-9223372036854775808', '9223372036854775807'], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)],
  ] as const)('makes a tensor of %s values', (datatype, values, data) => {
    expect(tensorOfValues(head(datatype, values.length), values, SIDE).data).toEqual(data);
  });

  it('takes strings as UTF-8 and bytes as they are', () => {
    const { data } = tensorOfValues(head('BYTES', 2), ['é', Buffer.of(1)], SIDE);
    expect(data).toEqual([Buffer.of(0xc3, 0xa9), Buffer.of(1)]);
  });

  it.each([
    ['FP32', [1, 2], 1, 'output scores has 2 values, but shape [1] holds 1'],
    ['FP32', [0, '1'], 2, 'output scores has values that are not of datatype FP32: [1] is string'],
    ['FP32', [null], 1, 'output scores has values that are not of datatype FP32: [0] is null'],
    ['FP64', [[1]], 1, 'output scores has values that are not of datatype FP64: [0] is object'],
    ['BOOL', [2], 1, 'of datatype BOOL: [0] is 2'],
    ['BOOL', [0.5], 1, 'of datatype BOOL: [0] is 0.5'],
    ['BOOL', ['true'], 1, 'of datatype BOOL: [0] is string'],
    ['UINT8', [0, 0, 300], 3, 'of datatype UINT8: [2] is 300'],
    ['UINT8', [-1], 1, 'of datatype UINT8: [0] is -1'],
    ['UINT16', [65536], 1, 'of datatype UINT16: [0] is 65536'],
    ['UINT32', [4294967296], 1, 'of datatype UINT32: [0] is 4294967296'],
    ['UINT64', [-1], 1, 'of datatype UINT64: [0] is -1'],
    ['UINT64', ['18446744073709551616'], 1, 'of datatype UINT64: [0] is string'],
    ['INT8', [-129], 1, 'of datatype INT8: [0] is -129'],
    ['INT16', [32768], 1, 'of datatype INT16: [0] is 32768'],
    ['INT32', [1.5], 1, 'of datatype INT32: [0] is 1.5'],
    ['INT32', [2147483648], 1, 'of datatype INT32: [0] is 2147483648'],
    ['INT64', [1.5], 1, 'of datatype INT64: [0] is 1.5'],
    ['INT64', [1e300], 1, 'of datatype INT64: [0] is 1e+300'],
    ['INT64', ['9223372036854775808'], 1, 'of datatype INT64: [0] is string'],
    ['INT64', ['one'], 1, 'of datatype INT64: [0] is string'],
    ['INT64', [''], 1, 'of datatype INT64: [0] is string'],
    ['INT64', ['0x10'], 1, 'of datatype INT64: [0] is string'],
    ['INT64', ['9'.repeat(1_000_000)], 1, 'of datatype INT64: [0] is string'],
    ['INT64', [true], 1, 'of datatype INT64: [0] is boolean'],
    ['BYTES', [1], 1, 'output scores has values that are not of datatype BYTES: [0] is 1'],
    ['FP16', [1], 1, 'output scores has values that are not of datatype FP16, which has no form but bytes'],
    ['BF16', [1], 1, 'output scores has values that are not of datatype BF16, which has no form but bytes'],
  ] as const)('refuses %s of %j', (datatype, values, length, problem) => {
    const error = serviceErrorThrownBy(() => tensorOfValues(head(datatype, length), values, SIDE));
    expect(error.code).toBe('upstream_error');
    expect(error.message).toContain(problem);
  });

  it('refuses a shape of far more elements than there are, before it makes room for them', () => {
    const huge = { name: 'scores', datatype: 'FP64', shape: [100_000, 100_000] } as const;
    const { message } = serviceErrorThrownBy(() => tensorOfValues(huge, [1], SIDE));
    expect(message).toContain('output scores has 1 values, but shape [100000,100000] holds 10000000000');
  });

  it('cuts a name and a shape in its message', () => {
    const long = { name: 'N'.repeat(1e6), datatype: 'FP32', shape: Array<number>(1e5).fill(1) } as const;
    const { message } = serviceErrorThrownBy(() => tensorOfValues(long, [1, 2], SIDE));
    expect(message).toContain(`output ${'N'.repeat(80)}… has 2 values, but shape [1,1,`);
    expect(message.length).toBeLessThan(300);
  });
});

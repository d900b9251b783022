import { createTensor } from '../../../../src/predictor/triton/tensors/create-tensor.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

/** As an untyped caller may call it. */
const createUntyped = createTensor as (datatype: string, shape: unknown, values: unknown) => unknown;

describe('createTensor()', () => {
  it.each([
    ['BOOL', [true, false], Uint8Array.of(1, 0)],
    ['UINT8', [0, 255], Uint8Array.of(0, 255)],
    ['UINT16', [0, 65_535], Uint16Array.of(0, 65_535)],
    ['UINT32', [0, 4_294_967_295], Uint32Array.of(0, 4_294_967_295)],
    ['UINT64', [0n, 18_446_744_073_709_551_615n], BigUint64Array.of(0n, 18_446_744_073_709_551_615n)],
    ['INT8', [-128, 127], Int8Array.of(-128, 127)],
    ['INT16', [-32_768, 32_767], Int16Array.of(-32_768, 32_767)],
    ['INT32', [-2_147_483_648, -0], Int32Array.of(-2_147_483_648, 0)],
    ['INT64', [-9_223_372_036_854_775_808n, -7], BigInt64Array.of(-9_223_372_036_854_775_808n, -7n)],
    ['FP16', [1, -2.5, 65_520], Uint16Array.of(0x3c00, 0xc100, 0x7c00)],
    ['BF16', [1, -2.5, 1e39], Uint16Array.of(0x3f80, 0xc020, 0x7f80)],
    ['FP32', [0.1, NaN, 1e39], Float32Array.of(0.1, NaN, Infinity)],
    ['FP64', [0.1, -0], Float64Array.of(0.1, -0)],
    ['BYTES', ['é', Uint8Array.of(0)], [Buffer.from('é'), Uint8Array.of(0)]],
  ] as const)('makes %s of an array', (datatype, values, data) => {
    const shape = [1, values.length];
    expect(createTensor(datatype, shape, values)).toEqual({ datatype, shape, data });
  });

  it.each([
    ['BOOL', Uint8Array.of(1)],
    ['UINT8', Buffer.of(1)],
    ['UINT64', BigUint64Array.of(1n)],
    ['FP16', Uint16Array.of(0x7e01)],
    ['BF16', Uint16Array.of(0x7fc1)],
    ['FP32', Float32Array.of(1)],
  ] as const)('takes the typed array of %s as it is', (datatype, values) => {
    expect(createTensor(datatype, [1], values).data).toBe(values);
  });

  it.each([
    ['FP16', 0x3c00],
    ['BF16', 0x3f80],
  ] as const)('rounds a Float32Array to %s', (datatype, one) => {
    expect(createTensor(datatype, [2], Float32Array.of(1, 0)).data).toEqual(Uint16Array.of(one, 0));
  });

  it.each([
    [[], [1]],
    [[0, 4], []],
    [[2, 0, 3], []],
  ])('makes a tensor of shape %j', (shape, values) => {
    expect(createTensor('INT32', shape, values)).toEqual({ datatype: 'INT32', shape, data: Int32Array.from(values) });
  });

  it.each([
    ['FP32', [2, 2], [1, 2, 3], 'values must be 4 elements for the shape [2,2]; received 3'],
    ['FP32', [-1], [], 'shape must be dimensions of 0 or more, with a product below 2^53; received [-1]'],
    ['FP32', [1.5], [], 'shape must be dimensions of 0 or more, with a product below 2^53; received [1.5]'],
    ['FP32', [2 ** 30, 2 ** 30], [], 'product below 2^53; received [1073741824,1073741824]'],
    ['UINT8', [2], [1, 256], 'values[1] must be an integer from 0 to 255; received 256'],
    ['INT8', [1], [-129], 'values[0] must be an integer from -128 to 127; received -129'],
    ['INT32', [1], [1.5], 'values[0] must be an integer from -2147483648 to 2147483647; received 1.5'],
    ['UINT32', [1], [NaN], 'values[0] must be an integer from 0 to 4294967295; received NaN'],
    ['INT16', [1], ['7'], 'values[0] must be an integer from -32768 to 32767; received "7"'],
    ['INT16', [1], [7n], 'values[0] must be an integer from -32768 to 32767; received 7'],
    ['INT64', [1], [2 ** 53], 'to 9223372036854775807; received 9007199254740992'],
    ['INT64', [1], [2n ** 63n], 'to 9223372036854775807; received 9223372036854775808'],
    ['UINT64', [1], [-1n], 'values[0] must be an integer from 0 to 18446744073709551615; received -1'],
    ['UINT64', [1], [0.5], 'values[0] must be an integer from 0 to 18446744073709551615; received 0.5'],
    ['BOOL', [1], [1], 'values[0] must be true or false; received 1'],
    ['FP64', [1], ['1'], 'values[0] must be a number; received "1"'],
    ['FP16', [1], [null], 'values[0] must be a number; received null'],
    ['BYTES', [1], [1], 'values[0] must be a string or a Uint8Array; received 1'],
    ['FP32', [1], Float64Array.of(1), 'values must be an Array or Float32Array for FP32; received Float64Array'],
    ['BYTES', [1], Uint8Array.of(1), 'values must be an Array for BYTES; received Uint8Array'],
    [
      'FP32',
      [2, 2],
      [
        [1, 2],
        [3, 4],
      ],
      'values must be flat, row after row; received lists within a list',
    ],
    ['FP32', [1], 5, 'values must be an Array or Float32Array for FP32; received number'],
    ['BYTES', [5], 'hello', 'values must be an Array for BYTES; received string'],
    ['FP32', [1], null, 'values must be an Array or Float32Array for FP32; received null'],
    ['FLOAT', [1], [1], 'datatype must be one of BOOL, UINT8,'],
  ])('refuses %s of shape %j and the values %j', (datatype, shape, values, problem) => {
    const error = serviceErrorThrownBy(() => createUntyped(datatype, shape, values));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(problem);
  });
});

import { assertTensor } from '../../../../src/predictor/triton/tensors/check-tensor.js';
import { createTensor } from '../../../../src/predictor/triton/tensors/create-tensor.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

type Input = Parameters<typeof assertTensor>[1];

/** As an untyped caller may call it. */
const assertUntyped = assertTensor as (name: string, input: unknown) => void;

const sharedMemory = { region: 'inputs', offset: 64, byteSize: 24 };

describe('assertTensor()', () => {
  it.each<[string, Input]>([
    ['a batch', createTensor('FP32', [2, 3], new Float32Array(6))],
    ['an empty batch', createTensor('INT64', [0, 3], [])],
    ['a single value', createTensor('BOOL', [], [true])],
    ['bytes, empty ones too', createTensor('BYTES', [2], ['', Uint8Array.of(0)])],
    ['values in shared memory', { datatype: 'FP32', shape: [2, 3], sharedMemory }],
    ['bytes in shared memory', { datatype: 'BYTES', shape: [2], sharedMemory }],
  ])('passes %s', (_, input) => {
    expect(() => assertTensor('IN', input)).not.toThrow();
  });

  it.each([
    [
      { datatype: 'FP32', shape: [100_000, 100_000], data: Float32Array.of(1) },
      'inputs.IN.data must be 10000000000 elements for the shape [100000,100000]; received 1',
    ],
    [
      { datatype: 'FLOAT', shape: [1], data: Float32Array.of(1) },
      'inputs.IN.datatype must be one of BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64, BYTES; received "FLOAT"',
    ],
    [
      { datatype: 'FP32', shape: [-1, 1], data: new Float32Array(0) },
      'inputs.IN.shape must be dimensions of 0 or more, with a product below 2^53; received [-1,1]',
    ],
    [
      { datatype: 'FP32', shape: [0, 2 ** 53], data: new Float32Array(0) },
      'inputs.IN.shape must be dimensions of 0 or more, with a product below 2^53; received [0,9007199254740992]',
    ],
    [{ datatype: 'FP32', data: new Float32Array(0) }, 'product below 2^53; received undefined'],
    [
      { datatype: 'FP16', shape: [1], data: Float32Array.of(1) },
      'inputs.IN.data must be of type Uint16Array for FP16; received Float32Array',
    ],
    [{ datatype: 'INT8', shape: [1], data: [1] }, 'inputs.IN.data must be of type Int8Array for INT8; received Array'],
    [
      { datatype: 'BYTES', shape: [1], data: Uint8Array.of(1) },
      'inputs.IN.data must be an array of Uint8Arrays for BYTES; received Uint8Array',
    ],
    [
      { datatype: 'BYTES', shape: [2], data: [Uint8Array.of(1), 'two'] },
      'inputs.IN.data[1] must be a Uint8Array; received string',
    ],
    [
      { datatype: 'BYTES', shape: [2], data: [Uint8Array.of(1)] },
      'inputs.IN.data must be 2 elements for the shape [2]; received 1',
    ],
    [
      { datatype: 'FP32', shape: [7], sharedMemory },
      'inputs.IN.sharedMemory.byteSize must be 28 for FP32 of the shape [7]; received 24',
    ],
    [
      { datatype: 'FP32', shape: [6], sharedMemory: { ...sharedMemory, offset: -1 } },
      'inputs.IN.sharedMemory.offset must be a number of bytes; received -1',
    ],
    [
      { datatype: 'FP32', shape: [6], sharedMemory: { ...sharedMemory, region: '' } },
      'inputs.IN.sharedMemory.region must be the name of a registered region; received ""',
    ],
  ])('refuses %o', (input, message) => {
    const error = serviceErrorThrownBy(() => assertUntyped('IN', input));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(message);
  });

  it('refuses an element that is longer than its length can say', () => {
    const element = Object.create(Uint8Array.prototype, { byteLength: { value: 2 ** 32 } }) as Uint8Array;
    const error = serviceErrorThrownBy(() => assertTensor('IN', { datatype: 'BYTES', shape: [1], data: [element] }));
    expect(error.message).toBe('inputs.IN.data[0] must be at most 4294967295 bytes; received 4294967296');
  });

  it('refuses an input without a name', () => {
    const error = serviceErrorThrownBy(() => assertTensor('', createTensor('FP32', [1], [1])));
    expect(error.message).toBe('inputs: the name of an input must not be empty');
  });
});

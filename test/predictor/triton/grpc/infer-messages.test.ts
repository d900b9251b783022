import type { TritonInferRequest } from '../../../../src/predictor/triton/inference.js';
import type { InferResponseMessage, ParameterMessage } from '../../../../src/oip/grpc/messages.js';
import { decodeInferResponse } from '../../../../src/oip/grpc/infer-response-codec.js';
import { fromInferMessage, toInferMessage } from '../../../../src/predictor/triton/grpc/infer-messages.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

const GREATEST = 2n ** 64n - 1n;
const NO_LIMIT = () => Infinity;

const SCORES = { datatype: 'FP32', shape: [2], data: Float32Array.of(1, 2) } as const;
const SLICE = { region: 'pool-3', offset: 4096, byteSize: 8 } as const;
const SLICE_PARAMETERS = {
  shared_memory_region: { string_param: 'pool-3' },
  shared_memory_offset: { int64_param: 4096 },
  shared_memory_byte_size: { int64_param: 8 },
};

const parametersOf = (request: Partial<TritonInferRequest>, remainingMs = NO_LIMIT) =>
  toInferMessage({ model: 'faces', inputs: {}, ...request }, remainingMs).parameters;

describe('toInferMessage()', () => {
  it('writes the names, and each input with its bytes in their order', () => {
    const words = { datatype: 'BYTES', shape: [2], data: [Buffer.from('ab'), Buffer.alloc(0)] } as const;
    const inputs = { SCORES, WORDS: words };
    const message = toInferMessage({ model: 'faces', version: '2', id: 'call-1', inputs }, NO_LIMIT);
    expect(message).toMatchObject({
      model_name: 'faces',
      model_version: '2',
      id: 'call-1',
      parameters: {},
      inputs: [
        { name: 'SCORES', datatype: 'FP32', shape: [2], parameters: {} },
        { name: 'WORDS', datatype: 'BYTES', shape: [2], parameters: {} },
      ],
      outputs: [],
    });
    expect(message.raw_input_contents.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([
      '0000803f00000040',
      '02000000616200000000',
    ]);
  });

  it('takes the bytes of a tensor where they are', () => {
    const [bytes] = toInferMessage({ model: 'faces', inputs: { SCORES } }, NO_LIMIT).raw_input_contents;
    expect(bytes?.buffer).toBe(SCORES.data.buffer);
  });

  it('writes each parameter as its kind', () => {
    const sequence = { id: GREATEST, start: true };
    const parameters = { text: 'x', yes: true, whole: -7, large: 2n ** 60n, double: 0.5 };
    expect(parametersOf({ priority: GREATEST, sequence, parameters })).toEqual({
      text: { string_param: 'x' },
      yes: { bool_param: true },
      whole: { int64_param: -7 },
      large: { int64_param: '1152921504606846976' },
      double: { double_param: 0.5 },
      // The same 64 bits as a signed number, which is what Triton reads.
      sequence_id: { int64_param: '-1' },
      sequence_start: { bool_param: true },
      sequence_end: { bool_param: false },
      priority: { uint64_param: '18446744073709551615' },
    });
  });

  it.each<[string, Partial<TritonInferRequest>, Record<string, ParameterMessage>]>([
    ['a sequence by name', { sequence: { id: 'cam', end: true } }, { sequence_id: { string_param: 'cam' } }],
    ['a sequence by number', { sequence: { id: 7 } }, { sequence_id: { int64_param: 7 } }],
    ['a priority', { priority: 1 }, { priority: { int64_param: 1 } }],
    ['a priority of int64', { priority: 2n ** 63n - 1n }, { priority: { int64_param: '9223372036854775807' } }],
    ['a queue time', { queueTimeoutMs: 1.5 }, { timeout: { int64_param: 1500 } }],
    ['what is left as a queue time', { queueTimeoutMs: 'remaining' }, { timeout: { int64_param: 250_000 } }],
  ])('writes %s', (_, request, expected) => {
    expect(parametersOf(request, () => 250)).toMatchObject(expected);
  });

  it('leaves the bytes of inputs in shared memory out, and says where they are', () => {
    const shared = { datatype: 'FP32', shape: [2], sharedMemory: SLICE } as const;
    const message = toInferMessage({ model: 'faces', inputs: { SHARED: shared, SCORES } }, NO_LIMIT);
    expect(message.inputs.map(({ name, parameters }) => [name, parameters])).toEqual([
      ['SHARED', SLICE_PARAMETERS],
      ['SCORES', {}],
    ]);
    expect(message.raw_input_contents).toHaveLength(1);
  });

  it('asks for outputs by name, as classes, and in shared memory', () => {
    const outputs = ['a', { name: 'b' }, { name: 'c', classification: 3 }, { name: 'd', sharedMemory: SLICE }];
    expect(toInferMessage({ model: 'faces', inputs: {}, outputs }, NO_LIMIT).outputs).toEqual([
      { name: 'a', parameters: {} },
      { name: 'b', parameters: {} },
      { name: 'c', parameters: { classification: { int64_param: 3 } } },
      { name: 'd', parameters: SLICE_PARAMETERS },
    ]);
  });

  it('refuses a parameter whose name Triton keeps for itself', () => {
    const error = serviceErrorThrownBy(() => parametersOf({ parameters: { triton_x: 1 } }));
    expect(error).toMatchObject({ code: 'invalid_argument' });
    expect(error.message).toContain('the name "triton_x" is reserved by Triton');
  });
});

const ANSWER: InferResponseMessage = {
  model_name: 'faces',
  model_version: '1',
  id: 'call-1',
  parameters: {},
  outputs: [{ name: 'SCORES', datatype: 'FP32', shape: [2], parameters: {}, contents: null }],
  raw_output_contents: [Buffer.from(SCORES.data.buffer)],
};

const REQUEST = { model: 'faces' };

describe('fromInferMessage()', () => {
  it('reads names and tensors', () => {
    expect(fromInferMessage(REQUEST, ANSWER)).toEqual({
      model: 'faces',
      version: '1',
      id: 'call-1',
      parameters: {},
      outputs: new Map([['SCORES', SCORES]]),
      sharedOutputs: new Map(),
    });
  });

  it('views a tensor in the message where it lies aligned, and copies it where it does not', () => {
    const memory = Buffer.alloc(16);
    const contentsAt = (offset: number) => {
      const answer = { ...ANSWER, raw_output_contents: [memory.subarray(offset, offset + 8)] };
      return fromInferMessage(REQUEST, answer).outputs.get('SCORES')?.data as Float32Array;
    };
    expect(contentsAt(4).buffer).toBe(memory.buffer);
    expect(contentsAt(3).buffer).not.toBe(memory.buffer);
    expect(contentsAt(3)).toEqual(Float32Array.of(0, 0));
  });

  it.each<[ParameterMessage, unknown]>([
    [{ bool_param: false }, false],
    [{ string_param: '' }, ''],
    [{ double_param: 0 }, 0],
    [{ int64_param: '-7' }, -7],
    [{ int64_param: '-9223372036854775808' }, -(2n ** 63n)],
    [{ uint64_param: '9007199254740991' }, 2 ** 53 - 1],
    [{ uint64_param: '18446744073709551615' }, GREATEST],
    [{}, ''],
  ])('reads the parameter %j as %p', (message, value) => {
    expect(fromInferMessage(REQUEST, { ...ANSWER, parameters: { p: message } }).parameters).toEqual({ p: value });
  });

  it.each([
    ['BOOL', { bool_contents: [true, false] }, Uint8Array.of(1, 0)],
    ['INT8', { int_contents: [-1, 2] }, Int8Array.of(-1, 2)],
    ['UINT16', { uint_contents: [1, 65_535] }, Uint16Array.of(1, 65_535)],
    ['INT64', { int64_contents: ['-9223372036854775808', '1'] }, BigInt64Array.of(-(2n ** 63n), 1n)],
    ['UINT64', { uint64_contents: ['18446744073709551615', '0'] }, BigUint64Array.of(GREATEST, 0n)],
    ['FP64', { fp64_contents: [0.1, -0] }, Float64Array.of(0.1, -0)],
    ['BYTES', { bytes_contents: [Buffer.from('a'), Buffer.of(0xff)] }, [Buffer.from('a'), Buffer.of(0xff)]],
  ])('reads %s from typed contents', (datatype, contents, data) => {
    const outputs = [{ name: 'OUT', datatype, shape: [2], parameters: {}, contents }];
    const { outputs: read } = fromInferMessage(REQUEST, { ...ANSWER, outputs, raw_output_contents: [] });
    expect(read.get('OUT')).toEqual({ datatype, shape: [2], data });
  });

  it('says where an output is that was asked for in shared memory, though the answer does not', () => {
    const outputs = [{ name: 'SCORES', sharedMemory: SLICE }];
    const answer = { ...ANSWER, raw_output_contents: [Buffer.alloc(0)] };
    const result = fromInferMessage({ ...REQUEST, outputs }, answer);
    expect(result.outputs.size).toBe(0);
    expect(result.sharedOutputs.get('SCORES')).toEqual({ datatype: 'FP32', shape: [2], sharedMemory: SLICE });
  });

  const [OUTPUT] = ANSWER.outputs;
  it.each<[string, Partial<InferResponseMessage>, string]>([
    [
      'fewer contents than outputs',
      { outputs: [...ANSWER.outputs, ...ANSWER.outputs] },
      '2 outputs have 1 raw contents',
    ],
    [
      'too few bytes',
      { raw_output_contents: [Buffer.alloc(7)] },
      'output SCORES has 7 bytes, but FP32 of shape [2] takes 8',
    ],
    ['no contents at all', { raw_output_contents: [] }, 'output SCORES has 0 values, but shape [2] holds 2'],
    ['a shape beyond 2^53', { outputs: [{ ...OUTPUT, shape: [2n ** 60n] }] as never }, 'output SCORES has the shape ['],
    ['an unknown datatype', { outputs: [{ ...OUTPUT, datatype: 'FP8' }] as never }, 'the unknown datatype "FP8"'],
  ])('refuses an answer with %s', (_, changes, problem) => {
    const error = serviceErrorThrownBy(() => fromInferMessage(REQUEST, { ...ANSWER, ...changes }));
    expect(error.code).toBe('upstream_error');
    expect(error.message).toContain(`The predictor's answer for model faces is not valid: `);
    expect(error.message).toContain(problem);
  });

  it('keeps a parameter of any name, __proto__ too', () => {
    const bytes = Buffer.from([0x22, 0x0f, 0x0a, 0x09, ...Buffer.from('__proto__'), 0x12, 0x02, 0x08, 0x01]);
    const { parameters } = fromInferMessage(REQUEST, decodeInferResponse(bytes));
    expect(Object.entries(parameters)).toEqual([['__proto__', true]]);
  });
});

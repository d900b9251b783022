import fc from 'fast-check';
import { decodeInferRequest, encodeInferRequest } from '../../../src/oip/grpc/infer-request-codec.js';
import type { ReceivedInferRequest } from '../../../src/oip/grpc/messages.js';
import { readInferMessage } from '../../../src/server/grpc/read-infer-message.js';
import type { Datatype } from '../../../src/tensor.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

const EMPTY: ReceivedInferRequest = {
  model_name: 'm',
  model_version: '',
  id: '',
  parameters: {},
  inputs: [],
  outputs: [],
  raw_input_contents: [],
};

type Input = ReceivedInferRequest['inputs'][number];

const input = (change: Partial<Input> = {}): Input => {
  return { name: 'x', datatype: 'FP32', shape: [2], parameters: {}, contents: null, ...change };
};

const TWO_FLOATS = Buffer.from(Float32Array.of(1, 2).buffer);

const problemOf = (message: Partial<ReceivedInferRequest>) => {
  const { code, message: problem } = serviceErrorThrownBy(() => readInferMessage({ ...EMPTY, ...message }));
  expect(code).toBe('invalid_argument');
  return problem;
};

describe('readInferMessage()', () => {
  it('takes a dimension of -1 as long as typed contents make it, as KServe’s examples have it', () => {
    const text = input({ datatype: 'BYTES', shape: [-1], contents: { bytes_contents: [Buffer.from('a')] } });
    const rows = input({ name: 'y', shape: [-1, 2], contents: { fp32_contents: [1, 2, 3, 4] } });
    const sent = decodeInferRequest(encodeInferRequest({ ...EMPTY, inputs: [text, rows] }));
    expect([...readInferMessage(sent).request.inputs.values()]).toEqual([
      { datatype: 'BYTES', shape: [1], data: [Buffer.from('a')] },
      { datatype: 'FP32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    ]);
  });

  it('reads raw contents in the order of the inputs', () => {
    const inputs = [input(), input({ name: 'y', datatype: 'UINT8', shape: [] })];
    const { request, isRaw } = readInferMessage({ ...EMPTY, inputs, raw_input_contents: [TWO_FLOATS, Buffer.of(7)] });
    expect(isRaw).toBe(true);
    expect([...request.inputs]).toEqual([
      ['x', { datatype: 'FP32', shape: [2], data: Float32Array.of(1, 2) }],
      ['y', { datatype: 'UINT8', shape: [], data: Uint8Array.of(7) }],
    ]);
  });

  it.each<[Datatype, string, readonly unknown[], ArrayLike<unknown>]>([
    ['BOOL', 'bool_contents', [true, false], Uint8Array.of(1, 0)],
    ['INT8', 'int_contents', [-128, 127], Int8Array.of(-128, 127)],
    ['INT16', 'int_contents', [-32768, 32767], Int16Array.of(-32768, 32767)],
    ['INT32', 'int_contents', [-(2 ** 31), 2 ** 31 - 1], Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
    ['INT64', 'int64_contents', [`-${2n ** 63n}`, '7'], BigInt64Array.of(-(2n ** 63n), 7n)],
    ['UINT8', 'uint_contents', [0, 255], Uint8Array.of(0, 255)],
    ['UINT16', 'uint_contents', [0, 65535], Uint16Array.of(0, 65535)],
    ['UINT32', 'uint_contents', [0, 2 ** 32 - 1], Uint32Array.of(0, 2 ** 32 - 1)],
    ['UINT64', 'uint64_contents', ['0', String(2n ** 64n - 1n)], BigUint64Array.of(0n, 2n ** 64n - 1n)],
    ['FP32', 'fp32_contents', [0.5, -1], Float32Array.of(0.5, -1)],
    ['FP64', 'fp64_contents', [0.1, -1], Float64Array.of(0.1, -1)],
    ['BYTES', 'bytes_contents', [Buffer.from('a'), Buffer.alloc(0)], [Buffer.from('a'), Buffer.alloc(0)]],
  ])('reads %s of %s', (datatype, list, values, data) => {
    const inputs = [input({ datatype, contents: { [list]: values } })];
    const { request, isRaw } = readInferMessage({ ...EMPTY, inputs });
    expect(isRaw).toBe(false);
    expect(request.inputs.get('x')).toEqual({ datatype, shape: [2], data });
  });

  it('gives version, id, outputs and parameters only where there are such', () => {
    expect(readInferMessage(EMPTY)).toEqual({ request: { inputs: new Map() }, isRaw: true });
  });

  it('takes an input without elements, in either form', () => {
    const data = new Float32Array(0);
    for (const change of [{}, { contents: { fp32_contents: [] } }]) {
      const { request } = readInferMessage({ ...EMPTY, inputs: [input({ ...change, shape: [0, 3] })] });
      expect(request.inputs.get('x')).toEqual({ datatype: 'FP32', shape: [0, 3], data });
    }
  });

  it('takes contents that hold nothing beside raw ones', () => {
    const inputs = [input({ contents: { fp32_contents: [] } })];
    const { request } = readInferMessage({ ...EMPTY, inputs, raw_input_contents: [TWO_FLOATS] });
    expect(request.inputs.get('x')?.data).toEqual(Float32Array.of(1, 2));
  });

  it.each<[string, Partial<ReceivedInferRequest>, string]>([
    [
      'fewer raw contents than inputs',
      { inputs: [input(), input({ name: 'y' })], raw_input_contents: [TWO_FLOATS] },
      'raw_input_contents: expected 2 for as many inputs, received 1; each input has one of them, in the same order',
    ],
    [
      'raw contents without inputs',
      { raw_input_contents: [TWO_FLOATS] },
      'raw_input_contents: expected 0 for as many inputs, received 1; each input has one of them, in the same order',
    ],
    [
      'both kinds of contents',
      { inputs: [input({ contents: { fp32_contents: [1, 2] } })], raw_input_contents: [TWO_FLOATS] },
      'input "x" has contents, and the request raw_input_contents; send either',
    ],
    [
      'raw contents that do not fill the shape',
      { inputs: [input({ shape: [3] })], raw_input_contents: [TWO_FLOATS] },
      'input x has 8 bytes, but FP32 of shape [3] takes 12',
    ],
    [
      'typed contents that do not fill the shape',
      { inputs: [input({ shape: [1, 3], contents: { fp32_contents: [1] } })] },
      'input x has 1 values, but shape [1,3] holds 3',
    ],
    ['no contents at all', { inputs: [input()] }, 'input x has 0 values, but shape [2] holds 2'],
    [
      'contents in the list of another datatype',
      { inputs: [input({ contents: { fp64_contents: [1, 2] } })] },
      'input "x": values of FP32 stand in fp32_contents; received fp64_contents',
    ],
    [
      'typed contents of a datatype that has none',
      { inputs: [input({ datatype: 'FP16', contents: { fp32_contents: [1, 2] } })] },
      'input "x": FP16 has no typed contents; send it in raw_input_contents',
    ],
    [
      'an integer beyond its datatype',
      { inputs: [input({ datatype: 'INT8', contents: { int_contents: [1, 128] } })] },
      'input x has values that are not of datatype INT8: [1] is 128',
    ],
    [
      'an unknown datatype',
      { inputs: [input({ datatype: 'FLOAT' })], raw_input_contents: [TWO_FLOATS] },
      'input x has the unknown datatype "FLOAT"',
    ],
    ['a negative dimension', { inputs: [input({ shape: [-1] })] }, 'input x has the shape [-1]'],
    [
      'an open dimension of raw contents',
      { inputs: [input({ shape: [-1] })], raw_input_contents: [TWO_FLOATS] },
      'input x has the shape [-1]',
    ],
    [
      'an open dimension that the values do not fill',
      { inputs: [input({ shape: [-1, 2], contents: { fp32_contents: [1, 2, 3] } })] },
      'input x has the shape [-1,2]',
    ],
    [
      'a dimension beyond all numbers',
      { inputs: [input({ shape: [2n ** 63n - 1n] })] },
      'input x has the shape [9223372036854776000]',
    ],
    [
      'an input that comes twice',
      { inputs: [input(), input()], raw_input_contents: [TWO_FLOATS, TWO_FLOATS] },
      'inputs[1]: "x" comes twice',
    ],
    [
      'an input in shared memory',
      { inputs: [input({ parameters: { shared_memory_region: { string_param: 'r' } } })] },
      'input "x": shared memory regions cannot be used through this server; send the data',
    ],
    [
      'an output in shared memory',
      { outputs: [{ name: 'y', parameters: { shared_memory_region: { string_param: 'r' } } }] },
      'output "y": shared memory regions cannot be used through this server; send the data',
    ],
    [
      'a classification of none',
      { outputs: [{ name: 'y', parameters: { classification: { int64_param: '0' } } }] },
      'outputs[0].parameters.classification: expected an integer of 1 or more, received "0"',
    ],
    [
      'a classification that is no number',
      { outputs: [{ name: 'y', parameters: { classification: { string_param: 'all' } } }] },
      'outputs[0].parameters.classification: expected an integer of 1 or more, received "all"',
    ],
    [
      'a version that is no number',
      { model_version: '1; DROP TABLE' },
      'model_version must be digits, such as "1"; received "1; DROP TABLE"',
    ],
    [
      'a version beyond int64',
      { model_version: '1'.repeat(90) },
      `model_version must be digits, such as "1"; received "${'1'.repeat(80)}…"`,
    ],
  ])('refuses %s', (_, message, problem) => {
    expect(problemOf(message)).toBe(problem);
  });

  it('refuses or reads any message that can be decoded, by ServiceErrors alone', () => {
    const whole = encodeInferRequest({
      ...EMPTY,
      id: 'i',
      parameters: { p: { int64_param: 1 } },
      inputs: [input()],
      outputs: [{ name: 'y', parameters: { classification: { int64_param: 2 } } }],
      raw_input_contents: [TWO_FLOATS],
    });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        let message;
        try {
          message = decodeInferRequest(bytes);
        } catch {
          return;
        }
        const decoded = message;
        try {
          readInferMessage(decoded);
        } catch (error) {
          expect(error).toMatchObject({ name: 'ServiceError', code: 'invalid_argument' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

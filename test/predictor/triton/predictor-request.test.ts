import type { ParameterValue } from '../../../src/oip/parameters.js';
import { toInferResponse, toTritonRequest, wantsEmptyFinal } from '../../../src/predictor/triton/predictor-request.js';
import { wireParameters } from '../../../src/predictor/triton/parameters.js';
import { float32Tensor } from '../../../src/tensor.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

type Parameters = Readonly<Record<string, ParameterValue>>;

const NO_INPUTS = new Map<string, never>();

/** What of a request's parameters goes on the wire again. */
const wire = (parameters: Parameters) => {
  const request = toTritonRequest({ model: 'faces', inputs: NO_INPUTS, parameters });
  return Object.fromEntries(wireParameters(request, () => 1000));
};

describe('toTritonRequest()', () => {
  it('keeps version, id, inputs and outputs as they are', () => {
    const tensor = float32Tensor([1], Float32Array.of(1));
    const request = {
      model: 'faces',
      version: '2',
      id: 'r-1',
      inputs: new Map([['input', tensor]]),
      outputs: ['a', { name: 'b', classification: 3 }],
    };
    expect(toTritonRequest(request)).toEqual(request);
    expect(toTritonRequest(request).inputs).toBe(request.inputs);
  });

  it.each<[string, Parameters]>([
    ['custom parameters', { a: 1, b: 'x', c: true, d: 0.5, e: 2n ** 60n }],
    ['a sequence by number', { sequence_id: 42, sequence_start: true, sequence_end: false }],
    ['a sequence by bigint', { sequence_id: 2n ** 64n - 1n, sequence_start: false, sequence_end: true }],
    ['a sequence by text', { sequence_id: 'caller-7', sequence_start: true, sequence_end: true }],
    ['a priority', { priority: 2 }],
    ['a priority by bigint', { priority: 2n ** 64n - 1n }],
    ['a timeout in microseconds', { timeout: 2007 }],
    ['the shortest timeout', { timeout: 1 }],
    [
      'all together',
      { sequence_id: 1, sequence_start: true, sequence_end: true, priority: 1, timeout: 250_000, a: 'b' },
    ],
  ])('leaves %s as it is on the wire', (_, parameters) => {
    expect(wire(parameters)).toEqual(parameters);
  });

  it.each<[string, Parameters, object]>([
    [
      'flags of a sequence that are not said',
      { sequence_id: 3 },
      { sequence_id: 3, sequence_start: false, sequence_end: false },
    ],
    ['a timeout by bigint', { timeout: 5000n }, { timeout: 5000 }],
    ['a timeout of ages as the longest', { timeout: 2n ** 64n - 1n }, { timeout: 2 ** 50 }],
    // What gRPC carries as int64 for want of another integer.
    [
      'the id 2^64 - 5 that came as int64',
      { sequence_id: -5 },
      { sequence_id: 2n ** 64n - 5n, sequence_start: false, sequence_end: false },
    ],
    [
      'the id 2^63 that came as int64',
      { sequence_id: -(2n ** 63n) },
      { sequence_id: 2n ** 63n, sequence_start: false, sequence_end: false },
    ],
  ])('writes %s', (_, parameters, expected) => {
    expect(wire(parameters)).toEqual(expected);
  });

  it.each<[string, Parameters]>([
    ['a sequence id of 0', { sequence_id: 0, sequence_start: true }],
    ['a sequence id of 0n', { sequence_id: 0n }],
    ['an empty sequence id', { sequence_id: '', sequence_end: false }],
    ['flags without a sequence', { sequence_start: true, sequence_end: true }],
    ['a timeout of 0', { timeout: 0 }],
    [
      'what belongs to one message',
      { headers: 'x', binary_data_output: true, triton_enable_empty_final_response: true },
    ],
  ])('sends nothing for %s', (_, parameters) => {
    expect(wire(parameters)).toEqual({});
  });

  it.each<[Parameters, string]>([
    [{ triton_grpc_error: true }, 'parameters: the name "triton_grpc_error" is reserved by Triton'],
    [{ sequence_id: true }, 'parameters.sequence_id must be an unsigned 64-bit integer; received true'],
    [{ sequence_id: 0.5 }, 'parameters.sequence_id must be an unsigned 64-bit integer; received 0.5'],
    [{ sequence_id: -(2n ** 63n) - 1n }, 'parameters.sequence_id must be an unsigned 64-bit integer; received -92233'],
    [{ sequence_id: 1, sequence_start: 1 }, 'parameters.sequence_start must be true or false; received 1'],
    [{ sequence_end: 'yes' }, 'parameters.sequence_end must be true or false; received "yes"'],
    [{ priority: -1 }, 'parameters.priority must be an unsigned 64-bit integer; received -1'],
    [{ priority: 'high' }, 'parameters.priority must be an unsigned 64-bit integer; received "high"'],
    [{ timeout: -1n }, 'parameters.timeout must be an unsigned 64-bit integer; received -1'],
    [{ timeout: 0.5 }, 'parameters.timeout must be an unsigned 64-bit integer; received 0.5'],
    [{ timeout: '9'.repeat(200) }, `received "${'9'.repeat(80)}…"`],
    [{ sequence_id: 'é'.repeat(65) }, 'sequence.id must be at most 128 bytes of UTF-8'],
    [{ a: 2n ** 63n }, 'parameters.a must be within -2^63..2^63-1'],
  ])('refuses %o', (parameters, message) => {
    const error = serviceErrorThrownBy(() => wire(parameters));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(message);
  });
});

describe('wantsEmptyFinal()', () => {
  it.each<[Parameters | undefined, boolean]>([
    [{ triton_enable_empty_final_response: true }, true],
    [{ triton_enable_empty_final_response: false }, false],
    [{}, false],
    [undefined, false],
  ])('of %j is %s', (parameters, expected) => {
    const request = { model: 'repeat', inputs: NO_INPUTS, ...(parameters && { parameters }) };
    expect(wantsEmptyFinal(request)).toBe(expected);
  });
});

describe('toInferResponse()', () => {
  const result = { model: 'faces', id: 'r-1', outputs: new Map(), sharedOutputs: new Map() };

  it('gives what the answer says of itself', () => {
    const said = { version: '3', parameters: { sequence_id: 7, triton_final_response: true } };
    expect(toInferResponse({ ...result, ...said })).toEqual({ outputs: result.outputs, ...said });
  });

  it('is silent where the server is', () => {
    expect(Object.keys(toInferResponse({ ...result, version: '', parameters: {} }))).toEqual(['outputs']);
  });
});

import type { TritonInferRequest } from '../../../src/predictor/triton/inference.js';
import { wireParameters } from '../../../src/predictor/triton/parameters.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

type Extensions = Omit<TritonInferRequest, 'model' | 'inputs'>;

const wire = (extensions: Extensions, remainingMs = 1000) => {
  const parameters = wireParameters({ model: 'faces', inputs: {}, ...extensions }, () => remainingMs);
  return Object.fromEntries(parameters);
};

describe('wireParameters()', () => {
  it.each<[string, Extensions, object]>([
    ['nothing', {}, {}],
    ['custom parameters', { parameters: { a: 1, b: 'x', c: true, d: 0.5 } }, { a: 1, b: 'x', c: true, d: 0.5 }],
    ['a bigint', { parameters: { a: -(2n ** 63n) } }, { a: -(2n ** 63n) }],
    ['a whole number beyond 2^53 as bigint', { parameters: { a: 2 ** 60 } }, { a: 2n ** 60n }],
    ['a number beyond int64 as it is', { parameters: { a: 2 ** 63 } }, { a: 2 ** 63 }],
    [
      'a sequence in its midst',
      { sequence: { id: 7 } },
      { sequence_id: 7, sequence_start: false, sequence_end: false },
    ],
    [
      'a sequence of one request, named by a text',
      { sequence: { id: 'é'.repeat(64), start: true, end: true } },
      { sequence_id: 'é'.repeat(64), sequence_start: true, sequence_end: true },
    ],
    ['a priority', { priority: 2n ** 64n - 1n }, { priority: 2n ** 64n - 1n }],
    ['a queue timeout in microseconds, rounded up', { queueTimeoutMs: 1.0001 }, { timeout: 1001 }],
    ['a queue timeout of whole microseconds as it is', { queueTimeoutMs: 2.007 }, { timeout: 2007 }],
    ['the shortest queue timeout', { queueTimeoutMs: 1e-9 }, { timeout: 1 }],
    ['what remains of the deadline', { queueTimeoutMs: 'remaining' }, { timeout: 1_000_000 }],
  ])('writes %s', (_, extensions, parameters) => {
    expect(wire(extensions)).toEqual(parameters);
  });

  it('writes the shortest queue timeout when nothing remains, since 0 means none', () => {
    expect(wire({ queueTimeoutMs: 'remaining' }, 0)).toEqual({ timeout: 1 });
  });

  it('writes no queue timeout when there is no deadline', () => {
    expect(wire({ queueTimeoutMs: 'remaining' }, Infinity)).toEqual({});
  });

  it.each([
    'sequence_id',
    'sequence_start',
    'sequence_end',
    'priority',
    'timeout',
    'headers',
    'binary_data_output',
    'triton_final_response',
  ])('refuses the reserved name %s', (name) => {
    const error = serviceErrorThrownBy(() => wire({ parameters: { [name]: 1 } }));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(`parameters: the name "${name}" is reserved by Triton`);
  });

  it.each<[Extensions, string]>([
    [{ parameters: { a: NaN } }, 'parameters.a must be a finite number; received NaN'],
    [
      { parameters: { a: { b: 1 } as never } },
      'parameters.a must be a text, a boolean, a number or a bigint; received Object',
    ],
    [{ parameters: { a: null as never } }, 'a number or a bigint; received null'],
    [{ parameters: { a: undefined as never } }, 'a number or a bigint; received undefined'],
    [{ parameters: { a: 2n ** 63n } }, 'parameters.a must be within -2^63..2^63-1; received 9223372036854775808'],
    [{ sequence: { id: 0 } }, 'sequence.id must not be 0 or empty: that means no sequence'],
    [{ sequence: { id: '' } }, 'sequence.id must not be 0 or empty: that means no sequence'],
    [{ sequence: { id: -1 } }, 'sequence.id must be an unsigned 64-bit integer; received -1'],
    [{ sequence: { id: 2n ** 64n } }, 'sequence.id must be an unsigned 64-bit integer; received 18446744073709551616'],
    [{ sequence: { id: 'é'.repeat(65) } }, 'sequence.id must be at most 128 bytes of UTF-8; received "éé'],
    [{ priority: 0.5 }, 'priority must be an unsigned 64-bit integer; received 0.5'],
    [
      { queueTimeoutMs: 0 },
      "queueTimeoutMs must be 'remaining' or a finite number of milliseconds above 0; received 0",
    ],
    [{ queueTimeoutMs: Infinity }, 'milliseconds above 0; received Infinity'],
    [{ queueTimeoutMs: NaN }, 'milliseconds above 0; received NaN'],
  ])('refuses %o', (extensions, message) => {
    const error = serviceErrorThrownBy(() => wire(extensions));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(message);
  });
});

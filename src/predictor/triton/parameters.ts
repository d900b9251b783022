import { excerpt, ServiceError } from '../../errors.js';
import type { ParameterValue, TritonInferRequest } from './inference.js';

/** Names of request parameters that Triton itself understands; they have fields of their own in a request. */
const RESERVED: readonly string[] = [
  'sequence_id',
  'sequence_start',
  'sequence_end',
  'priority',
  'timeout',
  'headers',
  'binary_data_output',
];

/** Triton keeps every name that begins so for itself. */
const RESERVED_PREFIX = 'triton_';

const MICROSECONDS_PER_MS = 1000;

/**
 * A request's parameters as they go on the wire, by name: the custom ones, and those of sequence, priority and queue
 * time (Triton's extensions sequence, schedule policy and parameters).
 * @param remainingMs what is left of the call's deadline, for the queue time `'remaining'`
 * @throws ServiceError `invalid_argument` for a reserved name, a number that is none, and a value out of its range
 */
export function wireParameters(request: TritonInferRequest, remainingMs: () => number): Map<string, ParameterValue> {
  const { sequence, priority, queueTimeoutMs, parameters = {} } = request;
  const wire = new Map<string, ParameterValue>();
  for (const [name, value] of Object.entries(parameters)) {
    assertFree(name);
    assertFinite(name, value);
    wire.set(name, value);
  }
  if (sequence !== undefined) {
    if (sequence.id === '' || sequence.id === 0 || sequence.id === 0n) {
      throw new ServiceError('invalid_argument', 'sequence.id must not be 0 or empty: that means no sequence');
    }
    if (typeof sequence.id !== 'string') assertUnsigned('sequence.id', sequence.id);
    wire.set('sequence_id', sequence.id);
    wire.set('sequence_start', sequence.start ?? false);
    wire.set('sequence_end', sequence.end ?? false);
  }
  if (priority !== undefined) {
    assertUnsigned('priority', priority);
    wire.set('priority', priority);
  }
  if (queueTimeoutMs !== undefined) {
    const timeoutMs = queueTimeoutMs === 'remaining' ? remainingMs() : queueTimeoutMs;
    const microseconds = Math.ceil(timeoutMs * MICROSECONDS_PER_MS);
    assertUnsigned('queueTimeoutMs', microseconds);
    wire.set('timeout', microseconds);
  }
  return wire;
}

function assertFree(name: string): void {
  if (!RESERVED.includes(name) && !name.startsWith(RESERVED_PREFIX)) return;
  const instead = 'sequence, priority and queueTimeoutMs are fields of the request';
  const message = `parameters: the name ${JSON.stringify(excerpt(name))} is reserved by Triton; ${instead}`;
  throw new ServiceError('invalid_argument', message);
}

function assertFinite(name: string, value: ParameterValue): void {
  if (typeof value !== 'number' || Number.isFinite(value)) return;
  throw new ServiceError('invalid_argument', `parameters.${excerpt(name)} must be a finite number; received ${value}`);
}

/**
 * Refuses what is no unsigned 64-bit integer, or is a number too large to be exact.
 * @param name the field, for the message
 * @throws ServiceError `invalid_argument`
 */
export function assertUnsigned(name: string, value: number | bigint): void {
  const isValid =
    typeof value === 'bigint' ? value >= 0n && value < 2n ** 64n : Number.isSafeInteger(value) && value >= 0;
  if (isValid) return;
  throw new ServiceError('invalid_argument', `${name} must be an unsigned 64-bit integer; received ${value}`);
}

import { excerpt, ServiceError } from '../../errors.js';
import { kindOf } from './kind-of.js';
import type { ParameterValue, RegionSlice, SequencePosition, TritonInferRequest } from './inference.js';

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

/** What both protocols can hold. */
const KINDS: readonly string[] = ['string', 'boolean', 'number', 'bigint'];

const MICROSECONDS_PER_MS = 1000;

/** Triton's limit of a sequence id, counted in UTF-8 (sequence extension). */
const MAX_SEQUENCE_ID_BYTES = 128;

/** On the wire 0 means the model's own limit, so that this is the shortest. */
const MIN_QUEUE_TIMEOUT_MICROSECONDS = 1;

/**
 * A request's parameters as they go on the wire, by name: the custom ones, and those of sequence, priority and queue
 * time (Triton's extensions sequence, schedule policy and parameters).
 * @param remainingMs what is left of the call's deadline, for the queue time `'remaining'`; Infinity when it has none
 * @throws ServiceError `invalid_argument` for a reserved name, a value of another kind, and one out of its range
 */
export function wireParameters(request: TritonInferRequest, remainingMs: () => number): Map<string, ParameterValue> {
  const { sequence, priority, queueTimeoutMs, parameters = {} } = request;
  const wire = new Map<string, ParameterValue>();
  for (const [name, value] of Object.entries(parameters)) {
    assertFree(name);
    wire.set(name, wireValue(name, value));
  }
  if (sequence !== undefined) {
    assertSequenceId(sequence.id);
    wire.set('sequence_id', sequence.id);
    wire.set('sequence_start', sequence.start ?? false);
    wire.set('sequence_end', sequence.end ?? false);
  }
  if (priority !== undefined) {
    assertUnsigned('priority', priority);
    wire.set('priority', priority);
  }
  if (queueTimeoutMs !== undefined) {
    const timeout = queueTimeoutMs === 'remaining' ? remainingMs() : checkedTimeout(queueTimeoutMs);
    const microseconds = Math.max(MIN_QUEUE_TIMEOUT_MICROSECONDS, toMicroseconds(timeout));
    if (microseconds !== Infinity) wire.set('timeout', microseconds);
  }
  return wire;
}

/** Where a tensor lies in shared memory, as parameters of an input or output (Triton's shared-memory extension). */
export function sliceParameters({ region, offset, byteSize }: RegionSlice): Map<string, ParameterValue> {
  return new Map<string, ParameterValue>([
    ['shared_memory_region', region],
    ['shared_memory_offset', offset],
    ['shared_memory_byte_size', byteSize],
  ]);
}

function assertFree(name: string): void {
  if (!RESERVED.includes(name) && !name.startsWith(RESERVED_PREFIX)) return;
  const instead = 'sequence, priority and queueTimeoutMs are fields of the request';
  const message = `parameters: the name ${JSON.stringify(excerpt(name))} is reserved by Triton; ${instead}`;
  throw new ServiceError('invalid_argument', message);
}

/** The value with all its digits: those of a whole number beyond 2^53 stand in JSON when it is a bigint. */
function wireValue(name: string, value: ParameterValue): ParameterValue {
  const field = `parameters.${excerpt(name)}`;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid(field, 'a finite number', value);
    const isBeyondExact = Number.isInteger(value) && !Number.isSafeInteger(value);
    return isBeyondExact && isInt64(BigInt(value)) ? BigInt(value) : value;
  }
  if (!KINDS.includes(typeof value)) throw invalid(field, 'a text, a boolean, a number or a bigint', kindOf(value));
  if (typeof value === 'bigint' && !isInt64(value)) throw invalid(field, 'within -2^63..2^63-1', value);
  return value;
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

function assertSequenceId(id: SequencePosition['id']): void {
  if (id === '' || id === 0 || id === 0n) {
    throw new ServiceError('invalid_argument', 'sequence.id must not be 0 or empty: that means no sequence');
  }
  if (typeof id !== 'string') assertUnsigned('sequence.id', id);
  else if (Buffer.byteLength(id, 'utf8') > MAX_SEQUENCE_ID_BYTES) {
    throw invalid('sequence.id', `at most ${MAX_SEQUENCE_ID_BYTES} bytes of UTF-8`, JSON.stringify(excerpt(id)));
  }
}

function checkedTimeout(queueTimeoutMs: number): number {
  if (queueTimeoutMs > 0 && Number.isSafeInteger(toMicroseconds(queueTimeoutMs))) {
    return queueTimeoutMs;
  }
  throw invalid('queueTimeoutMs', "'remaining' or a finite number of milliseconds above 0", queueTimeoutMs);
}

/** Rounded up; 2.007 ms are 2007, though the product of these doubles is a little more. */
function toMicroseconds(ms: number): number {
  const microseconds = ms * MICROSECONDS_PER_MS;
  const nearest = Math.round(microseconds);
  return Math.abs(microseconds - nearest) <= microseconds * Number.EPSILON ? nearest : Math.ceil(microseconds);
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
  throw invalid(name, 'an unsigned 64-bit integer', value);
}

function invalid(field: string, expected: string, received: number | bigint | string): ServiceError {
  return new ServiceError('invalid_argument', `${field} must be ${expected}; received ${received}`);
}

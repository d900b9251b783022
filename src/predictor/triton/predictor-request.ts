import { excerpt, ServiceError } from '../../errors.js';
import type { ParameterValue } from '../../oip/parameters.js';
import type { InferRequest, InferResponse } from '../predictor.js';
import type { SequencePosition, TritonInferRequest, TritonInferResult } from './inference.js';
import { assertUnsigned } from './parameters.js';

type WireParameters = NonNullable<InferRequest['parameters']>;

/** Asks a stream for a last answer that may be empty; the client asks for it always. */
const WANTS_EMPTY_FINAL = 'triton_enable_empty_final_response';

/** Parameters that are fields of the client's request. */
const FIELDS: readonly string[] = ['sequence_id', 'sequence_start', 'sequence_end', 'priority', 'timeout'];

/** Parameters that say how one message is written, and nothing of the request. */
const OF_THE_MESSAGE: readonly string[] = ['headers', 'binary_data_output', WANTS_EMPTY_FINAL];

const RESERVED_PREFIX = 'triton_';

const MICROSECONDS_PER_MS = 1000;

/** 35 years: beyond it a limit is none, and milliseconds do not hold every microsecond. */
const MAX_TIMEOUT_MICROSECONDS = 2 ** 50;

/** The least int64. gRPC has no other integer for the id of a sequence, so that one from 2^63 on comes as negative. */
const MIN_INT64 = -(2n ** 63n);

/**
 * A predictor's request as the client takes it, with what its parameters say on the wire in the client's own fields
 * (Triton's extensions sequence, schedule policy and parameters). A sequence id of 0 or '', and a timeout of 0, mean none.
 * @throws ServiceError `invalid_argument` for a parameter that is not such as Triton takes it
 */
export function toTritonRequest(request: InferRequest): TritonInferRequest {
  const { model, version, id, inputs, outputs, parameters } = request;
  return {
    model,
    inputs,
    ...(version !== undefined && { version }),
    ...(id !== undefined && { id }),
    ...(outputs !== undefined && { outputs }),
    ...(parameters !== undefined && fieldsOf(parameters)),
  };
}

/** Whether a request of a stream is to have a last answer that may be empty. */
export function wantsEmptyFinal({ parameters = {} }: InferRequest): boolean {
  return parameters[WANTS_EMPTY_FINAL] === true;
}

/** What the client gives back, as a predictor does. */
export function toInferResponse({ outputs, version, parameters }: TritonInferResult): InferResponse {
  return {
    outputs,
    ...(version !== '' && { version }),
    ...(Object.keys(parameters).length > 0 && { parameters }),
  };
}

function fieldsOf(
  parameters: WireParameters,
): Pick<TritonInferRequest, 'sequence' | 'priority' | 'queueTimeoutMs' | 'parameters'> {
  const sequence = sequenceOf(parameters);
  const { priority, timeout } = parameters;
  const queueTimeoutMs = timeout === undefined ? 0 : toMilliseconds(unsigned('timeout', timeout));
  return {
    ...(sequence !== undefined && { sequence }),
    ...(priority !== undefined && { priority: unsigned('priority', priority) }),
    ...(queueTimeoutMs > 0 && { queueTimeoutMs }),
    parameters: customOf(parameters),
  };
}

function customOf(parameters: WireParameters): WireParameters {
  const custom = Object.entries(parameters).filter(
    ([name]) => !FIELDS.includes(name) && !OF_THE_MESSAGE.includes(name),
  );
  const reserved = custom.find(([name]) => name.startsWith(RESERVED_PREFIX));
  if (reserved === undefined) return Object.fromEntries(custom);
  const name = JSON.stringify(excerpt(reserved[0]));
  throw new ServiceError('invalid_argument', `parameters: the name ${name} is reserved by Triton`);
}

function sequenceOf(parameters: WireParameters): SequencePosition | undefined {
  const id = sequenceId(parameters['sequence_id'] ?? 0);
  const start = flag(parameters, 'sequence_start');
  const end = flag(parameters, 'sequence_end');
  // Both mean no sequence; a number may be a bigint.
  return id === '' || Number(id) === 0 ? undefined : { id, start, end };
}

function sequenceId(value: ParameterValue): number | bigint | string {
  if (typeof value === 'string') return value;
  const integer = Number.isSafeInteger(value) ? BigInt(value) : value;
  const isNegative = typeof integer === 'bigint' && integer < 0n && integer >= MIN_INT64;
  return isNegative ? BigInt.asUintN(64, integer) : unsigned('sequence_id', value);
}

function flag(parameters: WireParameters, name: string): boolean {
  const value = parameters[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw invalid(name, 'true or false', value);
}

function unsigned(name: string, value: ParameterValue): number | bigint {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw invalid(name, 'an unsigned 64-bit integer', value);
  assertUnsigned(`parameters.${name}`, value);
  return value;
}

function toMilliseconds(microseconds: number | bigint): number {
  return Math.min(Number(microseconds), MAX_TIMEOUT_MICROSECONDS) / MICROSECONDS_PER_MS;
}

function invalid(name: string, expected: string, received: ParameterValue): ServiceError {
  const shown = typeof received === 'string' ? JSON.stringify(excerpt(received)) : received;
  return new ServiceError('invalid_argument', `parameters.${name} must be ${expected}; received ${shown}`);
}

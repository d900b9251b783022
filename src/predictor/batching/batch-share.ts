import { byteLengthOf } from '../../oip/tensor-bytes.js';
import type { CallOptions, InferRequest } from '../predictor.js';

/** What a call would be of a batch that it shares with others. */
export interface BatchShare {
  /** The calls of one kind, and no others, may share a batch. */
  readonly kind: string;
  /** The first dimension of each of its inputs; 1 or more. */
  readonly rows: number;
  /** Of its tensors, as they stand on the wire. */
  readonly bytes: number;
}

/** The parameters of Triton's sequence extension: such a call belongs to one client's sequence. */
const SEQUENCE_PREFIX = 'sequence_';

/**
 * By these a trace or a log goes on; they say nothing of who asks, or for what. W3C Trace Context and Baggage, both forms
 * of B3, and the id that every request has.
 */
const TRACE_HEADERS = /^(?:x-request-id|traceparent|tracestate|baggage|b3|x-b3-.+)$/;

/**
 * What a call would be of a shared batch. Calls may share one when nothing but their rows, their `id` and their trace
 * tells them apart: the same version, parameters, and outputs in the same order, inputs of the same names, datatypes and
 * further dimensions, and the same headers for the predictor, so that nobody's call goes out under another's
 * authorization. A shape's dimensions behind the first are compared as they are, so that calls of pictures of different
 * sizes do not meet.
 * @returns undefined for a call that shares nothing: one of a sequence, one without inputs, and one whose inputs do not
 * all have the same first dimension of at least 1
 */
export function batchShareOf(request: InferRequest, headers: CallOptions['headers'] = {}): BatchShare | undefined {
  const parameters = Object.entries(request.parameters ?? {});
  if (parameters.some(([name]) => name.startsWith(SEQUENCE_PREFIX))) return undefined;
  const inputs = [...request.inputs];
  const rows = inputs[0]?.[1].shape[0] ?? 0;
  if (rows < 1 || inputs.some(([, { shape }]) => shape[0] !== rows)) return undefined;
  const kind = [
    request.version ?? '',
    byName(inputs).map(([name, { datatype, shape }]) => [name, datatype, ...shape.slice(1)]),
    request.outputs ?? null,
    // An int64 may be a bigint, which JSON has not.
    byName(parameters).map(([name, value]) => [name, typeof value, String(value)]),
    byName(Object.entries(headers).filter(([name]) => !TRACE_HEADERS.test(name))),
  ];
  return {
    kind: JSON.stringify(kind),
    rows,
    bytes: inputs.reduce((sum, [, tensor]) => sum + byteLengthOf(tensor), 0),
  };
}

function byName<Value>(entries: readonly (readonly [string, Value])[]): (readonly [string, Value])[] {
  return entries.toSorted(([one], [other]) => (one < other ? -1 : 1));
}

import { MILLISECONDS, TIMEOUT_HEADER } from '../call-state.js';
import { HEADER_LENGTH } from '../rest-v2/read-infer-body.js';
import type { HeaderObject, ParameterObject, Reference } from './open-api-document.js';

/** The headers of answers. */
export const ANSWER_HEADERS = {
  'x-request-id': {
    description: "The client's own request id, or a new one; the log has it",
    required: true,
    schema: { type: 'string' },
  },
  'Retry-After': { description: 'Seconds after which to come back', required: true, schema: { type: 'integer' } },
  Allow: { description: 'The methods that the path has', required: true, schema: { type: 'string' } },
  'WWW-Authenticate': { description: 'How to authenticate', schema: { type: 'string' } },
  [HEADER_LENGTH]: {
    description: 'The length in bytes of the JSON that the binary tensors stand behind; only with such',
    schema: { type: 'integer' },
  },
} as const satisfies Readonly<Record<string, HeaderObject>>;

/** A header of answers. */
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

/** The headers of requests, by the names that they have among the components. */
export const REQUEST_HEADERS = {
  RequestId: {
    name: 'x-request-id',
    in: 'header',
    description:
      'Comes back in the answer, stands in the log and goes on to the predictor. Up to 128 visible ASCII characters; any other is replaced by a new one',
    schema: { type: 'string' },
  },
  Traceparent: {
    name: 'traceparent',
    in: 'header',
    description: 'W3C trace context; goes on to the predictor, as do `tracestate` and `x-b3-traceid`',
    schema: { type: 'string' },
  },
  TimeoutMs: {
    name: TIMEOUT_HEADER,
    in: 'header',
    description: 'How long the client waits, in milliseconds; with it the time limit is the shorter of both',
    schema: { type: 'string', pattern: MILLISECONDS.source },
  },
  HeaderLength: {
    name: HEADER_LENGTH,
    in: 'header',
    description:
      'The length in bytes of the JSON at the start of a body that goes on with binary tensors. 0 says that all of the body is the one input of the model, and that all outputs are wanted as binary data',
    schema: { type: 'string', pattern: String.raw`^\d+$` },
  },
} as const satisfies Readonly<Record<string, ParameterObject>>;

/** Points to a header of answers. */
export function headerRef(name: AnswerHeader): Reference {
  return { $ref: `#/components/headers/${name}` };
}

/** Points to headers of requests. */
export function requestHeaders(...names: readonly (keyof typeof REQUEST_HEADERS)[]): readonly Reference[] {
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}

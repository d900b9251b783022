import { randomUUID } from 'node:crypto';
import { ServiceError } from '../errors.js';
import { NO_SPAN, type Span, type SpanAttributes } from '../observability/span.js';
import type { ServedCall } from '../transformers/served-call.js';
import type { HeaderForwarding, ReceivedHeaders } from './header-forwarding.js';

/** The protocols that the service answers in. */
export type Protocol = 'v1' | 'v2' | 'grpc';

/** What is known of a request while it is worked on, over either transport. */
export interface CallState {
  readonly requestId: string;
  /** Aborted when the client leaves before its answer is complete; its reason is a ServiceError. */
  readonly signal: AbortSignal;
  /** Resolves when the answer is complete or the client is gone. */
  readonly ended: Promise<void>;
  /** What each stage and each model took, in milliseconds. */
  readonly times: Map<string, number>;
  /** Headers of the predictor's answers that go back to the client; of several answers the last one's. */
  readonly answerHeaders: Map<string, string>;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** The served model that is asked, '' as long as none was found. */
  readonly modelName: string;
  /** Undefined for what calls no model. */
  readonly protocol: Protocol | undefined;
  readonly span: Span;
  /** How many items it held and how many of them failed. */
  items?: { readonly count: number; readonly failed: number };
  /** Why it was refused. */
  error?: ServiceError;
  /**
   * Notes which model is called, and begins its trace. `name` is low in variety: a method and a route, or an rpc.
   * @throws ServiceError as toCall
   */
  begin(call: { readonly protocol: Protocol; readonly modelName: string; readonly name: string }): void;
  addBytes(bytes: { readonly request?: number; readonly response?: number }): void;
  /**
   * What is handed to the model, with what is left of the client's own time limit.
   * @throws ServiceError `invalid_argument` when the client gave one that is no number of milliseconds
   */
  toCall(): ServedCall;
}

/** Begins traces. */
export interface RequestTracing {
  startRequest(name: string, headers: ReceivedHeaders, attributes: SpanAttributes): Span;
}

/** A client's own limit for its request, in milliseconds from its arrival. */
export const TIMEOUT_HEADER = 'x-request-timeout-ms';

/** A request id of the client's is taken when it is visible ASCII of a sane length; it goes into logs and headers. */
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** What TIMEOUT_HEADER takes. */
export const MILLISECONDS = /^\d{1,10}(?:\.\d+)?$/;

/** Starts the account of a request. */
export function createCallState(options: {
  readonly headers: ReceivedHeaders;
  readonly signal: AbortSignal;
  readonly ended: Promise<void>;
  readonly forwarding: HeaderForwarding;
  readonly tracing: RequestTracing;
  /** How long the client waits, in milliseconds from now, where its protocol says so by itself. */
  readonly timeoutMs?: number | undefined;
}): CallState {
  const { headers, signal, ended, forwarding, tracing } = options;
  const startedAt = performance.now();
  const given = headers['x-request-id'];
  const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
  const answerHeaders = new Map<string, string>();
  let protocol: Protocol | undefined;
  let modelName = '';
  let span: Span = NO_SPAN;
  let requestBytes = 0;
  let responseBytes = 0;

  const remainingMs = (): number | undefined => {
    const limits = [options.timeoutMs, headerMs(headers[TIMEOUT_HEADER])].filter((limit) => limit !== undefined);
    // Whole milliseconds: they stand in the message of who has to wait longer.
    return limits.length === 0
      ? undefined
      : Math.ceil(Math.max(0, Math.min(...limits) - (performance.now() - startedAt)));
  };

  const state: CallState = {
    requestId,
    signal,
    ended,
    times: new Map(),
    answerHeaders,
    get requestBytes() {
      return requestBytes;
    },
    get responseBytes() {
      return responseBytes;
    },
    get modelName() {
      return modelName;
    },
    get protocol() {
      return protocol;
    },
    get span() {
      return span;
    },
    begin: (call) => {
      ({ protocol, modelName } = call);
      span = tracing.startRequest(call.name, headers, {
        ...spanAttributes(call),
        'model.name': modelName,
        'request.id': requestId,
      });
      // A limit that is none is refused before anything is read.
      headerMs(headers[TIMEOUT_HEADER]);
    },
    addBytes: ({ request = 0, response = 0 }) => {
      requestBytes += request;
      responseBytes += response;
    },
    toCall: () => ({
      requestId,
      headers: { ...forwarding.toPredictor(headers), 'x-request-id': requestId },
      signal,
      timeoutMs: remainingMs(),
      onResponseHeaders: (answered) => {
        for (const [name, value] of forwarding.toClient(answered)) answerHeaders.set(name, value);
      },
      span,
      onItems: (items) => void (state.items = items),
      times: state.times,
    }),
  };
  return state;
}

/** As OpenTelemetry's semantic conventions for HTTP and for RPC have them. */
function spanAttributes({ protocol, name }: { readonly protocol: Protocol; readonly name: string }): SpanAttributes {
  if (protocol === 'grpc') return { 'rpc.system.name': 'grpc', 'rpc.method': name };
  const [method = '', route = ''] = name.split(' ', 2);
  return { 'http.request.method': method, 'http.route': route };
}

function headerMs(value: string | readonly string[] | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && MILLISECONDS.test(value.trim())) return Number(value);
  throw new ServiceError('invalid_argument', `${TIMEOUT_HEADER} must be a number of milliseconds, such as 2500`);
}

import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { type ErrorCode, ServiceError } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';

/** What is known of a request while it is worked on. */
export interface RequestState {
  readonly requestId: string;
  /** For the predictor: the headers of FORWARDED_HEADERS that the client sent, and the request id. */
  readonly forwardedHeaders: Readonly<Record<string, string>>;
  /** Aborted with `cancelled` when the client leaves before its answer is complete. */
  readonly signal: AbortSignal;
  /** Resolves when the answer is complete or the client is gone. */
  readonly ended: Promise<void>;
  /** What each stage and each model took, in milliseconds. */
  readonly times: Map<string, number>;
  /** How many items it held and how many of them failed. */
  items?: { readonly count: number; readonly failed: number };
  /** Why it was refused. */
  error?: ServiceError;
}

/**
 * Sent on to the predictor when the client sent them: KServe 0.20's list and the W3C trace context
 * (https://www.w3.org/TR/trace-context/). Nothing else passes.
 */
const FORWARDED_HEADERS = ['x-b3-traceid', 'authorization', 'traceparent', 'tracestate'];

/** A request id of the client's is taken when it is visible ASCII of a sane length; it goes into logs and headers. */
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** Paths that are asked every few seconds by machines: logged at debug level. */
const PROBE_PATHS = new Set(['/', '/metrics', '/v2/health/live', '/v2/health/ready']);

/** Errors whose message to the client leaves out what an operator needs: the predictor's whole words, our own stack. */
const CAUSE_IS_LOGGED: ReadonlySet<ErrorCode> = new Set(['internal', 'upstream_error', 'unavailable']);

const STATES = new WeakMap<Response, RequestState>();

/** The state that the middleware gave this request. */
export function requestState(response: Response): RequestState {
  const state = STATES.get(response);
  if (state === undefined) throw new Error('requestContext() is not mounted');
  return state;
}

/** Gives each request its id (the client's `x-request-id` or a new one, echoed), its signal, and one line in the log. */
export function requestContext(options: { logger: Pick<Logger, 'info' | 'debug' | 'error'> }): RequestHandler {
  return function requestContextMiddleware(request, response, next) {
    const startedAt = performance.now();
    const given = request.get('x-request-id');
    const requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
    const client = new AbortController();
    const ended = untilEnded(request, response);
    const state: RequestState = {
      requestId,
      forwardedHeaders: forwardedHeaders(request, requestId),
      signal: client.signal,
      ended,
      times: new Map(),
    };
    STATES.set(response, state);
    response.set('x-request-id', requestId);
    void ended.then(() => {
      if (!response.writableFinished) client.abort(new ServiceError('cancelled', 'The client left'));
      logRequest(options.logger, { request, response, state, ms: performance.now() - startedAt });
    });
    next();
  };
}

/** A pipelined request's response never closes when the client leaves before its turn; then the socket does. */
function untilEnded({ socket }: Request, response: Response): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      response.off('close', end);
      socket.off('close', end);
      resolve();
    };
    response.on('close', end);
    socket.on('close', end);
  });
}

function forwardedHeaders(request: Request, requestId: string): Record<string, string> {
  const sent = FORWARDED_HEADERS.flatMap((name) => {
    const value = request.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { 'x-request-id': requestId, ...Object.fromEntries(sent) };
}

function logRequest(
  logger: Pick<Logger, 'info' | 'debug' | 'error'>,
  { request, response, state, ms }: { request: Request; response: Response; state: RequestState; ms: number },
): void {
  const { requestId, times, items, error } = state;
  const line = {
    requestId,
    method: request.method,
    path: request.path,
    status: response.writableFinished ? response.statusCode : 499,
    ms: rounded(ms),
    bytes: Buffer.isBuffer(request.body) ? request.body.length : undefined,
    ...(items !== undefined && { items: items.count, itemErrors: items.failed }),
    ...(times.size > 0 && { stagesMs: Object.fromEntries([...times].map(([name, time]) => [name, rounded(time)])) }),
    ...(error !== undefined && { error: { code: error.code, message: error.message } }),
  };
  if (error !== undefined && CAUSE_IS_LOGGED.has(error.code))
    logger.error({ ...line, err: error.cause }, 'request failed');
  else if (PROBE_PATHS.has(request.path)) logger.debug(line, 'probe');
  else logger.info(line, 'request');
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

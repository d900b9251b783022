import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { errorAnswer, excerpt, ServiceError, toServiceError } from '../../errors.js';
import { RETRY_AFTER_SECONDS } from '../retry-after.js';
import { sendJson } from '../send-json.js';
import { requestState } from './request-context.js';

const TOO_MANY_REQUESTS = 429;

/** As answerError(), for Express, which tells such a handler by its four arguments. */
export function errorHandler(): ErrorRequestHandler {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express counts them
  return function errorHandlerMiddleware(thrown: unknown, _request, response, _next) {
    answerError(thrown, response);
  };
}

/**
 * Answers an error as `{"error": "…"}` with its status; the one place where REST turns errors into answers. An answer
 * that has begun is broken off.
 */
export function answerError(thrown: unknown, response: ServerResponse): void {
  const error = fromExpress(thrown) ?? toServiceError(thrown);
  const state = requestState(response);
  state.error = error;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { httpStatus, message } = errorAnswer(error, state.requestId);
  if (httpStatus === TOO_MANY_REQUESTS) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  sendJson(response, { error: message }, httpStatus);
}

/** Refuses paths that do not exist. */
export function unknownPath(): RequestHandler {
  return function unknownPathMiddleware(request) {
    throw new ServiceError('not_found', `There is nothing at ${request.method} ${excerpt(request.path)}`);
  };
}

/** The methods of what is only read; Express answers HEAD wherever it answers GET. */
export const READ = ['GET', 'HEAD'] as const;

/** Refuses every other method of a path that exists. */
export function onlyMethods(...methods: readonly string[]): RequestHandler {
  return function onlyMethodsMiddleware(request, response) {
    throw methodNotAllowed({ request, response, methods });
  };
}

/** The error of a method that a path does not have; the answer says which ones it has (RFC 9110, 15.5.6). */
export function methodNotAllowed(refused: {
  readonly request: Pick<IncomingMessage, 'method'>;
  readonly response: ServerResponse;
  readonly methods: readonly string[];
  /** What the client may have meant. */
  readonly hint?: string;
}): ServiceError {
  const { request, response, hint } = refused;
  const methods = refused.methods.join(', ');
  response.setHeader('Allow', methods);
  const message = `${request.method} is not allowed here, only ${methods}`;
  return new ServiceError('method_not_allowed', hint === undefined ? message : `${message}; ${hint}`);
}

/** Express itself refuses paths whose percent-encoding is broken. */
function fromExpress(thrown: unknown): ServiceError | undefined {
  return thrown instanceof URIError
    ? new ServiceError('invalid_argument', 'The path is not percent-encoded well')
    : undefined;
}

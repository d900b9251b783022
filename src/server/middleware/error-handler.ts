import type { ErrorRequestHandler, RequestHandler } from 'express';
import { errorAnswer, excerpt, ServiceError, toServiceError } from '../../errors.js';
import { sendJson } from '../send-json.js';
import { requestState } from './request-context.js';

const TOO_MANY_REQUESTS = 429;

/** Seconds after which a client that was turned away for lack of room may try again. */
const RETRY_AFTER_SECONDS = '1';

/** Answers every error as `{"error": "…"}` with its status; the one place where REST turns errors into answers. */
export function errorHandler(): ErrorRequestHandler {
  return function errorHandlerMiddleware(thrown: unknown, _request, response, next) {
    const error = fromExpress(thrown) ?? toServiceError(thrown);
    const state = requestState(response);
    state.error = error;
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const { httpStatus, message } = errorAnswer(error, state.requestId);
    if (httpStatus === TOO_MANY_REQUESTS) response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
    sendJson(response, { error: message }, httpStatus);
  };
}

/** Refuses paths that do not exist. */
export function unknownPath(): RequestHandler {
  return function unknownPathMiddleware(request) {
    throw new ServiceError('not_found', `There is nothing at ${request.method} ${excerpt(request.path)}`);
  };
}

/** Refuses every other method of a path that exists. Express answers HEAD wherever it answers GET. */
export function onlyMethods(...methods: readonly ('GET' | 'POST')[]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return function onlyMethodsMiddleware(request, response) {
    response.setHeader('Allow', allowed.join(', '));
    throw new ServiceError('method_not_allowed', `${request.method} is not allowed here, only ${methods.join(', ')}`);
  };
}

/** Express itself refuses paths whose percent-encoding is broken. */
function fromExpress(thrown: unknown): ServiceError | undefined {
  return thrown instanceof URIError
    ? new ServiceError('invalid_argument', 'The path is not percent-encoded well')
    : undefined;
}

import type { ErrorRequestHandler, RequestHandler } from 'express';
import { errorAnswer, excerpt, ServiceError, toServiceError } from '../../errors.js';
import { RETRY_AFTER_SECONDS } from '../retry-after.js';
import { sendJson } from '../send-json.js';
import { requestState } from './request-context.js';

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
    if (error.code === 'resource_exhausted') response.set('Retry-After', RETRY_AFTER_SECONDS);
    const { httpStatus, message } = errorAnswer(error, state.requestId);
    sendJson(response, { error: message }, httpStatus);
  };
}

/** Refuses paths that do not exist. */
export function unknownPath(): RequestHandler {
  return function unknownPathMiddleware(request) {
    throw new ServiceError('not_found', `There is nothing at ${request.method} ${excerpt(request.path)}`);
  };
}

/** Refuses every other method of a path that exists. */
export function onlyMethods(...methods: readonly string[]): RequestHandler {
  return function onlyMethodsMiddleware(request, response) {
    response.set('Allow', methods.join(', '));
    throw new ServiceError('method_not_allowed', `${request.method} is not allowed here, only ${methods.join(', ')}`);
  };
}

/** Express itself refuses paths whose percent-encoding is broken. */
function fromExpress(thrown: unknown): ServiceError | undefined {
  return thrown instanceof URIError
    ? new ServiceError('invalid_argument', 'The path is not percent-encoded well')
    : undefined;
}

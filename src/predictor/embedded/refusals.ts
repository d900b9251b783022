import { excerpt, ServiceError } from '../../errors.js';
import { upstreamWords } from '../upstream-words.js';

/** The statuses that Triton would answer with, and each one's over HTTP. */
const HTTP_STATUS = {
  INVALID_ARGUMENT: 400,
  NOT_FOUND: 404,
  INTERNAL: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
} as const;

type Status = keyof typeof HTTP_STATUS;

/**
 * A call that is not such as its model takes.
 * @param text what is wrong, in Triton's words
 */
export function refused(text: string): ServiceError {
  return answered('INVALID_ARGUMENT', { message: `The predictor refused the call: ${text}`, text });
}

/** A call that asks for what Triton has and this runtime has not. */
export function unsupported(text: string): ServiceError {
  return answered('UNIMPLEMENTED', { message: `The predictor refused the call: ${text}`, text });
}

/** There is no model of that name. */
export function unknownModel(model: string): ServiceError {
  const message = `The predictor has no model '${excerpt(model)}'`;
  return answered('NOT_FOUND', { message, text: `Request for unknown model: '${model}' is not found` });
}

/** The model has no such version. */
export function unknownVersion(model: string, version: string): ServiceError {
  const message = `The predictor has no version ${excerpt(version)} of model '${model}'`;
  return answered('NOT_FOUND', {
    message,
    text: `Request for unknown model: '${model}' version ${version} is not found`,
  });
}

/** The model is known, and could not be loaded. */
export function notReady(model: string): ServiceError {
  const message = `Model ${model} is not ready on the predictor`;
  return answered('UNAVAILABLE', { message, text: `Request for unknown model: '${model}' is not at ready state` });
}

/** The runtime failed; its words are for clients as far as they may read them. */
export function runtimeFailure(cause: unknown): ServiceError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return answered('INTERNAL', { message: `The embedded runtime failed: ${upstreamWords(text)}`, text, cause });
}

function answered(status: Status, said: { message: string; text: string; cause?: unknown }): ServiceError {
  const { message, text, cause } = said;
  const upstream = { status, httpStatus: HTTP_STATUS[status], text };
  return new ServiceError(status === 'UNAVAILABLE' ? 'unavailable' : 'upstream_error', message, { cause, upstream });
}

import { ServiceError } from '../../errors.js';
import { upstreamWords } from '../upstream-words.js';

/**
 * How Triton's core says that a model or the server is known but cannot answer at present: while it loads, unloads or
 * stops (server.cc, model_repository_manager.cc and the backends' schedulers).
 */
const NOT_READY = /not ready|no available versions|is (?:still )?loading|is unloading|is stopping|stopped accepting/i;

/** No connection could be made. */
export function unreachable(cause: unknown): ServiceError {
  return new ServiceError('unavailable', 'The predictor cannot be reached', { cause });
}

/** A connection was there, and broke before the whole answer was. */
export function wentAway(cause: unknown): ServiceError {
  return new ServiceError('unavailable', 'The predictor went away while it worked on the call', { cause });
}

/**
 * The predictor answered with an error: `unavailable` when its status or its words mean that the same call may
 * succeed later, else `upstream_error`. Its words are kept as far as clients may read them.
 * @param failure.subject what was asked, for the message: `model face_detect`
 * @param failure.text what the predictor said; may be empty
 * @param failure.isTemporary whether the status alone means that the predictor is not ready or overloaded
 * @param failure.cause with the whole text, for the log
 */
export function answeredWithError(failure: {
  subject: string;
  text: string;
  isTemporary: boolean;
  cause: unknown;
}): ServiceError {
  const { subject, text, isTemporary, cause } = failure;
  const code = isTemporary || NOT_READY.test(text) ? 'unavailable' : 'upstream_error';
  const message = `The predictor answered with an error for ${subject}: ${upstreamWords(text)}`;
  return new ServiceError(code, message, { cause });
}

/** The predictor's answer is over the limit, and was not read to its end. */
export function answerTooLarge(subject: string, cause: unknown): ServiceError {
  return invalidAnswer(subject, 'it is larger than an answer may be', cause);
}

/** The predictor answered with something that is no answer to the call. */
export function invalidAnswer(subject: string, problem: string, cause?: unknown): ServiceError {
  return new ServiceError('upstream_error', `The predictor's answer for ${subject} is not valid: ${problem}`, {
    cause,
  });
}

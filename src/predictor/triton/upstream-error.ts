import { type ErrorCode, ServiceError, type UpstreamStatus } from '../../errors.js';
import type { TensorSide } from '../../oip/tensor-side.js';
import { upstreamWords } from '../upstream-words.js';

/**
 * How Triton's core says that a model or the server is known but cannot answer at present: while it loads, unloads or
 * stops (server.cc, model_repository_manager.cc and the backends' schedulers).
 */
const NOT_READY = /not ready|no available versions|is (?:still )?loading|is unloading|is stopping|stopped accepting/i;

/**
 * What Triton refuses as UNAVAILABLE for as long as it runs: to load and unload models without
 * `--model-control-mode=explicit` (server.cc).
 */
const NEVER = /explicit model load \/ unload is not allowed/i;

/** No connection could be made. */
export function unreachable(cause: unknown): ServiceError {
  return new ServiceError('unavailable', 'The predictor cannot be reached', { cause, isSafeToRetry: true });
}

/**
 * A connection was there, and broke before the whole answer was.
 * @param hasAnswerBegun whether some of the answer had come
 */
export function wentAway(cause: unknown, hasAnswerBegun: boolean): ServiceError {
  const message = 'The predictor went away while it worked on the call';
  return new ServiceError('unavailable', message, { cause, isSafeToRetry: !hasAnswerBegun });
}

/**
 * The predictor answered with an error: `deadline_exceeded` when it, or a proxy in front of it, says that the time is
 * over, which the caller would hear of its own limit, too; `unavailable` when its status or its words mean that the same
 * call may succeed later; else `upstream_error`. Its words are kept as far as clients may read them.
 * @param failure.subject what was asked, for the message: `model face_detect`
 * @param failure.upstream what the predictor said; its text may be empty
 * @param failure.isTemporary whether the status alone means that the predictor is not ready or overloaded
 * @param failure.cause with the whole text, for the log
 * @param failure.hasAnswerBegun whether some of the answer had come, as it may have on a stream
 */
export function answeredWithError(failure: {
  subject: string;
  upstream: UpstreamStatus;
  isTemporary: boolean;
  cause: unknown;
  hasAnswerBegun?: boolean;
}): ServiceError {
  const { subject, upstream, isTemporary, cause, hasAnswerBegun = false } = failure;
  const code = codeOf(upstream, isTemporary);
  const message =
    code === 'deadline_exceeded'
      ? `The call for ${subject} took longer than its limit`
      : `The predictor answered with an error for ${subject}: ${upstreamWords(upstream.text)}`;
  const isSafeToRetry = upstream.status === 'UNAVAILABLE' && code === 'unavailable' && !hasAnswerBegun;
  return new ServiceError(code, message, { cause, upstream, isSafeToRetry });
}

function codeOf({ status, text }: UpstreamStatus, isTemporary: boolean): ErrorCode {
  if (NEVER.test(text)) return 'upstream_error';
  if (status === 'DEADLINE_EXCEEDED') return 'deadline_exceeded';
  return isTemporary || NOT_READY.test(text) ? 'unavailable' : 'upstream_error';
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

/**
 * The outputs of an answer, for those who read them: what is wrong with one makes the answer invalid.
 * @param subject what was asked, for messages: `model face_detect`
 */
export function outputsOf(subject: string): TensorSide {
  return { noun: 'output', invalid: (problem, cause) => invalidAnswer(subject, problem, cause) };
}

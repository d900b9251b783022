import { ServiceError } from '../../../errors.js';
import { answeredWithError, invalidAnswer } from '../upstream-error.js';

/** Statuses by which Triton, or a proxy in front of it, says that the same call may succeed later. */
const TEMPORARY_STATUSES: readonly number[] = [429, 502, 503];

/** The gRPC status that an HTTP status of Triton, or of a proxy in front of it, stands for (Triton's http_server.cc). */
const GRPC_STATUSES = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [429, 'RESOURCE_EXHAUSTED'],
  [500, 'INTERNAL'],
  [501, 'UNIMPLEMENTED'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

/** What answers does not speak HTTP/1.1, or not well enough to know where its answer ends. */
export function notHttp(subject: string, problem: string): ServiceError {
  return invalidAnswer(subject, 'it is not HTTP', new SyntaxError(problem));
}

/** The head of an answer, or a line of it, is over its limit. */
export function headTooLarge(subject: string): ServiceError {
  return invalidAnswer(subject, 'its headers are too large');
}

/** A request that would not be one on the wire, or another. */
export function notSendable(problem: string): ServiceError {
  return new ServiceError('invalid_argument', `The call cannot be sent over HTTP: ${problem}`);
}

/** An answer whose status is an error's; Triton's body is `{"error": "…"}`. */
export function fromErrorStatus(status: number, body: Uint8Array, subject: string): ServiceError {
  return fromErrorWords(status, errorText(body), subject);
}

/**
 * An answer whose status is an error's.
 * @param said the server's own words; '' when there are none
 */
export function fromErrorWords(status: number, said: string, subject: string): ServiceError {
  const text = said === '' ? `HTTP status ${status}` : said;
  return answeredWithError({
    subject,
    upstream: { status: GRPC_STATUSES.get(status) ?? 'UNKNOWN', httpStatus: status, text },
    isTemporary: TEMPORARY_STATUSES.includes(status),
    cause: new Error(`HTTP status ${status}: ${said}`),
  });
}

/** The text of `{"error": "…"}`; nothing else is passed on, since a proxy's error page is of no use to a client. */
function errorText(body: Uint8Array): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (typeof value !== 'object' || value === null || !('error' in value)) return '';
    return typeof value.error === 'string' ? value.error : '';
  } catch {
    // Not JSON, so not Triton's own words.
    return '';
  }
}

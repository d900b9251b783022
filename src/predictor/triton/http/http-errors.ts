import { excerpt, ServiceError } from '../../../errors.js';
import { answeredWithError, invalidAnswer, unreachable, wentAway } from '../upstream-error.js';

/** Statuses by which Triton, or a proxy in front of it, says that the same call may succeed later. */
const TEMPORARY_STATUSES: readonly number[] = [429, 502, 503, 504];

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

/** What undici and Node call a connection that breaks after the call was sent. */
const BROKEN_CODES: readonly string[] = [
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'ECONNRESET',
  'EPIPE',
];

/** What undici calls a request that it does not send: a header that is none, or that it keeps for itself. */
const REFUSED_CODES: readonly string[] = ['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED'];

/**
 * What went wrong before there was an answer, or in the midst of it.
 * @param subject what was asked, for messages: `model face_detect`
 * @param hasAnswerBegun whether some of the answer had come
 */
export function fromConnectionError(error: unknown, subject: string, hasAnswerBegun: boolean): ServiceError {
  if (error instanceof ServiceError) return error;
  const code = property(error, 'code');
  if (BROKEN_CODES.includes(code)) return wentAway(error, hasAnswerBegun);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return invalidAnswer(subject, 'its headers are too large', error);
  if (REFUSED_CODES.includes(code)) {
    const problem = excerpt(property(error, 'message'));
    return new ServiceError('invalid_argument', `The call cannot be sent over HTTP: ${problem}`, { cause: error });
  }
  // undici's HTTPParserError: whatever answered does not speak HTTP. Its code is not always set.
  if (property(error, 'name') === 'HTTPParserError') return invalidAnswer(subject, 'it is not HTTP', error);
  return unreachable(error);
}

/** An answer whose status is an error's; Triton's body is `{"error": "…"}`. */
export function fromErrorStatus(status: number, body: Uint8Array, subject: string): ServiceError {
  const said = errorText(body);
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

/** A text property of anything thrown; Node's own errors are no instances of a test environment's Error. */
function property(error: unknown, key: string): string {
  return typeof error === 'object' && error !== null ? String(Reflect.get(error, key)) : '';
}

/**
 * The closed list of error codes and, for each, its status on REST and on gRPC.
 * gRPC numbers: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
const STATUS = {
  invalid_argument: { http: 400, grpc: 3 },
  unauthenticated: { http: 401, grpc: 16 },
  permission_denied: { http: 403, grpc: 7 },
  not_found: { http: 404, grpc: 5 },
  method_not_allowed: { http: 405, grpc: 12 },
  not_acceptable: { http: 406, grpc: 3 },
  unsupported_media_type: { http: 415, grpc: 3 },
  payload_too_large: { http: 413, grpc: 8 },
  unprocessable: { http: 422, grpc: 3 },
  resource_exhausted: { http: 429, grpc: 8 },
  // 499 is nginx's "client closed request"; it is logged, nobody is left to receive it.
  cancelled: { http: 499, grpc: 1 },
  internal: { http: 500, grpc: 13 },
  unimplemented: { http: 501, grpc: 12 },
  upstream_error: { http: 502, grpc: 13 },
  unavailable: { http: 503, grpc: 14 },
  deadline_exceeded: { http: 504, grpc: 4 },
} as const;

/** What went wrong, in one word of the closed list. */
export type ErrorCode = keyof typeof STATUS;

/**
 * The one error of this project. `message` is written for the client: what is wrong, where, what is accepted;
 * never a path, an internal URL or payload. `cause` is for the log alone.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Turns anything thrown into a ServiceError. A ServiceError stays as it is; everything else becomes `internal`, whose
 * message is fixed so that nothing leaks, with the original as `cause`.
 */
export function toServiceError(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  return internalError(thrown);
}

/** Our own mistake: the client is told no more than that; `cause` is for the log. */
export function internalError(cause: unknown): ServiceError {
  return new ServiceError('internal', 'Internal error; the log has the details under the request id', { cause });
}

/** The same error with a place in front of its message, e.g. `multi_data[3].data.item: not an image`. */
export function atPath(path: string, error: ServiceError): ServiceError {
  return new ServiceError(error.code, `${path}: ${error.message}`, { cause: error.cause });
}

/** The HTTP status of a code, e.g. 404 for `not_found`. */
export function httpStatus(code: ErrorCode): number {
  return STATUS[code].http;
}

/** At most `max` characters of a value that a client sent, so that a message stays a message. */
export function excerpt(value: string, max = 80): string {
  return value.length <= max ? value : `${value.slice(0, max)}…`;
}

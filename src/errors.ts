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
 * The statuses of gRPC by name, and for each its status on REST where a predictor's own is handed on; those that Triton
 * knows are as Triton's HTTP side has them (http_server.cc, HttpCodeFromError).
 */
const GRPC_STATUS = {
  OK: { grpc: 0, http: 200 },
  CANCELLED: { grpc: 1, http: 400 },
  UNKNOWN: { grpc: 2, http: 400 },
  INVALID_ARGUMENT: { grpc: 3, http: 400 },
  DEADLINE_EXCEEDED: { grpc: 4, http: 504 },
  NOT_FOUND: { grpc: 5, http: 404 },
  ALREADY_EXISTS: { grpc: 6, http: 400 },
  PERMISSION_DENIED: { grpc: 7, http: 403 },
  RESOURCE_EXHAUSTED: { grpc: 8, http: 429 },
  FAILED_PRECONDITION: { grpc: 9, http: 400 },
  ABORTED: { grpc: 10, http: 409 },
  OUT_OF_RANGE: { grpc: 11, http: 400 },
  UNIMPLEMENTED: { grpc: 12, http: 501 },
  INTERNAL: { grpc: 13, http: 500 },
  UNAVAILABLE: { grpc: 14, http: 503 },
  DATA_LOSS: { grpc: 15, http: 500 },
  UNAUTHENTICATED: { grpc: 16, http: 401 },
} as const;

/** What a server upstream said when it answered a call with an error. */
export interface UpstreamStatus {
  /** The name of its gRPC status, `NOT_FOUND`; over HTTP the one that its status stands for. */
  readonly status: string;
  /** Its HTTP status, when it was asked over HTTP. */
  readonly httpStatus?: number;
  /** Its own words in full; they may hold paths and hosts, so they are not for clients. */
  readonly text: string;
}

/** What a ServiceError may know besides its code and message. */
export interface ServiceErrorDetails {
  /** For the log alone. */
  readonly cause?: unknown;
  readonly upstream?: UpstreamStatus | undefined;
  readonly isSafeToRetry?: boolean;
  /** Whether clients get `upstream`'s own status and words in place of the code's status and the message. */
  readonly isForwarded?: boolean;
}

/**
 * The one error of this project. `message` is written for the client: what is wrong, where, what is accepted;
 * never a path, an internal URL or payload. `cause` is for the log alone.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  /** What the server upstream answered, when it answered with an error. */
  readonly upstream: UpstreamStatus | undefined;
  /** Whether the call was certainly not answered in any part, so that the same call may be sent again. */
  readonly isSafeToRetry: boolean;
  /** Whether clients get the upstream's own status and words. */
  readonly isForwarded: boolean;

  constructor(code: ErrorCode, message: string, details: ServiceErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.upstream = details.upstream;
    this.isSafeToRetry = details.isSafeToRetry ?? false;
    this.isForwarded = details.isForwarded ?? false;
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
  const { cause, upstream, isSafeToRetry, isForwarded } = error;
  return new ServiceError(error.code, `${path}: ${error.message}`, { cause, upstream, isSafeToRetry, isForwarded });
}

/** The HTTP status of a code, e.g. 404 for `not_found`. */
export function httpStatus(code: ErrorCode): number {
  return STATUS[code].http;
}

/** The name of a code's gRPC status, e.g. `NOT_FOUND` for `not_found`. */
export function grpcStatus(code: ErrorCode): string {
  return grpcStatusName(STATUS[code].grpc);
}

/** What a client is told of an error, on either protocol. */
export interface ErrorAnswer {
  readonly httpStatus: number;
  /** The number of the gRPC status. */
  readonly grpcStatus: number;
  readonly message: string;
}

/**
 * What a client is told of an error: its code's statuses and its message; of one that is handed on, what the upstream
 * said itself; of an internal one, by which id it is found in the log.
 */
export function errorAnswer(error: ServiceError, requestId: string): ErrorAnswer {
  const { code, message, upstream, isForwarded } = error;
  const { http, grpc } = STATUS[code];
  if (isForwarded && upstream !== undefined) {
    const { status, httpStatus, text } = upstream;
    const known = isErrorStatusName(status) ? GRPC_STATUS[status] : { http, grpc };
    return {
      httpStatus: httpStatus !== undefined && isErrorStatus(httpStatus) ? httpStatus : known.http,
      grpcStatus: known.grpc,
      message: text.trim() === '' ? message : text,
    };
  }
  return { httpStatus: http, grpcStatus: grpc, message: code === 'internal' ? `${message} ${requestId}` : message };
}

/** The name of a gRPC status, for logs and metrics: `NOT_FOUND` for 5. */
export function grpcStatusName(status: number): string {
  return Object.entries(GRPC_STATUS).find(([, { grpc }]) => grpc === status)?.[0] ?? String(status);
}

/** An upstream that answers with an error, and calls it OK, has no status that could be handed on. */
function isErrorStatusName(name: string): name is Exclude<keyof typeof GRPC_STATUS, 'OK'> {
  return name !== 'OK' && Object.hasOwn(GRPC_STATUS, name);
}

/** A redirect, say, is an error of the call upstream, and would be none as an answer. */
function isErrorStatus(httpStatus: number): boolean {
  return httpStatus >= 400 && httpStatus <= 599;
}

/** At most `max` characters of a value that a client sent, so that a message stays a message. */
export function excerpt(value: string, max = 80): string {
  return value.length <= max ? value : `${value.slice(0, max)}…`;
}

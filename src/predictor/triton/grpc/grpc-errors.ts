import { type ServiceError as GrpcError, status } from '@grpc/grpc-js';
import type { ServiceError } from '../../../errors.js';
import { answeredWithError, answerTooLarge, invalidAnswer, unreachable, wentAway } from '../upstream-error.js';

/** How grpc-js words a connection that broke, or was closed, under a call (subchannel-call.ts, transport.ts, call.ts). */
const BROKEN =
  /connection dropped|RST_STREAM|ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|stream refused|Call cancelled|Cancelled on client/i;

/** How grpc-js words that there is no connection (picker.ts, resolver-dns.ts, subchannel-call.ts). */
const NOT_CONNECTED = /no connection established|name resolution|no addresses|HTTP status code|channel closed/i;

/** How grpc-js words that an answer is over our own limit (stream-decoder.ts, compression-filter.ts). */
const TOO_LARGE = /^Received message (?:larger than max \(\d+ vs \d+\)|that decompresses to a size larger)/;

/** How grpc-js words that reading a message failed (client-interceptors.ts). */
const UNREADABLE = 'Response message parsing error';

/** How gRPC words that a message is over a limit of its size: RESOURCE_EXHAUSTED too, but no overload that passes. */
const OVER_SIZE = /message larger than max/i;

/** The names of gRPC's statuses by their numbers; one that is not among them stands for UNKNOWN. */
const STATUS_NAMES: Readonly<Record<number, string>> = status;

/** What an answer without a gRPC status stands for (github.com/grpc/grpc, doc/http-grpc-status-mapping.md). */
const STATUS_OF_HTTP: Readonly<Record<number, status>> = {
  400: status.INTERNAL,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.UNIMPLEMENTED,
  429: status.UNAVAILABLE,
  502: status.UNAVAILABLE,
  503: status.UNAVAILABLE,
  504: status.UNAVAILABLE,
};

/**
 * What a call means that grpc-js failed. It reports its own troubles as statuses too, with addresses in their text:
 * these are told apart by that text, and it is kept in the cause alone.
 * @param subject what was asked, for messages: `model face_detect`
 * @param hasAnswerBegun whether some of the answer had come, as it may have on a stream
 */
export function fromGrpcError(error: GrpcError, subject: string, hasAnswerBegun = false): ServiceError {
  const { code, details } = error;
  const isConnection = code === status.UNAVAILABLE || code === status.INTERNAL || code === status.CANCELLED;
  if (isConnection && BROKEN.test(details)) return wentAway(error, hasAnswerBegun);
  if (code === status.UNAVAILABLE && NOT_CONNECTED.test(details)) return unreachable(error);
  if (code === status.RESOURCE_EXHAUSTED && TOO_LARGE.test(details)) return answerTooLarge(subject, error);
  if (code === status.INTERNAL && details.startsWith(UNREADABLE)) return unreadable(subject, error);
  return fromGrpcStatus({ code, text: details, hasAnswerBegun }, subject, error);
}

/**
 * What a server's own status means, if it is not OK.
 * @param answer.code the number of the status
 * @param answer.text the server's words
 * @param answer.hasAnswerBegun whether some of the answer had come, as it may have on a stream
 * @param subject what was asked, for messages: `model face_detect`
 */
export function fromGrpcStatus(
  answer: { readonly code: number; readonly text: string; readonly hasAnswerBegun?: boolean },
  subject: string,
  cause: unknown,
): ServiceError {
  const { code, text, hasAnswerBegun = false } = answer;
  const name = STATUS_NAMES[code] ?? 'UNKNOWN';
  const isTemporary = name === 'UNAVAILABLE' || (name === 'RESOURCE_EXHAUSTED' && !OVER_SIZE.test(text));
  return answeredWithError({ subject, upstream: { status: name, text }, isTemporary, cause, hasAnswerBegun });
}

/**
 * What an HTTP status means that came instead of a gRPC one: from a proxy, or from a server that speaks no gRPC.
 * @param subject what was asked, for messages: `model face_detect`
 */
export function fromHttpStatus(httpStatus: number, subject: string): ServiceError {
  const code = STATUS_OF_HTTP[httpStatus] ?? status.UNKNOWN;
  const text = `Received HTTP status code ${httpStatus}`;
  if (code === status.UNAVAILABLE) return unreachable(new Error(text));
  const upstream = { status: status[code], httpStatus, text };
  return answeredWithError({ subject, upstream, isTemporary: false, cause: new Error(text) });
}

/** The bytes of the answer are no message of the kind. */
export function unreadable(subject: string, cause: unknown): ServiceError {
  return invalidAnswer(subject, 'it cannot be read', cause);
}

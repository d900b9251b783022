import { type ServiceError as GrpcError, status } from '@grpc/grpc-js';
import { ServiceError } from '../../../errors.js';
import { answeredWithError, answerTooLarge, unreachable, wentAway } from '../upstream-error.js';

/** How grpc-js words a connection that broke under a call (subchannel-call.ts, transport.ts). */
const BROKEN = /connection dropped|RST_STREAM|ECONNRESET|EPIPE|ETIMEDOUT|socket hang up|stream refused|Call cancelled/i;

/** How grpc-js words that there is no connection (picker.ts, resolver-dns.ts, subchannel-call.ts). */
const NOT_CONNECTED = /no connection established|name resolution|no addresses|HTTP status code|channel closed/i;

/** How grpc-js words that an answer is over our own limit (stream-decoder.ts, compression-filter.ts). */
const TOO_LARGE = /^Received message (?:larger than max \(\d+ vs \d+\)|that decompresses to a size larger)/;

/** How gRPC words that a message is over a limit of its size: RESOURCE_EXHAUSTED too, but no overload that passes. */
const OVER_SIZE = /message larger than max/i;

/**
 * What a failed gRPC call means. grpc-js reports its own troubles as statuses too, with addresses in their text:
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
  if (code === status.DEADLINE_EXCEEDED) {
    return new ServiceError('deadline_exceeded', `The call for ${subject} took longer than its limit`, {
      cause: error,
    });
  }
  const isTemporary = code === status.UNAVAILABLE || (code === status.RESOURCE_EXHAUSTED && !OVER_SIZE.test(details));
  const upstream = { status: status[code], text: details };
  return answeredWithError({ subject, upstream, isTemporary, cause: error });
}

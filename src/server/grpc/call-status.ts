import { Buffer } from 'node:buffer';
import { Metadata, type StatusObject } from '@grpc/grpc-js';
import { errorAnswer, excerpt, type ServiceError } from '../../errors.js';
import { RETRY_AFTER_SECONDS } from '../retry-after.js';

/**
 * How many characters of a message go on the wire. It stands in a header, percent-encoded: up to nine bytes a character,
 * and gRPC's clients take 8 KiB of headers (GRPC_ARG_MAX_METADATA_SIZE).
 */
const MAX_MESSAGE_LENGTH = 800;

/** The status of a call that has failed; with `retry-after` where there was no room. */
export function toStatus(error: ServiceError, requestId: string): StatusObject {
  const { grpcStatus, message: details } = errorAnswer(error, requestId);
  const metadata = new Metadata();
  if (error.code === 'resource_exhausted') metadata.set('retry-after', RETRY_AFTER_SECONDS);
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the numbers of our own table are gRPC's
  return { code: grpcStatus, details, metadata };
}

/** A message as it can be sent: cut, and with every character whole, as grpc-js cannot encode half a surrogate pair. */
export function statusMessage(details: string): string {
  return Buffer.from(excerpt(details, MAX_MESSAGE_LENGTH), 'utf8').toString('utf8');
}

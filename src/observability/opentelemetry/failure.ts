import { type Attributes, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { excerpt, httpStatus, type ServiceError, toServiceError } from '../../errors.js';

/** Enough to tell what happened; a message may hold a piece of what a client sent. */
const MAX_MESSAGE_CHARACTERS = 256;

const MAX_FRAMES = 20;

/**
 * Tells a span what its work failed with: `error.type` is the ServiceError's code, and an `exception` event has the
 * message. A caller who left is no failure; nor is, of a server, the fault of its client.
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status
 * @param failed.time milliseconds since 1970
 */
export function recordFailure(span: Span, failed: { kind: SpanKind; thrown: unknown; time: number }): void {
  const { kind, thrown, time } = failed;
  const error = toServiceError(thrown);
  if (error.code === 'cancelled') {
    span.setAttribute('transformer.cancelled', true);
    return;
  }
  const message = excerpt(error.message, MAX_MESSAGE_CHARACTERS);
  span.setAttribute('error.type', error.code);
  span.addEvent('exception', exceptionAttributes(error), time);
  const isClientsFault = kind === SpanKind.SERVER && httpStatus(error.code) < 500;
  if (!isClientsFault) span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Of our own mistakes, what was really thrown, and where. */
function exceptionAttributes(error: ServiceError): Attributes {
  const { cause } = error;
  const thrown = error.code === 'internal' && cause instanceof Error ? cause : error;
  return {
    'exception.type': thrown.name,
    'exception.message': excerpt(thrown.message, MAX_MESSAGE_CHARACTERS),
    ...(thrown !== error && { 'exception.stacktrace': framesOf(thrown) }),
  };
}

/** The places of a stack, without the message before them. */
function framesOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => /^ +at /.test(line))
    .slice(0, MAX_FRAMES)
    .join('\n');
}

import type { ServiceError as GrpcError } from '@grpc/grpc-js';
import { abortReason } from '../../../concurrency/deadline.js';
import type { TritonTransport } from '../transport.js';
import { wentAway } from '../upstream-error.js';
import type { GrpcChannel } from './grpc-channel.js';
import { fromGrpcError } from './grpc-errors.js';
import type { StreamResponseMessage } from '../../../oip/grpc/messages.js';
import type { InferenceRpcs } from './inference-rpcs.js';
import { createStreamExchange, STREAM_SUBJECT } from './stream-exchange.js';
import { startSending } from './stream-sender.js';

/**
 * Inference over ModelStreamInfer. Requests are taken from the iterable as the connection takes them; answers wait in
 * the server once 16 of them, and 4 MiB in parts, are unread.
 *
 * - A decoupled model's last answer may be empty: it is a result without outputs and version, and `isFinal`.
 * - What a model or Triton says against one request is its `error`, with the status UNKNOWN, as Triton sends none.
 *   With the metadata `triton_grpc_error: true` it ends the stream with its status instead.
 * - What the iterable throws, or a request that is wrong in itself, ends the stream with that error.
 * - A stream that ends before every request had its last answer is `unavailable`.
 */
export function createGrpcStreams(
  channel: Pick<GrpcChannel, 'stream'>,
  service: Pick<InferenceRpcs, 'ModelStreamInfer'>,
): Pick<TritonTransport, 'inferStream'> {
  return {
    inferStream: async function* (requests, call) {
      const { signal, remainingMs } = call;
      const stream = await channel.stream(service.ModelStreamInfer, { ...call, subject: STREAM_SUBJECT });
      // Heard where the stream is read; once the loop is left nobody does, and an unheard error ends the process.
      stream.on('error', () => undefined);
      const exchange = createStreamExchange(remainingMs);
      const sender = startSending(requests, { stream, toMessage: (request) => exchange.toMessage(request) });

      const causeOf = (error: unknown) => {
        if (sender.failure !== undefined) return sender.failure.thrown;
        return signal.aborted
          ? abortReason(signal)
          : fromGrpcError(error as GrpcError, STREAM_SUBJECT, exchange.hasAnswerBegun);
      };
      try {
        for await (const message of withErrorsAs<StreamResponseMessage>(causeOf, stream)) {
          // Messages that have come still wait.
          if (signal.aborted) throw abortReason(signal);
          yield exchange.fromMessage(message);
        }
        if (sender.hasEnded && exchange.unanswered === 0) return;
        throw wentAway(new Error('The stream ended before its requests were answered'), exchange.hasAnswerBegun);
      } finally {
        sender.stop();
        stream.cancel();
      }
    },
  };
}

/** The same items; what ends them comes as the error that `causeOf` makes of it. */
async function* withErrorsAs<T>(causeOf: (error: unknown) => unknown, items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw causeOf(error);
  }
}

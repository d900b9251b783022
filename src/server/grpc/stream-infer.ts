import type { handleBidiStreamingCall } from '@grpc/grpc-js';
import { ServiceError, toServiceError } from '../../errors.js';
import type { CallState } from '../call-state.js';
import { answerEach, type EachOptions } from './answer-each.js';
import { callState } from './call-accounts.js';
import { toStatus } from './call-status.js';
import { forwardingModel, forwardStream } from './forward-stream.js';
import { type InferStream, isOpen, messagesOf } from './stream-messages.js';

/** What streams are answered with. */
export interface StreamOptions extends EachOptions {
  /** Aborted when the server stops: then no stream is read any further. */
  readonly stopping: AbortSignal;
}

/**
 * ModelStreamInfer. Its requests are answered one by one as they finish, each under its id, and their errors within the
 * stream. A stream whose first request is for a model that hands streams on is handed on whole, to models that answer a
 * request any number of times, too. When the server stops, what was read is answered, and the stream ends as
 * `unavailable`.
 */
export function modelStreamInfer(options: StreamOptions): handleBidiStreamingCall<Buffer, Buffer> {
  return (stream) => {
    // Every answer that waits to be sent listens.
    stream.setMaxListeners(0);
    const state = callState(stream.metadata);
    answerStream(stream, state, options).then(
      () => stream.end(),
      (thrown: unknown) => {
        state.error = toServiceError(thrown);
        stream.emit('error', toStatus(state.error, state.requestId));
      },
    );
  };
}

async function answerStream(stream: InferStream, state: CallState, options: StreamOptions): Promise<void> {
  const { dataPlane, stopping } = options;
  const messages = messagesOf(stream, stopping);
  const first = await messages.next();
  if (first.done !== true) {
    const model = forwardingModel(first.value, dataPlane);
    const all = startingWith(first.value, messages);
    if (model === undefined) await answerEach(stream, all, { ...options, state });
    else await forwardStream(stream, all, { ...options, state, model });
  }
  if (stopping.aborted && isOpen(stream)) throw new ServiceError('unavailable', 'The server is stopping');
}

async function* startingWith(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  yield first;
  yield* rest;
}

import type { ClientDuplexStream } from '@grpc/grpc-js';
import { untilAborted } from '../../../concurrency/deadline.js';

/** Sends what an iterable gives, as far as it is wanted. */
export interface StreamSender {
  /** Whether the iterable came to its end, and all of it was sent. */
  readonly hasEnded: boolean;
  /** What the iterable threw, or why an item could not be sent. */
  readonly failure: { readonly thrown: unknown } | undefined;
  /** Asks for no more; the iterable is told so. */
  stop(): void;
}

/**
 * Writes items to a stream one by one, each when the connection has taken the one before, and closes this side of the
 * stream after the last. A failure cancels the stream.
 * @param options.toMessage makes of an item what is written
 */
export function startSending<Item, Message>(
  items: AsyncIterable<Item>,
  options: {
    stream: Pick<ClientDuplexStream<Message, unknown>, 'write' | 'end' | 'cancel'>;
    toMessage: (item: Item) => Message;
  },
): StreamSender {
  const { stream, toMessage } = options;
  const stopped = new AbortController();
  const source = items[Symbol.asyncIterator]();
  let hasEnded = false;
  let failure: StreamSender['failure'];

  // A broken stream ends the reading from it, which then stops this; so the write's own error is of no interest.
  const written = (message: Message) => new Promise<void>((resolve) => stream.write(message, () => resolve()));

  const sendAll = async () => {
    try {
      for (;;) {
        const next = await untilAborted(source.next(), stopped.signal);
        if (next.done === true) break;
        await untilAborted(written(toMessage(next.value)), stopped.signal);
      }
      hasEnded = true;
      stream.end();
    } catch (thrown) {
      if (stopped.signal.aborted) return;
      failure = { thrown };
      stream.cancel();
    }
  };
  void sendAll();

  return {
    get hasEnded() {
      return hasEnded;
    },
    get failure() {
      return failure;
    },
    stop: () => {
      stopped.abort();
      // It may be in the midst of a wait that nobody ends, and what it throws now concerns nobody.
      if (!hasEnded) void source.return?.().catch(() => undefined);
    },
  };
}

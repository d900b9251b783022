import type { Limiter } from '../../../concurrency/limiter.js';
import type { TransportCall } from '../transport.js';
import type { TritonCallOptions } from '../triton-client.js';
import type { CallRunner, RunningCall } from './call-runner.js';

/** A call whose answer comes in parts. */
interface StreamedCall<T> {
  /** What is done, for messages: `The stream`. */
  readonly what: () => string;
  readonly options: TritonCallOptions | undefined;
  /** Opens the transport's stream. */
  readonly open: (wire: TransportCall, call: RunningCall) => AsyncIterable<T>;
}

/** Runs a call whose answer comes in parts; it begins when the first part is asked for. */
export type StreamCalls = <T>(streamed: StreamedCall<T>) => AsyncGenerator<T, void, undefined>;

/**
 * Makes the streams of a client. Each has one place and one time limit from its beginning to its end; it is never
 * retried, since parts of it may have been used.
 */
export function createStreamCalls({ runner, places }: { runner: CallRunner; places: Limiter }): StreamCalls {
  return async function* stream<T>({ what, options = {}, open }: StreamedCall<T>) {
    const call = runner.begin(what, options);
    const { signal } = call;
    try {
      const place = await call.waitFor('a place', () => places.acquire({ signal }));
      const leave = () => {
        place.release();
        call.end();
      };
      // A reader that stops reading and never leaves the loop holds its place until the time is over, and no longer.
      signal.addEventListener('abort', leave, { once: true });
      try {
        yield* heeded(open(await call.toWire(), call), call);
      } finally {
        leave();
      }
    } catch (error) {
      throw call.toError(error);
    } finally {
      call.end();
    }
  };
}

/** The same parts; an abort ends the waiting for one. Leaving the loop leaves the transport's. */
async function* heeded<T>(parts: AsyncIterable<T>, call: RunningCall): AsyncGenerator<T, void, undefined> {
  const iterator = parts[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await call.heed(iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    const left = iterator.return?.();
    // After an abort the transport may still be at the part that nobody waits for.
    if (call.signal.aborted) left?.catch(() => undefined);
    else await left;
  }
}

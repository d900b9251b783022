import { abortReason, type Deadline, startDeadline, untilAborted } from '../../../concurrency/deadline.js';
import { ServiceError } from '../../../errors.js';
import { assertCallOptions } from '../check-options.js';
import { toClientError } from '../client-error.js';
import type { TransportCall } from '../transport.js';
import type { TritonCallOptions } from '../triton-client.js';
import type { Availability } from './availability.js';
import type { CallHeaders } from './call-headers.js';

/** A call within its time limit, from its first moment to its end. */
export interface RunningCall {
  readonly signal: AbortSignal;
  remainingMs(): number;
  /** Waits for something of that name, `a place`; the call's error names it when the time is over meanwhile. */
  waitFor<T>(what: string, wait: () => Promise<T>): Promise<T>;
  /** Has the transport make the call, once, and heeds its answer. */
  send<T>(transmit: (wire: TransportCall) => Promise<T>): Promise<T>;
  /** What goes along with the call on the wire; its credentials are those of this moment. */
  toWire(): Promise<TransportCall>;
  /** What the transport answers, or the abort's reason as soon as there is one; notes whether the server is there. */
  heed<T>(answer: Promise<T>): Promise<T>;
  /** What the call rejects with when `error` was thrown in it. */
  toError(error: unknown): ServiceError;
  /** To be called in `finally`; safe to call twice. */
  end(): void;
}

/** Runs calls, each with a time limit. */
export interface CallRunner {
  /**
   * Begins a call.
   * @param what what is done, for messages: `The call to model faces`
   * @throws ServiceError `unavailable` after close, `invalid_argument` for options that are none
   */
  begin(what: () => string, options: TritonCallOptions): RunningCall;
  /** Begins a call, does its work, and ends it. */
  run<T>(what: () => string, options: TritonCallOptions, work: (call: RunningCall) => Promise<T>): Promise<T>;
  /** Ends all calls with `unavailable`, and begins no more. */
  close(): void;
}

/**
 * Makes a runner.
 * @param options.timeoutMs the time limit of a call that names none
 */
export function createCallRunner(options: {
  timeoutMs: number;
  headers: CallHeaders;
  availability: Availability;
}): CallRunner {
  const { headers: headersOf, availability } = options;
  const running = new Set<Deadline>();
  let isClosed = false;

  const begin = (what: () => string, callOptions: TritonCallOptions): RunningCall => {
    if (isClosed) throw closedError();
    assertCallOptions(callOptions);
    const { timeoutMs = options.timeoutMs, signal: parent, headers, compression, onResponseHeaders } = callOptions;
    let awaited: string | undefined;
    const describe = () => (awaited === undefined ? what() : `${what()}, waiting for ${awaited},`);
    const deadline = startDeadline({ timeoutMs, what: describe, parent });
    const { signal } = deadline;
    const remainingMs = () => deadline.remainingMs();
    running.add(deadline);

    const toWire = async () => ({
      signal,
      remainingMs,
      headers: await headersOf(headers),
      ...(compression !== undefined && { compression }),
      ...(onResponseHeaders !== undefined && { onResponseHeaders }),
    });
    const heed = async <T>(answer: Promise<T>) => {
      try {
        const result = await untilAborted(answer, signal);
        availability.noteAnswer();
        return result;
      } catch (error) {
        if (!signal.aborted) availability.noteFailure(error);
        throw error;
      }
    };

    return {
      signal,
      remainingMs,
      waitFor: async (thing, wait) => {
        awaited = thing;
        const result = await wait();
        awaited = undefined;
        return result;
      },
      send: (transmit) => heed(toWire().then(transmit)),
      toWire,
      heed,
      toError: (error) => (signal.aborted ? abortReason(signal) : toClientError(error)),
      end: () => {
        running.delete(deadline);
        deadline.close();
      },
    };
  };

  return {
    begin,
    run: async (what, callOptions, work) => {
      const call = begin(what, callOptions);
      try {
        if (call.signal.aborted) throw abortReason(call.signal);
        return await work(call);
      } catch (error) {
        throw call.toError(error);
      } finally {
        call.end();
      }
    },
    close: () => {
      isClosed = true;
      for (const deadline of running) deadline.abort(closedError());
    },
  };
}

function closedError(): ServiceError {
  return new ServiceError('unavailable', 'The predictor is closed');
}

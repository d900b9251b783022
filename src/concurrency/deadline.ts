import { setMaxListeners } from 'node:events';
import { ServiceError } from '../errors.js';

/** A time limit that can be handed down as a signal. */
export interface Deadline {
  /** Aborted when the time is over or the parent is aborted; its reason is a ServiceError. */
  readonly signal: AbortSignal;
  /** Milliseconds left, never below 0. */
  remainingMs(): number;
  /** Aborts the signal before the time is over. */
  abort(reason: ServiceError): void;
  /** Stops the timer and lets go of the parent. To be called in `finally`. */
  close(): void;
}

/**
 * Starts a time limit.
 * @param options.timeoutMs how long
 * @param options.what what takes the time, for the message: `The request`, `The call to model face_detect`; a function
 * where that is said best when the time is over
 * @param options.parent the caller's signal; when it is aborted this one is too, with the same reason
 */
export function startDeadline(options: {
  timeoutMs: number;
  what: string | (() => string);
  parent?: AbortSignal | undefined;
}): Deadline {
  const { timeoutMs, what, parent } = options;
  const controller = new AbortController();
  // Every call that is under way listens; Node takes more than 10 for a leak.
  setMaxListeners(0, controller.signal);
  const endsAt = performance.now() + timeoutMs;
  const onTimeout = () => {
    const subject = typeof what === 'string' ? what : what();
    controller.abort(new ServiceError('deadline_exceeded', `${subject} took longer than its limit of ${timeoutMs} ms`));
  };
  const timer = setTimeout(onTimeout, timeoutMs);
  const letGo = follow(parent, controller);
  return {
    signal: controller.signal,
    remainingMs: () => Math.max(0, endsAt - performance.now()),
    abort: (reason) => controller.abort(reason),
    close: () => {
      clearTimeout(timer);
      letGo();
    },
  };
}

/** Aborted as soon as either signal is, with its reason. Any number may listen, which Node takes for a leak above 10. */
export function eitherSignal(one: AbortSignal | undefined, other: AbortSignal): AbortSignal {
  const signal = one === undefined ? other : AbortSignal.any([one, other]);
  setMaxListeners(0, signal);
  return signal;
}

/**
 * Aborts a controller as soon as a signal is aborted, with its reason as a ServiceError. AbortSignal.any() would do, but
 * what Node 20 makes for it lives as long as the signal: 1.5 kB for each call under a signal that is never aborted.
 * @returns what lets go of the signal; to be called in `finally`
 */
export function follow(signal: AbortSignal | undefined, controller: AbortController): () => void {
  const onAbort = () => controller.abort(abortReason(signal));
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener('abort', onAbort, { once: true });
  return () => signal?.removeEventListener('abort', onAbort);
}

/** The ServiceError behind an aborted signal: its reason where that is one, else `cancelled`. */
export function abortReason(signal: AbortSignal | undefined): ServiceError {
  const reason: unknown = signal?.reason;
  return reason instanceof ServiceError
    ? reason
    : new ServiceError('cancelled', 'The caller cancelled the call', { cause: reason });
}

/**
 * What the work comes to, or the signal's reason as soon as it is aborted. The work itself goes on to its end, unheard:
 * who wants it to stop hands it the signal.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(abortReason(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const thenLetGo =
      <V>(settle: (value: V) => void) =>
      (value: V) => {
        signal.removeEventListener('abort', onAbort);
        settle(value);
      };
    work.then(thenLetGo(resolve), thenLetGo(reject));
  });
}

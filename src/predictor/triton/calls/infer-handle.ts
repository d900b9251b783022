import { follow } from '../../../concurrency/deadline.js';
import { within } from '../../../concurrency/within.js';
import { ServiceError } from '../../../errors.js';
import { subjectOf } from '../answer.js';
import { MAX_TIMEOUT_MS } from '../check-options.js';
import { toClientError } from '../client-error.js';
import type { TritonInferRequest } from '../inference.js';
import type { InferCallback, InferHandle, TritonCallOptions } from '../triton-client.js';

/** A call by promise, of which the other forms are made. */
type Infer<Result> = (request: TritonInferRequest, options: TritonCallOptions) => Promise<Result>;

/** Starts a call that is waited for later: TritonClient.inferAsync. */
export function startInfer<Result>(
  infer: Infer<Result>,
  request: TritonInferRequest,
  options: TritonCallOptions = {},
): InferHandle<Result> {
  const cancelling = new AbortController();
  const letGo = follow(options.signal, cancelling);
  const result = infer(request, { ...options, signal: cancelling.signal }).finally(letGo);
  // Heard here, so that a failure that nobody asks for is no unhandled rejection.
  result.catch(() => undefined);
  return {
    getResult: async ({ timeoutMs = Infinity } = {}) => {
      if (!(timeoutMs >= 0)) {
        const expected = 'milliseconds from 0 on, or Infinity';
        throw new ServiceError('invalid_argument', `getResult: timeoutMs must be ${expected}; received ${timeoutMs}`);
      }
      // No call has more time than the longest timer.
      return timeoutMs > MAX_TIMEOUT_MS
        ? result
        : within(timeoutMs, result, (): never => {
            const message = `The result of ${subjectOf(request)} did not come within ${timeoutMs} ms; the call goes on`;
            throw new ServiceError('deadline_exceeded', message);
          });
    },
    cancel: () => cancelling.abort(),
  };
}

/** Hands a call's end to a callback: TritonClient.inferWithCallback. */
export function callBack<Result>(handle: InferHandle<Result>, callback: InferCallback<Result>): InferHandle<Result> {
  // In a turn of its own: what the callback throws is an uncaught exception, and no failure of this promise.
  void handle.getResult().then(
    (result) => queueMicrotask(() => callback(result, undefined)),
    (error: unknown) => queueMicrotask(() => callback(undefined, toClientError(error))),
  );
  return handle;
}

import { ServiceError } from '../../src/errors.js';

/** The ServiceError with which a promise rejects; anything else fails the test. */
export async function serviceErrorOf(promise: Promise<unknown>): Promise<ServiceError> {
  const outcome = await promise.then(
    () => new Error('The promise resolves, but an error is expected'),
    (error: unknown) => error,
  );
  if (outcome instanceof ServiceError) return outcome;
  throw outcome;
}

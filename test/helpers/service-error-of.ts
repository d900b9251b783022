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

/** The ServiceError that a function throws; anything else fails the test. */
export function serviceErrorThrownBy(act: () => unknown): ServiceError {
  try {
    act();
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error('The function returns, but an error is expected');
}

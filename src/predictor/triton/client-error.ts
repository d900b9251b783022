import { ServiceError } from '../../errors.js';

/** The ServiceError that was thrown; else `internal` with it as the cause: nothing that a caller could have known of. */
export function toClientError(thrown: unknown): ServiceError {
  if (thrown instanceof ServiceError) return thrown;
  return new ServiceError('internal', 'The client of the predictor failed unexpectedly; the cause says why', {
    cause: thrown,
  });
}

import { ServiceError } from '../../../errors.js';
import type { ClientLogger } from '../client-options.js';

/** Whether the server is there, as far as its calls tell. */
export interface Availability {
  /** A call was answered. */
  noteAnswer(): void;
  /** A call failed; the server is lost when it was not even answered with an error. */
  noteFailure(error: unknown): void;
}

/**
 * Says in the log, once each, when the server is lost and when it is back.
 * @param options.onLost called at every failure by which the server is lost: it may come back with other models
 */
export function createAvailability(options: {
  address: string;
  logger: ClientLogger | undefined;
  onLost: () => void;
}): Availability {
  const { address, logger, onLost } = options;
  let isAvailable = true;
  return {
    noteAnswer: () => {
      if (isAvailable) return;
      isAvailable = true;
      logger?.info({ predictor: address }, 'the predictor is back');
    },
    noteFailure: (error) => {
      if (!isLost(error)) return;
      onLost();
      if (!isAvailable) return;
      isAvailable = false;
      logger?.warn({ predictor: address, err: error }, 'the predictor is unavailable');
    },
  };
}

/** A server that is overloaded, or still loads a model, says so itself. */
function isLost(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'unavailable' && error.upstream === undefined;
}

import { createLimiter, type Limiter } from '../../../concurrency/limiter.js';
import type { CompleteClientOptions } from '../client-options.js';
import type { TransportCall } from '../transport.js';
import type { TritonCallOptions } from '../triton-client.js';
import { createAvailability } from './availability.js';
import { createCallHeaders } from './call-headers.js';
import { type CallRunner, createCallRunner, type RunningCall } from './call-runner.js';
import { createRetries, NO_RETRIES, type Retries } from './retries.js';

/** What the calls of one client go through: each has a time limit, and each of its attempts takes a place. */
export interface ClientCalls {
  readonly runner: CallRunner;
  readonly places: Limiter;
  readonly retries: Retries;
  /** Waits for a place and holds it while `work` runs. */
  inPlace<T>(call: RunningCall, work: () => Promise<T>): Promise<T>;
  /**
   * A whole call, by attempts that are alike.
   * @param what what is done, for messages: `The call to model faces`
   */
  send<T>(what: () => string, options: TritonCallOptions, transmit: (wire: TransportCall) => Promise<T>): Promise<T>;
}

/**
 * Makes what the calls of a client go through.
 * @param address of the server, for logs
 * @param onLost called at every failure by which the server is lost: it may come back with other models
 */
export function createClientCalls(address: string, options: CompleteClientOptions, onLost: () => void): ClientCalls {
  const { concurrency, maxQueue, timeoutMs, logger } = options;
  const places = createLimiter({ capacity: concurrency, maxQueue, what: 'predictor calls' });
  const retries = options.retries === undefined ? NO_RETRIES : createRetries(options.retries);
  const availability = createAvailability({ address, logger, onLost });
  const runner = createCallRunner({ timeoutMs, headers: createCallHeaders(options), availability });

  const inPlace = async <T>(call: RunningCall, work: () => Promise<T>) => {
    const place = await call.waitFor('a place', () => places.acquire({ signal: call.signal }));
    try {
      return await work();
    } finally {
      place.release();
    }
  };

  return {
    runner,
    places,
    retries,
    inPlace,
    send: (what, callOptions, transmit) =>
      runner.run(what, callOptions, (call) => retries.run(call, () => inPlace(call, () => call.send(transmit)))),
  };
}

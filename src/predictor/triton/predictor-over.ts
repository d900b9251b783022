import { abortReason, startDeadline, untilAborted } from '../../concurrency/deadline.js';
import { createLimiter } from '../../concurrency/limiter.js';
import { ServiceError } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { CallOptions, Predictor } from '../predictor.js';
import { createKeptModelInfos } from './models/kept-model-infos.js';
import type { TransportCall, PredictorTransport } from './transport.js';

/** gRPC metadata and HTTP headers both take these; `-bin` names mean bytes in gRPC. */
const SENDABLE_NAME = /^(?!.*-bin$)[a-z0-9_.-]+$/;
const SENDABLE_VALUE = /^[\x20-\x7e]*$/;

/** The bounds of a predictor. */
export interface PredictorBounds {
  /** How many inference calls may be under way at once; further ones wait in order. */
  readonly concurrency: number;
  /** The time limit of one call in milliseconds, from when it has its place. */
  readonly requestTimeoutMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Makes a predictor of a transport: bounds its calls in number and time, keeps what is known of models, says in the
 * log when the predictor is lost and when it is back. Checks of readiness take no place, so that a probe is answered
 * under load.
 */
export function createPredictorOver(transport: PredictorTransport, bounds: PredictorBounds): Predictor {
  const { concurrency, requestTimeoutMs, logger } = bounds;
  const limiter = createLimiter({ capacity: concurrency, what: 'predictor calls' });
  const infos = createKeptModelInfos();
  let isAvailable = true;
  let closed: Promise<void> | undefined;

  const noteAvailable = () => {
    if (!isAvailable) logger.info({ predictor: transport.address }, 'the predictor is back');
    isAvailable = true;
  };
  const noteUnavailable = (error: ServiceError) => {
    if (isAvailable) logger.warn({ predictor: transport.address, err: error }, 'the predictor is unavailable');
    isAvailable = false;
    infos.forget();
  };

  const attempt = async <T>(what: string, options: CallOptions, work: (call: TransportCall) => Promise<T>) => {
    const deadline = startDeadline({ timeoutMs: requestTimeoutMs, what, parent: options.signal });
    try {
      if (closed !== undefined) throw closedError();
      const call = {
        signal: deadline.signal,
        remainingMs: () => deadline.remainingMs(),
        headers: sendable(options.headers ?? {}),
      };
      if (deadline.signal.aborted) throw abortReason(deadline.signal);
      const answer = await untilAborted(work(call), deadline.signal);
      noteAvailable();
      return answer;
    } catch (error) {
      if (deadline.signal.aborted) throw abortReason(deadline.signal);
      if (closed !== undefined) throw closedError(error);
      if (error instanceof ServiceError && error.code === 'unavailable') noteUnavailable(error);
      throw error;
    } finally {
      deadline.close();
    }
  };

  const isReady = async (what: string, options: CallOptions, work: (call: TransportCall) => Promise<boolean>) => {
    try {
      return await attempt(what, options, work);
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      return false;
    }
  };

  return {
    address: transport.address,
    infer: async (request, options = {}) => {
      const what = `The call to model ${request.model}`;
      try {
        return await limiter.run(() => attempt(what, options, (call) => transport.infer(request, call)), options);
      } catch (error) {
        // The model may have been replaced by one that takes other shapes or smaller batches.
        if (error instanceof ServiceError && error.code === 'upstream_error') infos.forget(request.model);
        throw error;
      }
    },
    modelInfo: async (model, { signal, headers = {} } = {}) => {
      // Others wait for the same answer: the caller's signal ends the caller's waiting alone.
      const load = async () => {
        if (signal?.aborted === true) throw abortReason(signal);
        return limiter.run(() =>
          attempt(`The metadata of model ${model}`, { headers }, (call) => transport.modelInfo(model, call)),
        );
      };
      const info = infos.get(model, load);
      return signal === undefined ? info : untilAborted(info, signal);
    },
    isModelReady: (model, options = {}) =>
      isReady(`The readiness of model ${model}`, options, (call) => transport.isModelReady(model, call)),
    isServerReady: (options = {}) =>
      isReady('The readiness of the predictor', options, (call) => transport.isServerReady(call)),
    close: () => {
      infos.forget();
      return (closed ??= transport.close());
    },
  };
}

function closedError(cause?: unknown): ServiceError {
  return new ServiceError('unavailable', 'The predictor is closed', { cause });
}

/** The headers that both protocols can carry; a client's odd header must not fail the call. */
function sendable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => SENDABLE_NAME.test(name) && SENDABLE_VALUE.test(value)),
  );
}

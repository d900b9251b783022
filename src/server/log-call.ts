import { errorAnswer, type ErrorCode, type ServiceError } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import type { CallState } from './call-state.js';

/** Errors whose message to the client leaves out what an operator needs: the predictor's whole words, our own stack. */
const CAUSE_IS_LOGGED: ReadonlySet<ErrorCode> = new Set(['internal', 'upstream_error', 'unavailable']);

/** Where calls are told of when they have ended. */
export interface CallJournal {
  readonly logger: Pick<Logger, 'info' | 'debug' | 'error'>;
  readonly metrics: Pick<Metrics, 'countRequest'>;
}

/** A call that has ended, as its transport saw it. */
export interface EndedCall {
  readonly state: CallState;
  /** How the transport names it: `{ method, path }`, `{ rpc }`. */
  readonly what: Readonly<Record<string, string>>;
  /** As it was answered: `200`, `OK`; `499`, `CANCELLED` when the client left. */
  readonly status: string | number;
  readonly ms: number;
  /** Asked every few seconds by machines: logged at debug level. */
  readonly isProbe: boolean;
}

/** Writes a call's line into the log, ends its trace, and counts it when it called a model. */
export function logCall({ logger, metrics }: CallJournal, { state, what, status, ms, isProbe }: EndedCall): void {
  const { requestId, times, items, error, requestBytes, responseBytes, protocol, modelName } = state;
  const line = {
    requestId,
    ...what,
    status,
    ms: rounded(ms),
    ...(requestBytes > 0 && { bytes: requestBytes }),
    ...(items !== undefined && { items: items.count, itemErrors: items.failed }),
    ...(times.size > 0 && { stagesMs: Object.fromEntries([...times].map(([name, time]) => [name, rounded(time)])) }),
    ...(error !== undefined && { error: { code: error.code, message: error.message } }),
  };
  // That a model is not ready is logged when it changes, and not at each probe.
  if (isProbe && error?.code !== 'internal') logger.debug(line, 'probe');
  else if (error !== undefined && isFailure(error)) logger.error({ ...line, err: error.cause }, 'request failed');
  else logger.info(line, 'request');
  state.span.set({ 'response.status': String(status) });
  state.span.end(error);
  if (protocol === undefined) return;
  metrics.countRequest({
    modelName,
    protocol,
    status: String(status),
    seconds: ms / 1000,
    requestBytes,
    responseBytes,
  });
}

/** What a predictor refuses, and is handed on as its refusal, is the client's fault. */
function isFailure(error: ServiceError): boolean {
  return CAUSE_IS_LOGGED.has(error.code) && errorAnswer(error, '').httpStatus >= 500;
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

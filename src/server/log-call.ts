import { errorAnswer, type ErrorCode, type ServiceError } from '../errors.js';
import { latencyLine } from '../observability/latency-line.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import type { CallState } from './call-state.js';

/** Errors whose message to the client leaves out what an operator needs: the predictor's whole words, our own stack. */
const CAUSE_IS_LOGGED: ReadonlySet<ErrorCode> = new Set(['internal', 'upstream_error', 'unavailable']);

/** The logger by which KServe's SDK writes what a request took (kserve/model.py). */
const KSERVE_LOGGER = 'kserve.trace';

/** Where calls are told of when they have ended. */
export interface CallJournal {
  readonly logger: Pick<Logger, 'info' | 'debug' | 'error'>;
  readonly metrics: Pick<Metrics, 'countRequest'>;
  /** Whether the times of a call's stages are logged, in its line and in KServe's own; true by default. */
  readonly logsLatency?: boolean;
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
export function logCall(
  { logger, metrics, logsLatency = true }: CallJournal,
  { state, what, status, ms, isProbe }: EndedCall,
): void {
  const { requestId, times, items, error, requestBytes, responseBytes, protocol, modelName, span } = state;
  const line = {
    requestId,
    ...(span.traceId !== undefined && { traceId: span.traceId }),
    ...what,
    status,
    ms: rounded(ms),
    ...(requestBytes > 0 && { bytes: requestBytes }),
    ...(items !== undefined && { items: items.count, itemErrors: items.failed }),
    ...(logsLatency &&
      times.size > 0 && { stagesMs: Object.fromEntries([...times].map(([name, time]) => [name, rounded(time)])) }),
    ...(error !== undefined && { error: { code: error.code, message: error.message } }),
  };
  // That a model is not ready is logged when it changes, and not at each probe.
  if (isProbe && error?.code !== 'internal') logger.debug(line, 'probe');
  else if (error !== undefined && isFailure(error)) logger.error({ ...line, err: error.cause }, 'request failed');
  else logger.info(line, 'request');
  span.set({ [protocol === 'grpc' ? 'rpc.response.status_code' : 'http.response.status_code']: status });
  span.end(error);
  if (protocol === undefined) return;
  if (logsLatency && times.size > 0) logger.info({ logger: KSERVE_LOGGER }, latencyLine(requestId, times));
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

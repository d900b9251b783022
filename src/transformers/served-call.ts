import { startDeadline, untilAborted } from '../concurrency/deadline.js';
import type { Limiter } from '../concurrency/limiter.js';
import type { LoopTurns } from '../concurrency/loop-turns.js';
import type { Metrics } from '../observability/metrics.js';
import type { Span } from '../observability/span.js';
import type { CallOptions } from '../predictor/predictor.js';
import type { RequestContext } from './transformer.js';

/** What a transport knows of a call besides its request. */
export interface ServedCall {
  readonly requestId: string;
  /** For the predictor: request id, trace context, authorization. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
  /** How long the client is still willing to wait, in milliseconds, where it says so; the service's limit holds too. */
  readonly timeoutMs?: number | undefined;
  /** Told the headers of the predictor's answers. */
  readonly onResponseHeaders?: CallOptions['onResponseHeaders'];
  readonly span: Span;
  /** Told how many items there were and how many of them failed, also when the call fails. */
  readonly onItems?: (items: { readonly count: number; readonly failed: number }) => void;
  /** Filled with what each stage and each model took, in milliseconds, also when the call fails. */
  readonly times: Map<string, number>;
}

/** What bounds the calls of the process, and where they are counted. */
export interface CallLimits {
  /** Requests worked on at once, and those that wait. */
  readonly admission: Limiter;
  /** How many of those admitted begin in one turn of the event loop. */
  readonly turns: LoopTurns;
  /** Milliseconds from the beginning of a call's wait for admission. */
  readonly requestTimeoutMs: number;
}

/** The stages that run one after the other; other names among a call's times are parts of these, models above all. */
const STAGES = ['queue', 'decode', 'preprocess', 'predict', 'explain', 'postprocess'] as const;

/** Where a call's times and findings are counted. */
export type CallMetrics = Pick<Metrics, 'observeKServeStage' | 'observeStage' | 'observeModel' | 'countFound'>;

/** The model that is called, what bounds the call, and where it is counted. */
export interface CallSettings {
  readonly modelName: string;
  readonly limits: CallLimits;
  readonly metrics: CallMetrics;
}

/**
 * Does a call's work when it is admitted, within the least of the service's and the client's time limits.
 * @throws ServiceError `resource_exhausted` when too many wait, `deadline_exceeded` when the time is over, `cancelled`
 * when the client has left; what `work` throws
 */
export async function runCall<T>(
  call: ServedCall,
  settings: CallSettings,
  work: (context: RequestContext) => Promise<T>,
): Promise<T> {
  const begun = beginCall(call, settings);
  const { signal } = begun.context;
  const { admission, turns } = settings.limits;
  const admitted = admission.run(
    async () => {
      await turns.take();
      begun.noteAdmission();
      return work(begun.context);
    },
    { signal },
  );
  try {
    return await untilAborted(admitted, signal);
  } finally {
    begun.end();
  }
}

/**
 * As runCall, for a call whose answer comes in parts: it holds its place, and its time limit lasts, until the last part,
 * or until the reader leaves. `open` heeds the signal of its context.
 */
export async function* streamCall<T>(
  call: ServedCall,
  settings: CallSettings,
  open: (context: RequestContext) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const begun = beginCall(call, settings);
  const { signal } = begun.context;
  try {
    const { admission, turns } = settings.limits;
    const place = await admission.acquire({ signal });
    await turns.take();
    begun.noteAdmission();
    const leave = () => place.release();
    // A reader that stops reading and never leaves the loop holds its place until the time is over, and no longer.
    signal.addEventListener('abort', leave, { once: true });
    try {
      yield* open(begun.context);
    } finally {
      leave();
      signal.removeEventListener('abort', leave);
    }
  } finally {
    begun.end();
  }
}

/** What every call of the predictor carries that is made for this one. */
export function toCallOptions(
  { headers, span, onResponseHeaders }: ServedCall,
  signal: AbortSignal,
): RequestContext['call'] {
  return { signal, headers, span, ...(onResponseHeaders !== undefined && { onResponseHeaders }) };
}

function beginCall(call: ServedCall, { modelName, limits, metrics }: CallSettings) {
  const { requestId, span } = call;
  const timeoutMs = Math.min(limits.requestTimeoutMs, call.timeoutMs ?? Infinity);
  const deadline = startDeadline({ timeoutMs, what: 'The request', parent: call.signal });
  const { signal } = deadline;
  const arrivedAt = performance.now();
  // A transport may hand over the same account with several calls; the metrics are of this one.
  const times = new Map<string, number>();
  const addTime = (name: string, ms: number) => {
    for (const account of [times, call.times]) account.set(name, (account.get(name) ?? 0) + ms);
  };
  const context: RequestContext = {
    requestId,
    signal,
    span,
    call: toCallOptions(call, signal),
    addTime,
    addFound: (what, count) => metrics.countFound({ modelName, what }, count),
  };
  return {
    context,
    noteAdmission: () => addTime('queue', performance.now() - arrivedAt),
    end: () => {
      deadline.close();
      observeTimes(metrics, modelName, times);
    },
  };
}

/** KServe's SDK has no decode stage of its own: there it is part of preprocess, and so it is in its metrics. */
function observeTimes(metrics: CallMetrics, modelName: string, times: ReadonlyMap<string, number>): void {
  const decodeMs = times.get('decode');
  if (decodeMs !== undefined)
    metrics.observeKServeStage(modelName, 'preprocess', (decodeMs + (times.get('preprocess') ?? 0)) / 1000);
  for (const stage of ['predict', 'postprocess', 'explain'] as const) {
    const ms = times.get(stage);
    if (ms !== undefined) metrics.observeKServeStage(modelName, stage, ms / 1000);
  }
  for (const [name, ms] of times) {
    if (isStage(name)) metrics.observeStage({ modelName, stage: name }, ms / 1000);
    else metrics.observeModel({ modelName, model: name }, ms / 1000);
  }
}

function isStage(name: string): name is (typeof STAGES)[number] {
  return (STAGES as readonly string[]).includes(name);
}

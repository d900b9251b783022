import { setMaxListeners } from 'node:events';
import { abortReason } from '../../concurrency/deadline.js';
import { type ErrorCode, ServiceError } from '../../errors.js';
import { NO_SPAN, type Span } from '../../observability/span.js';
import type { CallOptions, InferRequest, InferResponse, Predictor } from '../predictor.js';
import { joinRequests, splitResponse } from './join-calls.js';

/** A call that is to be made together with others. */
export interface OfferedCall {
  readonly request: InferRequest;
  readonly rows: number;
  readonly bytes: number;
  readonly options: CallOptions;
}

/** Calls of one kind that are made as one. */
export interface SharedBatch {
  /** Of the callers that are there. */
  readonly rows: number;
  readonly bytes: number;
  readonly callers: number;
  /**
   * Takes one more call, before the batch is sent.
   * @returns its own part of the answer
   * @throws ServiceError what the call comes to; the reason of its own signal as soon as that is aborted
   */
  add(call: OfferedCall): Promise<InferResponse>;
  /** Makes the call, once. Resolves when every caller has its answer or its error; never rejects. */
  send(): Promise<void>;
}

/**
 * What may be the fault of one caller's rows: the predictor refused the call, failed at it, or answered with more than
 * can be read. Not so where it is away, overloaded or late, which is the same for all.
 */
const MAY_BE_ONE_CALLERS: ReadonlySet<ErrorCode> = new Set(['invalid_argument', 'payload_too_large', 'upstream_error']);

/** A caller, from its coming to its answer. */
interface Caller extends OfferedCall {
  readonly span: Span;
  /** Both let go of its signal. */
  readonly resolve: (response: InferResponse) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes a batch that calls come to.
 *
 * Each caller keeps its own signal. Who leaves before the batch is sent is taken out of it; who leaves later gets the
 * reason at once, and its rows of the answer are dropped. The call itself is cancelled when the last caller has left, so
 * that it may take as long as the most patient of them.
 *
 * When the call fails with what may be one caller's fault, each caller's part is sent once more by itself, so that its
 * error is its own and the others have their answers: two calls for each caller at most. Any other error is everyone's.
 * An answer that does not fit the batch is an error of all.
 *
 * The predictor gets the headers of the first caller that is still there: all have the same but for those of the trace.
 * Each caller has a span `batch <model>`; the predictor's own is within the first one's, whose trace the others name.
 * @param options.onEmpty called when all callers have left before the batch was sent
 */
export function createSharedBatch(options: {
  readonly predictor: Pick<Predictor, 'infer'>;
  readonly model: string;
  readonly onEmpty: () => void;
}): SharedBatch {
  const { predictor, model, onEmpty } = options;
  const callers = new Set<Caller>();
  const abandoned = new AbortController();
  // Whoever works on the call listens, retries among them; Node takes more than 10 for a leak.
  setMaxListeners(0, abandoned.signal);
  let isSent = false;

  const add = (call: OfferedCall) =>
    new Promise<InferResponse>((resolve, reject) => {
      const { signal, span = NO_SPAN } = call.options;
      const settling =
        <Value>(settle: (value: Value) => void, errorOf: (value: Value) => unknown) =>
        (value: Value) => {
          callers.delete(caller);
          signal?.removeEventListener('abort', leave);
          caller.span.end(errorOf(value));
          settle(value);
        };
      const caller: Caller = {
        ...call,
        span: span.child(`batch ${model}`),
        resolve: settling(resolve, () => undefined),
        reject: settling(reject, (error) => error),
      };
      const leave = () => {
        const reason = abortReason(signal);
        caller.reject(reason);
        if (callers.size > 0) return;
        if (isSent) abandoned.abort(reason);
        else onEmpty();
      };
      callers.add(caller);
      if (signal?.aborted === true) leave();
      else signal?.addEventListener('abort', leave, { once: true });
    });

  const send = async (): Promise<void> => {
    isSent = true;
    const sent = [...callers];
    const [first, ...others] = sent;
    if (first === undefined) return;
    describeSpans(sent);
    try {
      const request = joinRequests([first.request, ...others.map((caller) => caller.request)]);
      const response = await predictor.infer(request, {
        ...callOptions(first),
        signal: abandoned.signal,
        onResponseHeaders: (headers) => {
          for (const { options: own } of callers) own.onResponseHeaders?.(headers);
        },
      });
      handOut(response, sent);
    } catch (error) {
      if (others.length > 0 && mayBeOneCallers(error)) await Promise.all([...callers].map(sendAlone));
      else rejectAll(error);
    }
  };

  const handOut = (response: InferResponse, sent: readonly Caller[]): void => {
    try {
      const answers = splitResponse(response, { model, rows: sent.map(({ rows }) => rows) });
      answers.forEach((answer, index) => sent[index]?.resolve(answer));
    } catch (error) {
      rejectAll(error);
    }
  };

  const sendAlone = async (caller: Caller): Promise<void> => {
    try {
      caller.resolve(await predictor.infer(caller.request, callOptions(caller)));
    } catch (error) {
      caller.reject(error);
    }
  };

  const rejectAll = (error: unknown): void => {
    for (const caller of callers) caller.reject(error);
  };

  return {
    get rows() {
      return sumOf(callers, ({ rows }) => rows);
    },
    get bytes() {
      return sumOf(callers, ({ bytes }) => bytes);
    },
    get callers() {
      return callers.size;
    },
    add,
    send,
  };
}

/** The caller's own options, within its span. */
function callOptions({ options, span }: Caller): CallOptions {
  return span === NO_SPAN ? options : { ...options, span };
}

function describeSpans(callers: readonly Caller[]): void {
  const traceId = callers[0]?.span.traceId;
  const attributes = {
    'inference.batch_requests': callers.length,
    'inference.batch_rows': sumOf(callers, ({ rows }) => rows),
    ...(traceId !== undefined && { 'inference.batch_trace_id': traceId }),
  };
  for (const { span } of callers) span.set(attributes);
}

function mayBeOneCallers(error: unknown): boolean {
  return error instanceof ServiceError && MAY_BE_ONE_CALLERS.has(error.code);
}

function sumOf<Value>(values: Iterable<Value>, amountOf: (value: Value) => number): number {
  let sum = 0;
  for (const value of values) sum += amountOf(value);
  return sum;
}

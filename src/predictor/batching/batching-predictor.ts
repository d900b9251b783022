import type { Metrics } from '../../observability/metrics.js';
import type { CallOptions, InferRequest, InferResponse, Predictor } from '../predictor.js';
import { type BatchShare, batchShareOf } from './batch-share.js';
import { createSharedBatch, type OfferedCall, type SharedBatch } from './shared-batch.js';

/** How calls of different requests are brought together. */
export interface BatchingOptions {
  /** How long a call may wait for others, in milliseconds: a whole number from 1. */
  readonly maxDelayMs: number;
  /** The most bytes of tensors in one call. */
  readonly maxBodyBytes: number;
  /** How many requests are worked on, those whose calls have come among them. */
  readonly requestsAtWork: () => number;
  readonly metrics: Pick<Metrics, 'countPredictorBatch'>;
}

/** A batch that still takes calls. */
interface OpenBatch {
  readonly batch: SharedBatch;
  readonly model: string;
  /** Of its first call's coming, by performance.now(). */
  readonly since: number;
  readonly timer: NodeJS.Timeout;
}

/** The calls of one version of one model. */
interface Lane {
  /** As the predictor says; undefined until it was asked, and since a call has failed. */
  maxBatchSize: number | undefined;
  /** Calls that have come and are not over yet. */
  calls: number;
  /** Of the predictor: calls that are under way. */
  underWay: number;
  /** By the kind of their calls, the oldest first. */
  readonly open: Map<string, OpenBatch>;
}

/**
 * Gives a predictor that answers simultaneous small calls of different requests by one call of another predictor's: in
 * front of a model that batches, one call of eight pictures costs less than eight calls of one.
 *
 * When a call is made:
 * - at once when no other call of its model is under way and no other request is worked on, as nothing is gained by
 *   waiting: this is Nagle's rule for small packets (RFC 896), and a single client never waits;
 * - else together with those of its kind (batchShareOf) that come until the batch is full, or there is nobody left to wait
 *   for, or `maxDelayMs` have passed since its first call came, whichever is first. Clipper (Crankshaw et al., NSDI 2017,
 *   4.3) and TensorFlow Serving bound a batch by size and delay in the same way.
 *
 * To wait for requests whose pictures are still being decoded pays where the processor is what they all wait for: at
 * 640×480 and 8 clients some 10 % more of them are answered. Requests of other models count among them, so that with
 * several busy models a call may wait for the whole delay.
 *
 * A batch holds at most the model's `maxBatchSize` rows and `maxBodyBytes` of tensors; it goes when the next call would
 * not fit. What passes straight through: calls that share nothing, those to a model that does not batch, and those of
 * several rows that fill half a batch, or of more than half of the bytes, as the parts of one large request do
 * (inferInBatches): they gain little.
 *
 * Whose caller leaves, what fails, and what each caller hears of it: see createSharedBatch. Streams and V1's bodies are
 * not joined. Retries are the predictor's own.
 */
export function createBatchingPredictor(predictor: Predictor, options: BatchingOptions): Predictor {
  const { maxDelayMs, maxBodyBytes, requestsAtWork, metrics } = options;
  const lanes = new Map<string, Lane>();
  /** Calls that have come and are not over yet. */
  let calls = 0;

  /** Whether to wait is of use: other calls are under way, or requests are worked on whose calls are still to come. */
  const mayBeJoined = (lane: Lane): boolean => lane.underWay > 0 || requestsAtWork() > calls;

  const infer = async (request: InferRequest, call: CallOptions = {}): Promise<InferResponse> => {
    const { lane, leave } = enterLane(lanes, request);
    calls++;
    try {
      // Its kind need not even be known.
      if (lane.open.size === 0 && !mayBeJoined(lane)) return await passThrough(lane, request, call);
      const share = batchShareOf(request, call.headers);
      if (share === undefined) return await passThrough(lane, request, call);
      const maxRows = (lane.maxBatchSize ??= await maxBatchSizeOf(predictor, request, call));
      if (!gainsByOthers(share, { maxRows, maxBytes: maxBodyBytes })) return await passThrough(lane, request, call);
      return await joinOthers(lane, { request, options: call, maxRows, ...share });
    } finally {
      calls--;
      leave();
    }
  };

  const passThrough = (lane: Lane, request: InferRequest, call: CallOptions): Promise<InferResponse> => {
    metrics.countPredictorBatch({ model: request.model, requests: 1, waitSeconds: 0 });
    return whileUnderWay(lane, () => callPredictor(lane, request, call));
  };

  const joinOthers = (lane: Lane, call: OfferedCall & { kind: string; maxRows: number }): Promise<InferResponse> => {
    const { request, kind, rows, bytes, maxRows } = call;
    const present = lane.open.get(kind)?.batch;
    const fits = present === undefined || (present.rows + rows <= maxRows && present.bytes + bytes <= maxBodyBytes);
    if (!fits) send(lane, kind);
    const { batch } = lane.open.get(kind) ?? openBatch(lane, request.model, kind);
    const answer = batch.add(call);
    const isFull = batch.rows >= maxRows || batch.bytes + bytes / rows > maxBodyBytes;
    // What was waited for may have ended while the model's size was asked for.
    if (isFull || !mayBeJoined(lane)) send(lane, kind);
    return answer;
  };

  const openBatch = (lane: Lane, model: string, kind: string): OpenBatch => {
    const batch = createSharedBatch({
      predictor: { infer: (request, call) => callPredictor(lane, request, call) },
      model,
      onEmpty: () => close(lane, kind),
    });
    const timer = setTimeout(() => send(lane, kind), maxDelayMs);
    const opened = { batch, model, since: performance.now(), timer };
    lane.open.set(kind, opened);
    return opened;
  };

  const send = (lane: Lane, kind: string): void => {
    const opened = close(lane, kind);
    if (opened === undefined) return;
    const { batch, model, since } = opened;
    metrics.countPredictorBatch({
      model,
      requests: batch.callers,
      waitSeconds: (performance.now() - since) / 1000,
    });
    void whileUnderWay(lane, () => batch.send());
  };

  const whileUnderWay = async <T>(lane: Lane, work: () => Promise<T>): Promise<T> => {
    lane.underWay++;
    try {
      return await work();
    } finally {
      lane.underWay--;
      const [oldest] = lane.open.keys();
      if (oldest !== undefined && !mayBeJoined(lane)) send(lane, oldest);
    }
  };

  const callPredictor: LaneCall = async (lane, request, call) => {
    try {
      return await predictor.infer(request, call);
    } catch (error) {
      // The model may be another by now.
      lane.maxBatchSize = undefined;
      throw error;
    }
  };

  return { ...predictor, infer };
}

type LaneCall = (lane: Lane, request: InferRequest, call: CallOptions | undefined) => Promise<InferResponse>;

/** A lane is kept while it has calls, and for what it knows of a model that answers. */
function enterLane(lanes: Map<string, Lane>, { model, version = '' }: InferRequest) {
  const key = JSON.stringify([model, version]);
  const lane = lanes.get(key) ?? { maxBatchSize: undefined, calls: 0, underWay: 0, open: new Map<string, OpenBatch>() };
  lanes.set(key, lane);
  lane.calls++;
  const leave = () => {
    lane.calls--;
    if (lane.calls === 0 && lane.maxBatchSize === undefined) lanes.delete(key);
  };
  return { lane, leave };
}

/** Whether it pays to wait: others fit in, and the call is not one of the large parts of a larger request. */
function gainsByOthers(
  { rows, bytes }: BatchShare,
  { maxRows, maxBytes }: Record<'maxRows' | 'maxBytes', number>,
): boolean {
  return 2 * bytes <= maxBytes && (rows === 1 ? maxRows > 1 : 2 * rows < maxRows);
}

/** 0 where the predictor does not say: the call goes by itself, and hears what is the matter. */
async function maxBatchSizeOf(predictor: Predictor, request: InferRequest, call: CallOptions): Promise<number> {
  const { model, version } = request;
  try {
    const { maxBatchSize } = await predictor.modelInfo({ model, ...(version !== undefined && { version }) }, call);
    return maxBatchSize;
  } catch {
    return 0;
  }
}

/** Takes an open batch out of its lane: no more calls come to it. */
function close(lane: Lane, kind: string): OpenBatch | undefined {
  const opened = lane.open.get(kind);
  clearTimeout(opened?.timer);
  lane.open.delete(kind);
  return opened;
}

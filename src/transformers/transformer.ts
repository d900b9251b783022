import type { ExtraInfo, Response } from 'common-data-type';
import type { Logger } from '../observability/logger.js';
import type { WorkerPool } from '../concurrency/worker-pool.js';
import type { Predictor } from '../predictor/predictor.js';

/** One thing to work on, as the client sent it. */
export interface Item {
  /** Where it stands in the request, for messages: `multi_data[3].data.item`, `instances[0]`. */
  readonly path: string;
  /** A string, an object of one of V1's forms, or the raw bytes of an uploaded file. */
  readonly value: unknown;
}

/** What a transformer is given for one request. */
export interface RequestContext {
  readonly requestId: string;
  /** Aborted when the client leaves or the request's time is over; its reason is a ServiceError. */
  readonly signal: AbortSignal;
  /** For the predictor: request id, trace context, authorization. */
  readonly headers: Readonly<Record<string, string>>;
  /** Adds to the time of a named part of the work, in milliseconds: a model of the chain, say. */
  readonly addTime: (name: string, ms: number) => void;
}

/** An item that was opened: its format is known, nothing is decoded yet. */
export interface Opened {
  /** How many pixels decoding will give at most; 0 for items that are no pictures. */
  readonly pixels: number;
}

/** The parts of the house that a transformer works with. */
export interface TransformerServices {
  readonly predictor: Predictor;
  readonly workers: WorkerPool;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** The most pixels one picture may have. */
  readonly maxPixels: number;
  /** The most bytes of tensors in one call to the predictor. */
  readonly maxPredictorBodyBytes: number;
}

/**
 * The stages of one service. run-transformer.ts is their only caller and measures them.
 *
 * `open` and `decode` see one item: what they throw is that item's error, the others go on. The later stages see all
 * items that are left, in order: what they throw is the call's error.
 */
export interface Transformer<Source extends Opened, Decoded, Prepared, Predicted, Result> {
  /** Reads an item's form and header; cheap, and nothing large is allocated. */
  open(item: Item): Source;
  /** @param memory shared by all threads, 3 bytes for each of the item's pixels; lent until postprocess has ended */
  decode(source: Source, context: RequestContext, memory: Uint8Array): Promise<Decoded>;
  preprocess(decoded: readonly Decoded[], context: RequestContext): Promise<Prepared>;
  predict(prepared: Prepared, context: RequestContext): Promise<Predicted>;
  /** One result per decoded item, in the same order. */
  postprocess(predicted: Predicted, context: RequestContext): Promise<readonly Result[]>;
  /** How a result stands in V1's `predictions`. */
  toPrediction(result: Result): unknown;
  /** How a result stands in `multi_data`; absent when the service does not speak Request and MultiRequest. */
  readonly toResponse?: (result: Result, extraInfo: ExtraInfo | undefined) => Response;
  /**
   * Finds the models that the service needs and checks that they are ready on the predictor. Called at start and by
   * the readiness probe, never by a request.
   * @returns the names of models that are missing or not ready; empty when the service can answer.
   */
  missingModels(signal: AbortSignal): Promise<readonly string[]>;
}

/** A transformer of any kind, for those who only pass its values from stage to stage. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the stages' own types meet only inside one transformer
export type AnyTransformer = Transformer<any, any, any, any, any>;

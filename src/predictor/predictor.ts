import type { AnyTensor, Datatype } from '../tensor.js';

/** Named tensors, in the order in which they stand on the wire. */
export type NamedTensors = ReadonlyMap<string, AnyTensor>;

/** One inference call. */
export interface InferRequest {
  readonly model: string;
  readonly inputs: NamedTensors;
  /** The outputs wanted, all of which the answer then holds; every output of the model when absent. */
  readonly outputs?: readonly string[];
}

/** The answer of one inference call. */
interface InferResponse {
  readonly outputs: NamedTensors;
}

/** What every call to a predictor may carry. */
export interface CallOptions {
  /** Cancels the call; the call then rejects with the signal's reason where that is a ServiceError, else `cancelled`. */
  readonly signal?: AbortSignal;
  /** Sent along to a predictor on the network: request id, trace context, authorization. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One input or output of a model; a dimension of -1 is of any size, the batch dimension included where there is one. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** What a model takes and gives. */
export interface ModelInfo {
  readonly name: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
  /**
   * The largest first dimension of one call; 0 when the model does not batch (as Triton's `max_batch_size`), Infinity
   * when it batches and the predictor names no limit.
   */
  readonly maxBatchSize: number;
}

/**
 * Whatever runs models: Triton over HTTP or gRPC, or the embedded runtime. All implementations keep one contract
 * (test/predictor/contract.ts runs over each).
 *
 * Errors of `infer` and `modelInfo`, as ServiceError:
 * - `unavailable`: the predictor cannot be reached, went away mid-call, is not ready or is overloaded;
 * - `upstream_error`: it answered with an error, or with something that is no valid answer;
 * - `deadline_exceeded`: the call's time limit passed; `cancelled`: the caller's signal was aborted.
 */
export interface Predictor {
  /** Where the predictor is, for logs: `grpc://host:8001`, `embedded`. Never shown to clients. */
  readonly address: string;
  infer(request: InferRequest, options?: CallOptions): Promise<InferResponse>;
  /** Kept after the first answer, until a failed call shows that the predictor may have restarted. */
  modelInfo(model: string, options?: CallOptions): Promise<ModelInfo>;
  /** False when the predictor cannot be reached, does not know the model, or is still loading it. */
  isModelReady(model: string, options?: CallOptions): Promise<boolean>;
  /** False when the predictor cannot be reached or is not ready. */
  isServerReady(options?: CallOptions): Promise<boolean>;
  /** Ends every connection and thread; safe to call twice. */
  close(): Promise<void>;
}

import type { ServiceError } from '../../errors.js';
import type { TritonAdministration } from './administration.js';
import type {
  GenerateRequest,
  GenerateResult,
  TritonInferRequest,
  TritonInferResult,
  TritonStreamMessage,
} from './inference.js';
import type { CallOptions, ModelInfo, ModelReference } from '../predictor.js';
import type { Compression } from './connect-options.js';

/** What every call of a client may carry. */
export interface TritonCallOptions extends Omit<CallOptions, 'span'> {
  /** The time limit of the call in milliseconds, waiting for a place and retries included; the client's when absent. */
  readonly timeoutMs?: number;
  /** How this call's request is packed; as the client's options say when absent. */
  readonly compression?: Compression;
}

/** A call that was started, and is waited for later. */
export interface InferHandle<Result = TritonInferResult> {
  /**
   * The call's result, as often as it is asked for.
   * @param options.timeoutMs how long to wait for it now, from 0 on; the call goes on when that is over. Infinity by default
   * @throws ServiceError the call's own; `deadline_exceeded` when the wait is over first; `invalid_argument`
   */
  getResult(options?: { readonly timeoutMs?: number }): Promise<Result>;
  /** Ends the call, which then rejects with `cancelled`; one that waits leaves the queue. */
  cancel(): void;
}

/** Called once, with one of the two. */
export type InferCallback<Result = TritonInferResult> = (
  result: Result | undefined,
  error: ServiceError | undefined,
) => void;

/**
 * A Triton server, over HTTP or gRPC. Its inference calls are bounded in number and time; the order of results is that
 * of the calls' own promises. Generation and each stream take a place as inference does; what else is asked takes none.
 * A server that cannot be reached is neither live nor ready; a closed client rejects, whatever it is asked.
 *
 * Errors are those of Predictor, as ServiceError with `upstream` when the server answered with one; moreover
 * - `invalid_argument`: the request is wrong in itself, or for its model; nothing was sent;
 * - `resource_exhausted`: as many calls wait as may;
 * - `unimplemented`: the protocol has no such call.
 */
export interface TritonClient extends TritonAdministration<[options?: TritonCallOptions]> {
  /** For logs: `grpc://host:8001`. */
  readonly address: string;
  /** One inference, by promise. */
  infer(request: TritonInferRequest, options?: TritonCallOptions): Promise<TritonInferResult>;
  /** Starts a call that is waited for later; a failure that nobody asks for is not an unhandled rejection. */
  inferAsync(request: TritonInferRequest, options?: TritonCallOptions): InferHandle;
  /** Starts a call and hands its result or error to a callback, never before this returns. */
  inferWithCallback(request: TritonInferRequest, callback: InferCallback, options?: TritonCallOptions): InferHandle;
  /**
   * Sends requests over one gRPC stream, to decoupled models too, and gives the messages as they come, each with its
   * request's id. One request's error is a message; what ends the stream is thrown, a request that is wrong in itself or
   * for its model among it. It begins when the first message is asked for; leaving the loop cancels it.
   */
  inferStream(
    requests: Iterable<TritonInferRequest> | AsyncIterable<TritonInferRequest>,
    options?: TritonCallOptions,
  ): AsyncIterable<TritonStreamMessage>;
  /** One request to a decoupled model, over gRPC: its results as they come, to the last. */
  inferDecoupled(request: TritonInferRequest, options?: TritonCallOptions): AsyncIterable<TritonInferResult>;
  /** The generate extension, over HTTP: one answer as JSON. */
  generate(request: GenerateRequest, options?: TritonCallOptions): Promise<GenerateResult>;
  /** The generate extension, over HTTP: answers as they come. Leaving the loop breaks the call off. */
  generateStream(request: GenerateRequest, options?: TritonCallOptions): AsyncIterable<GenerateResult>;
  /** What a model takes and gives; kept until it is loaded again or a failed call shows that it may have changed. */
  modelInfo(model: ModelReference, options?: TritonCallOptions): Promise<ModelInfo>;
  /** Ends every call and connection; safe to call twice. */
  close(): Promise<void>;
}

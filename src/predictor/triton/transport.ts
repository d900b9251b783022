import type { InferRequest, InferResponse, ModelInfo } from '../predictor.js';

/** What every call over a transport carries. */
export interface TransportCall {
  /** Ends the call at once when aborted. */
  readonly signal: AbortSignal;
  /** What is left of the call's time in milliseconds, to be told to a server that can make use of it. */
  readonly remainingMs: () => number;
  /** Sent as HTTP headers or gRPC metadata: lower-case names, values of printable ASCII. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * One protocol that Triton speaks: it puts one call on the wire, checks the answer and names what went wrong, and
 * knows nothing of limits, deadlines and what is kept between calls (predictor-over.ts does).
 *
 * Errors are those of Predictor, except that an aborted signal may show as any error.
 */
export interface TritonTransport {
  /** For logs: `grpc://host:8001`. */
  readonly address: string;
  infer(request: InferRequest, call: TransportCall): Promise<InferResponse>;
  modelInfo(model: string, call: TransportCall): Promise<ModelInfo>;
  isModelReady(model: string, call: TransportCall): Promise<boolean>;
  isServerReady(call: TransportCall): Promise<boolean>;
  /** Breaks every connection; calls that are under way fail. */
  close(): Promise<void>;
}

/** How to connect to a Triton server. */
export interface ConnectOptions {
  /** How many inference calls may be under way at once. */
  readonly concurrency: number;
  /** How long a connection may take to be made, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** The largest answer that is read, in bytes; one that is larger is an `upstream_error`. */
  readonly maxAnswerBytes: number;
}

import type { TritonAdministration } from './administration.js';
import type { CallOptions } from '../predictor.js';
import type { Compression } from './connect-options.js';
import type {
  GenerateRequest,
  GenerateResult,
  TritonInferRequest,
  TritonInferResult,
  TritonStreamMessage,
} from './inference.js';

/** What every call over a transport carries. */
export interface TransportCall {
  /** Ends the call at once when aborted. */
  readonly signal: AbortSignal;
  /** What is left of the call's time in milliseconds, to be told to a server that can make use of it. */
  readonly remainingMs: () => number;
  /** Sent as HTTP headers or gRPC metadata: lower-case names, values of printable ASCII. */
  readonly headers: Readonly<Record<string, string>>;
  /** How this call's request is compressed; as the connection's options say when absent. */
  readonly compression?: Compression;
  /** Told the headers of the answer, whatever its status; those of streams are not told. */
  readonly onResponseHeaders?: CallOptions['onResponseHeaders'];
}

/**
 * One protocol that Triton speaks: it puts one call on the wire, checks the answer and names what went wrong, and
 * knows nothing of limits, deadlines, retries and what is kept between calls (triton-client.ts does).
 *
 * Errors are those of Predictor, with `upstream` when the server answered and `isSafeToRetry` when the call was
 * certainly not answered in any part; except that an aborted signal may show as any error.
 */
export interface TritonTransport extends TritonAdministration<[call: TransportCall]> {
  /** For logs: `grpc://host:8001`. */
  readonly address: string;
  infer(request: TritonInferRequest, call: TransportCall): Promise<TritonInferResult>;
  /**
   * Sends requests over one stream and gives its messages as they come; leaving the loop cancels the stream.
   * @throws ServiceError `unimplemented` over HTTP, which has no such stream
   */
  inferStream(requests: AsyncIterable<TritonInferRequest>, call: TransportCall): AsyncIterable<TritonStreamMessage>;
  /** @throws ServiceError `unimplemented` over gRPC, which has no such call */
  generate(request: GenerateRequest, call: TransportCall): Promise<GenerateResult>;
  /**
   * The model's answers as they come; leaving the loop breaks the call off.
   * @throws ServiceError `unimplemented` over gRPC, which has no such call
   */
  generateStream(request: GenerateRequest, call: TransportCall): AsyncIterable<GenerateResult>;
  /** Breaks every connection; calls that are under way fail. */
  close(): Promise<void>;
}

/** The part of administration that says what a server and its models are, and whether they are ready. */
export type MetadataCalls = Pick<
  TritonTransport,
  'isServerLive' | 'isServerReady' | 'isModelReady' | 'serverMetadata' | 'modelMetadata' | 'modelConfig'
>;

/** The part of administration that says and changes what a server traces and logs. */
export type SettingsCalls = Pick<
  TritonTransport,
  'traceSettings' | 'updateTraceSettings' | 'logSettings' | 'updateLogSettings'
>;

/** The part of administration that registers regions of shared memory. */
export type SharedMemoryCalls = Pick<
  TritonTransport,
  | 'systemSharedMemory'
  | 'registerSystemSharedMemory'
  | 'unregisterSystemSharedMemory'
  | 'cudaSharedMemory'
  | 'registerCudaSharedMemory'
  | 'unregisterCudaSharedMemory'
>;

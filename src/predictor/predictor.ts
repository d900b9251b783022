import type { Span } from '../observability/span.js';
import type { ParameterValue } from '../oip/parameters.js';
import type { AnyTensor, Datatype } from '../tensor.js';

/** Named tensors, in the order in which they stand on the wire. */
export type NamedTensors = ReadonlyMap<string, AnyTensor>;

/** An output that is asked for by more than its name. */
export interface OutputChoice {
  readonly name: string;
  /** Classification extension: the n highest values as BYTES `value:index[:label]` instead of the tensor; 1 or more. */
  readonly classification?: number;
}

/** The name of an output that is asked for. */
export function outputName(output: string | OutputChoice): string {
  return typeof output === 'string' ? output : output.name;
}

/** One inference call. */
export interface InferRequest {
  readonly model: string;
  /** Digits; the predictor chooses when absent. */
  readonly version?: string;
  /** Given back with the answer where the predictor's protocol does so. */
  readonly id?: string;
  readonly inputs: NamedTensors;
  /** The outputs wanted, all of which the answer then holds; every output of the model when absent. */
  readonly outputs?: readonly (string | OutputChoice)[];
  /**
   * Parameters of the request as they stand on the wire, those that Triton itself understands among them
   * (`sequence_id`, `priority`, `timeout` in microseconds, …). Passed over by predictors that have no such thing.
   */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /**
   * Whether the caller looks at the inputs no more, so that a predictor within this process may take their memory
   * instead of copying it.
   */
  readonly givesInputsAway?: boolean;
}

/** The answer of one inference call. */
export interface InferResponse {
  readonly outputs: NamedTensors;
  /** The version that answered, where the predictor says. */
  readonly version?: string;
  /** What the predictor's answer says of itself; none when absent. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
}

/** What every call to a predictor may carry. */
export interface CallOptions {
  /** Cancels the call; the call then rejects with the signal's reason where that is a ServiceError, else `cancelled`. */
  readonly signal?: AbortSignal;
  /** Sent along to a predictor on the network: request id, trace context, authorization. Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Told the headers (gRPC: initial metadata) of the predictor's answer; names in lower case. */
  readonly onResponseHeaders?: (headers: ReadonlyMap<string, string>) => void;
  /** The work that the call is part of, for traces. */
  readonly span?: Span;
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
  /** The versions that are served; none where the predictor has no versions. */
  readonly versions: readonly string[];
  /** What runs it, `onnxruntime_onnx`; '' when the predictor does not say. */
  readonly platform: string;
}

/** A model's newest version that its policy serves, by name; or a certain version of it, by digits. */
export type ModelReference = string | { readonly model: string; readonly version?: string };

/** A model in a predictor's repository; `''` stands for what there is nothing to say of. */
interface RepositoryEntry {
  readonly name: string;
  readonly version: string;
  /** READY, UNAVAILABLE, LOADING or UNLOADING. */
  readonly state: string;
  readonly reason: string;
}

/** Parameters of a load or unload, as on the wire. */
export type RepositoryParameters = Readonly<Record<string, ParameterValue | Uint8Array>>;

/** A model that is to be loaded or unloaded. */
interface RepositoryRequest {
  readonly model: string;
  readonly parameters?: RepositoryParameters;
}

/** Loads and unloads models on a predictor that lets itself be told to. */
export interface RepositoryCalls {
  index(request: { readonly ready?: boolean }, options?: CallOptions): Promise<readonly RepositoryEntry[]>;
  /** @param request.parameters `config` as JSON text, `file:<version>/<name>` as bytes or as base64 */
  load(request: RepositoryRequest, options?: CallOptions): Promise<void>;
  /** @param request.parameters `unload_dependents` */
  unload(request: RepositoryRequest, options?: CallOptions): Promise<void>;
}

/**
 * Bodies of KServe's V1 protocol, to a predictor that speaks it; both ways as they are. A body is JSON's value, or its
 * bytes as they came: those keep all digits of integers beyond 2^53. Errors are those of `infer`, and `invalid_argument`
 * for what is no JSON object.
 */
export interface V1Calls {
  /** `{"instances": …}` to `{"predictions": …}`. */
  predict(model: string, body: unknown, options?: CallOptions): Promise<unknown>;
  /** `{"instances": …}` to `{"explanations": …}`. */
  explain(model: string, body: unknown, options?: CallOptions): Promise<unknown>;
}

/** One message of a stream of inference. */
export type StreamedInferResponse = { readonly id: string } & (
  | { readonly response: InferResponse; readonly error?: undefined }
  | { readonly error: Error; readonly response?: undefined }
);

/**
 * Whatever runs models: Triton over HTTP or gRPC, a server of the V1 protocol, or the embedded runtime. All
 * implementations keep one contract (test/predictor/contract.ts runs over each).
 *
 * Errors of `infer` and `modelInfo`, as ServiceError:
 * - `unavailable`: the predictor cannot be reached, went away mid-call, is not ready or is overloaded;
 * - `upstream_error`: it answered with an error, or with something that is no valid answer;
 * - `deadline_exceeded`: the call's time limit passed; `cancelled`: the caller's signal was aborted.
 *
 * Moreover `invalid_argument` for a request that is wrong in itself, a parameter of it say; nothing was sent then.
 *
 * Where the predictor answered with an error, the ServiceError has its status and words in `upstream`.
 */
export interface Predictor {
  /** Where the predictor is, for logs: `grpc://host:8001`, `embedded`. Never shown to clients. */
  readonly address: string;
  infer(request: InferRequest, options?: CallOptions): Promise<InferResponse>;
  /**
   * Requests over one stream, to decoupled models too, each answered any number of times under its id; absent where the
   * predictor's protocol has no streams. Leaving the loop cancels it.
   */
  readonly inferStream?: (
    requests: AsyncIterable<InferRequest>,
    options?: CallOptions,
  ) => AsyncIterable<StreamedInferResponse>;
  /** Kept after the first answer, until a failed call shows that the predictor may have restarted. */
  modelInfo(model: ModelReference, options?: CallOptions): Promise<ModelInfo>;
  /** False when the predictor cannot be reached, does not know the model, or is still loading it. */
  isModelReady(model: ModelReference, options?: CallOptions): Promise<boolean>;
  /** False when the predictor cannot be reached or is not ready. */
  isServerReady(options?: CallOptions): Promise<boolean>;
  /** Absent where models cannot be loaded and unloaded. */
  readonly repository?: RepositoryCalls;
  /** Absent where the predictor does not speak V1. */
  readonly v1?: V1Calls;
  /** Ends every connection and thread; safe to call twice. */
  close(): Promise<void>;
}

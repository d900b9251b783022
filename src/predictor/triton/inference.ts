import type { ServiceError } from '../../errors.js';
import type { AnyTensor, Datatype } from '../../tensor.js';
import type { ParameterValue } from '../../oip/parameters.js';
import type { NamedTensors } from '../predictor.js';

export type { ParameterValue };

/** Where a tensor lies in a registered shared-memory region; bytes. */
export interface RegionSlice {
  readonly region: string;
  readonly offset: number;
  readonly byteSize: number;
}

/** A tensor whose bytes stand in a shared-memory region instead of in the message. */
export interface SharedTensor {
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly sharedMemory: RegionSlice;
}

/** What a request holds under an input's name. */
export type InferInput = AnyTensor | SharedTensor;

/** An output that is asked for by more than its name. */
export interface RequestedOutput {
  readonly name: string;
  /** Classification extension: the n highest values as BYTES `value:index[:label]` instead of the tensor; 1 or more. */
  readonly classification?: number;
  /** Has the server write the output there; the result names it in `sharedOutputs`. */
  readonly sharedMemory?: RegionSlice;
}

/** One request of several that belong together (Triton's sequence extension). */
export interface SequencePosition {
  /** An unsigned 64-bit number or a text of at most 128 bytes in UTF-8; 0 and '' mean no sequence and are refused. */
  readonly id: number | bigint | string;
  readonly start?: boolean;
  readonly end?: boolean;
}

/** One inference call, with everything that Triton's protocols can say. */
export interface TritonInferRequest {
  readonly model: string;
  /** Digits; Triton's version policy chooses when absent. */
  readonly version?: string;
  /** Given back with the answer. */
  readonly id?: string;
  readonly inputs: ReadonlyMap<string, InferInput> | Readonly<Record<string, InferInput>>;
  /** The outputs wanted, all of which the answer then holds; every output of the model when absent. */
  readonly outputs?: readonly (string | RequestedOutput)[];
  readonly sequence?: SequencePosition;
  /** 1 is the highest; 0 the model's default. */
  readonly priority?: number | bigint;
  /**
   * How long the request may wait in Triton's own queue, in milliseconds above 0 (on the wire `timeout`, in
   * microseconds). `'remaining'` is what is left of the call's deadline when it is sent. Only a model with dynamic
   * batching, a default timeout and `allow_timeout_override` heeds it, and only to shorten that default.
   */
  readonly queueTimeoutMs?: number | 'remaining';
  /**
   * Custom parameters of the model; the names that Triton reserves are refused, and so is a bigint beyond int64, which
   * Triton would round over HTTP and refuses over gRPC.
   */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
}

/** The answer of one inference call. */
export interface TritonInferResult {
  readonly model: string;
  readonly version: string;
  /** The request's, or '' when it had none. */
  readonly id: string;
  /** The outputs that came with the message, in the order asked for. */
  readonly outputs: NamedTensors;
  /** The outputs that the server wrote to shared memory instead. */
  readonly sharedOutputs: ReadonlyMap<string, SharedTensor>;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** One message of a stream: a result, or the error of one request, which does not end the stream. */
export type TritonStreamMessage = {
  /** The id of the request that it belongs to; '' when that had none. */
  readonly id: string;
  /** Whether it is the request's last message; that of a decoupled model may be a result without outputs. */
  readonly isFinal: boolean;
} & (
  | { readonly result: TritonInferResult; readonly error?: undefined }
  | { readonly error: ServiceError; readonly result?: undefined }
);

/** A call to a model of the generate extension. */
export interface GenerateRequest {
  readonly model: string;
  readonly version?: string;
  /** Values of the model's inputs and parameters by name, as JSON: `{ text_input: 'Hello', stream: false }`. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What a model of the generate extension answers: its outputs by name, and `model_name`, `model_version`. */
export type GenerateResult = Readonly<Record<string, unknown>>;

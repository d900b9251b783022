import type { MethodDefinition } from '@grpc/grpc-js';

/** An input or output on the wire; a dimension beyond 2^53 is a bigint. */
interface TensorMessage {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly (number | bigint)[];
}

/** Values as lists, from servers that do not answer with raw contents. */
export type ContentsMessage = Readonly<Record<string, readonly unknown[]>>;

/** A parameter; one of its fields is there. 64-bit numbers are digits when received. */
export interface ParameterMessage {
  readonly bool_param?: boolean;
  readonly int64_param?: number | string;
  readonly string_param?: string;
  readonly double_param?: number;
  readonly uint64_param?: string;
}

/** Parameters by name. */
export type ParameterMessages = Readonly<Record<string, ParameterMessage>>;

/** What ModelInfer takes. */
export interface InferRequestMessage {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: ParameterMessages;
  readonly inputs: readonly (TensorMessage & { readonly parameters: ParameterMessages })[];
  readonly outputs: readonly { readonly name: string; readonly parameters: ParameterMessages }[];
  readonly raw_input_contents: readonly Uint8Array[];
}

/** What ModelInfer answers. */
export interface InferResponseMessage {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: ParameterMessages;
  readonly outputs: readonly (TensorMessage & {
    readonly parameters: ParameterMessages;
    readonly contents: ContentsMessage | null;
  })[];
  readonly raw_output_contents: readonly Uint8Array[];
}

/** What ModelStreamInfer answers: one of the two, or an answer without outputs. */
export interface StreamResponseMessage {
  readonly error_message: string;
  readonly infer_response: InferResponseMessage | null;
}

/** An rpc with one answer. */
export interface UnaryMethod<Request, Response> extends Pick<
  MethodDefinition<Request, Response>,
  'path' | 'requestSerialize' | 'responseDeserialize'
> {
  /** The message in pieces, which are sent one behind the other: where that saves a copy. */
  readonly piecesOfRequest?: (request: Request) => readonly Uint8Array[];
}

/** The rpcs that run models. */
export interface InferenceRpcs {
  readonly ModelInfer: UnaryMethod<InferRequestMessage, InferResponseMessage>;
  readonly ModelStreamInfer: MethodDefinition<InferRequestMessage, StreamResponseMessage>;
}

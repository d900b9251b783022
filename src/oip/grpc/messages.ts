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

/** An input or output on the wire; a dimension beyond 2^53 is a bigint. */
export interface TensorMessage {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly (number | bigint)[];
  readonly parameters: ParameterMessages;
}

/** A tensor's values as lists, by the names of InferTensorContents. 64-bit integers are digits when received. */
export type ContentsMessage = Readonly<Record<string, readonly unknown[]>>;

/** A tensor whose values may stand with it; null where they stand in the message's raw contents. */
export interface TensorWithContents extends TensorMessage {
  readonly contents: ContentsMessage | null;
}

/** What both messages of a call begin with. */
export interface InferMessageHead {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly parameters: ParameterMessages;
}

/** What ModelInfer takes. */
export interface InferRequestMessage extends InferMessageHead {
  readonly inputs: readonly TensorMessage[];
  readonly outputs: readonly { readonly name: string; readonly parameters: ParameterMessages }[];
  readonly raw_input_contents: readonly Uint8Array[];
}

/** The same as it is received. */
export interface ReceivedInferRequest extends InferRequestMessage {
  readonly inputs: readonly TensorWithContents[];
}

/** What ModelInfer answers. */
export interface InferResponseMessage extends InferMessageHead {
  readonly outputs: readonly TensorWithContents[];
  readonly raw_output_contents: readonly Uint8Array[];
}

/** What ModelStreamInfer answers: one of the two, or an answer without outputs. */
export interface StreamResponseMessage {
  readonly error_message: string;
  readonly infer_response: InferResponseMessage | null;
}

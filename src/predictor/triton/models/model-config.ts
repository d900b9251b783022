/** An input of a model's configuration. */
export interface ModelConfigInput {
  readonly name: string;
  /** TYPE_FP32, TYPE_STRING, … */
  readonly data_type: string;
  /** FORMAT_NONE, FORMAT_NHWC or FORMAT_NCHW. */
  readonly format?: string;
  /** Without the batch dimension; -1 is of any size. */
  readonly dims: readonly number[];
  readonly reshape?: { readonly shape: readonly number[] } | null;
  readonly optional?: boolean;
  readonly allow_ragged_batch?: boolean;
  readonly is_shape_tensor?: boolean;
}

/** An output of a model's configuration. */
export interface ModelConfigOutput {
  readonly name: string;
  readonly data_type: string;
  readonly dims: readonly number[];
  readonly reshape?: { readonly shape: readonly number[] } | null;
  /** A file in the model's folder with one label per line, for the classification extension. */
  readonly label_filename?: string;
  readonly is_shape_tensor?: boolean;
}

/** A message with further fields besides those that are named. */
type OpenMessage<Named> = Named & Readonly<Record<string, unknown>>;

/**
 * A model's configuration: model_config.proto as JSON, by the names of the proto, with enums by name and 64-bit numbers
 * as numbers. Only the fields that a client reads are named here; the others are there by their name.
 */
export interface ModelConfig {
  readonly name?: string;
  readonly platform?: string;
  readonly backend?: string;
  /** 0 when the model does not batch. */
  readonly max_batch_size?: number;
  readonly input?: readonly ModelConfigInput[];
  readonly output?: readonly ModelConfigOutput[];
  readonly dynamic_batching?: OpenMessage<{ readonly preferred_batch_size?: readonly number[] }> | null;
  readonly sequence_batching?: OpenMessage<{ readonly iterative_sequence?: boolean }> | null;
  readonly model_transaction_policy?: OpenMessage<{ readonly decoupled?: boolean }> | null;
  readonly [field: string]: unknown;
}

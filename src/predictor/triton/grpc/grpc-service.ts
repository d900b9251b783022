import { fileURLToPath } from 'node:url';
import type { MethodDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** The same place for the sources and for what is built from them. */
const PROTO = new URL('../../../../protos/grpc_service.proto', import.meta.url);

/** An input or output on the wire; int64 as digits when received. */
interface TensorMessage {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly (number | string)[];
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

/** What ModelMetadata answers, as far as it is used here. */
export interface MetadataMessage {
  readonly name: string;
  readonly inputs: readonly TensorMessage[];
  readonly outputs: readonly TensorMessage[];
}

/** What ModelConfig answers, as far as it is used here. */
interface ConfigMessage {
  readonly config: { readonly max_batch_size: number } | null;
}

/** The rpcs that a predictor is made of. */
export interface InferenceService {
  readonly ServerReady: MethodDefinition<object, { readonly ready: boolean }>;
  readonly ModelReady: MethodDefinition<{ name: string }, { readonly ready: boolean }>;
  readonly ModelMetadata: MethodDefinition<{ name: string }, MetadataMessage>;
  readonly ModelConfig: MethodDefinition<{ name: string }, ConfigMessage>;
  readonly ModelInfer: MethodDefinition<InferRequestMessage, InferResponseMessage>;
}

/** Loads `inference.GRPCInferenceService`; takes some 50 ms, so once per predictor. */
export function loadInferenceService(): InferenceService {
  const definition = loadSync(fileURLToPath(PROTO), { keepCase: true, longs: String, defaults: true });
  // The loader knows messages as objects only; the interfaces above repeat the proto.
  return definition['inference.GRPCInferenceService'] as unknown as InferenceService;
}

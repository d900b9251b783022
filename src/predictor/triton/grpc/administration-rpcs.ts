import type { MethodDefinition } from '@grpc/grpc-js';

/** A model; an empty version leaves the choice to the server, an empty name means all where that is allowed. */
interface ModelMessage {
  readonly name: string;
  readonly version?: string;
}

interface TensorMetadataMessage {
  readonly name: string;
  readonly datatype: string;
  /** int64 as digits. */
  readonly shape: readonly string[];
}

/** What ModelMetadata answers, as far as the types go: metadata-answers.ts reads it. */
interface MetadataMessage {
  readonly name: string;
  readonly inputs: readonly TensorMetadataMessage[];
  readonly outputs: readonly TensorMetadataMessage[];
}

/** What ModelConfig answers, as far as the types go: config-answer.ts reads it. */
export interface ConfigMessage {
  readonly max_batch_size: number;
  readonly dynamic_batching?: { readonly priority_queue_policy: Readonly<Record<string, unknown>> } | null;
}

/** A value that steers loading or unloading. */
export type RepositoryParameterMessage =
  { readonly string_param: string } | { readonly bytes_param: Uint8Array } | { readonly bool_param: boolean };

interface RepositoryMessage {
  readonly repository_name: string;
  readonly model_name: string;
  readonly parameters: Readonly<Record<string, RepositoryParameterMessage>>;
}

/** A list of texts; an empty one takes the setting back. */
interface TraceSettingMessage {
  readonly value: readonly string[];
}

/** A log setting; one of its fields is there. */
export interface LogSettingMessage {
  readonly bool_param?: boolean;
  readonly uint32_param?: number;
  readonly string_param?: string;
}

/** Settings by name, as they are sent and as they are answered. */
interface SettingsMessage<Setting> {
  readonly settings: Readonly<Record<string, Setting>>;
}

/** The name of a region; '' for all. */
interface RegionMessage {
  readonly name: string;
}

/** Regions by name. */
interface RegionsMessage {
  readonly regions: Readonly<Record<string, unknown>>;
}

/**
 * The rpcs of `inference.GRPCInferenceService` besides inference. What a schema reads (parse-answer.ts) is unknown here.
 */
export interface AdministrationRpcs {
  readonly ServerLive: MethodDefinition<object, { readonly live: boolean }>;
  readonly ServerReady: MethodDefinition<object, { readonly ready: boolean }>;
  readonly ModelReady: MethodDefinition<ModelMessage, { readonly ready: boolean }>;
  readonly ServerMetadata: MethodDefinition<object, unknown>;
  readonly ModelMetadata: MethodDefinition<ModelMessage, MetadataMessage>;
  readonly ModelConfig: MethodDefinition<ModelMessage, { readonly config: ConfigMessage | null }>;
  readonly ModelStatistics: MethodDefinition<ModelMessage, unknown>;
  readonly RepositoryIndex: MethodDefinition<
    { readonly repository_name: string; readonly ready: boolean },
    { readonly models: unknown }
  >;
  readonly RepositoryModelLoad: MethodDefinition<RepositoryMessage, object>;
  readonly RepositoryModelUnload: MethodDefinition<RepositoryMessage, object>;
  readonly TraceSetting: MethodDefinition<
    SettingsMessage<TraceSettingMessage> & { readonly model_name: string },
    SettingsMessage<TraceSettingMessage>
  >;
  readonly LogSettings: MethodDefinition<SettingsMessage<LogSettingMessage>, SettingsMessage<LogSettingMessage>>;
  readonly SystemSharedMemoryStatus: MethodDefinition<RegionMessage, RegionsMessage>;
  readonly SystemSharedMemoryRegister: MethodDefinition<
    RegionMessage & { readonly key: string; readonly offset: number; readonly byte_size: number },
    object
  >;
  readonly SystemSharedMemoryUnregister: MethodDefinition<RegionMessage, object>;
  readonly CudaSharedMemoryStatus: MethodDefinition<RegionMessage, RegionsMessage>;
  readonly CudaSharedMemoryRegister: MethodDefinition<
    RegionMessage & { readonly raw_handle: Uint8Array; readonly device_id: number; readonly byte_size: number },
    object
  >;
  readonly CudaSharedMemoryUnregister: MethodDefinition<RegionMessage, object>;
}

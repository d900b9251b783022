import type { ModelReference } from '../predictor.js';
import type { ModelConfig } from './models/model-config.js';

export type { ModelReference };

/** What a server says of itself. */
export interface ServerMetadata {
  readonly name: string;
  readonly version: string;
  /** The extensions of the protocol that it has: `binary_tensor_data`, `system_shared_memory`, … */
  readonly extensions: readonly string[];
}

/** A model's metadata as the Open Inference Protocol has them. */
export interface ModelMetadata {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly MetadataTensor[];
  readonly outputs: readonly MetadataTensor[];
}

/** An input or output; a dimension of -1 is of any size, the batch dimension included where there is one. */
export interface MetadataTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** A model in a server's repository. */
export interface ModelIndexEntry {
  readonly name: string;
  /** '' when no version is loaded. */
  readonly version: string;
  /** READY, UNAVAILABLE, LOADING or UNLOADING; '' before the model was first loaded. */
  readonly state: string;
  /** Why it is in that state; '' when there is nothing to say. */
  readonly reason: string;
}

/** Which models of the repository are asked for. */
export interface RepositoryIndexRequest {
  /** Whether only models that are ready are listed; false by default. */
  readonly ready?: boolean;
  /** One of several repositories; all when absent. */
  readonly repository?: string;
}

/** A model to be loaded or loaded again. */
export interface LoadModelRequest {
  readonly model: string;
  readonly repository?: string;
  /**
   * A configuration that stands in for the repository's config.pbtxt, until the model is unloaded: a load without one
   * does not take it back.
   */
  readonly config?: ModelConfig;
  /** Files that stand in for the repository's, by their path `<version>/<file name>`; only together with `config`. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** A model to be unloaded. */
export interface UnloadModelRequest {
  readonly model: string;
  readonly repository?: string;
  /** Whether the models that an ensemble is made of are unloaded with it; false by default. */
  readonly unloadDependents?: boolean;
}

/** How often something happened, and how long it took in all; exact up to 2^53. */
export interface StatisticDuration {
  readonly count: number;
  /** Nanoseconds. */
  readonly ns: number;
}

/** What a model has done since it was loaded (Triton's statistics extension). */
export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  /** When the last inference was, in milliseconds since 1970; 0 for never. */
  readonly lastInference: number;
  /** Inferences, each element of a batch counted; cache hits left out. */
  readonly inferenceCount: number;
  /** Executions of the model; a batch is one. */
  readonly executionCount: number;
  readonly inferenceStats: Readonly<
    Record<
      'success' | 'fail' | 'queue' | 'computeInput' | 'computeInfer' | 'computeOutput' | 'cacheHit' | 'cacheMiss',
      StatisticDuration
    >
  >;
  /** Of decoupled models, by the responses' index in their request. */
  readonly responseStats: Readonly<Record<string, ResponseStatistics>>;
  readonly batchStats: readonly BatchStatistics[];
  readonly memoryUsage: readonly { readonly type: string; readonly id: number; readonly byteSize: number }[];
}

/** The responses of one index in their request. */
export type ResponseStatistics = Readonly<
  Record<'computeInfer' | 'computeOutput' | 'success' | 'fail' | 'emptyResponse' | 'cancel', StatisticDuration>
>;

/** The executions of one batch size. */
export interface BatchStatistics {
  readonly batchSize: number;
  readonly computeInput: StatisticDuration;
  readonly computeInfer: StatisticDuration;
  readonly computeOutput: StatisticDuration;
}

/** Trace settings by name (`trace_level`, `trace_rate`, `trace_count`, `log_frequency`, …), each a list of texts. */
export type TraceSettings = Readonly<Record<string, readonly string[]>>;

/** Changes of trace settings; null takes a setting back to the server's, or to its default. */
export interface UpdateTraceSettingsRequest {
  /** The model that they are for; all models without settings of their own when absent. */
  readonly model?: string;
  readonly settings: Readonly<Record<string, string | readonly string[] | null>>;
}

/** Log settings by name: `log_info`, `log_warning`, `log_error`, `log_verbose_level`, `log_format`, `log_file`. */
export type LogSettings = Readonly<Record<string, string | number | boolean>>;

/** A region of system shared memory; sizes in bytes. */
export interface SystemRegion {
  readonly name: string;
  /**
   * The name of the shared-memory object, as of shm_open: `/faces`. Triton (2.51) refuses a second region of an object of
   * which one is registered.
   */
  readonly key: string;
  /** Where in the object the region begins; 0 by default, else a multiple of the server's page size (4096), for mmap. */
  readonly offset?: number;
  readonly byteSize: number;
}

/** A region of a GPU's memory to be registered. */
export interface CudaRegion {
  readonly name: string;
  /** The 64 bytes of a cudaIpcMemHandle_t. */
  readonly rawHandle: Uint8Array;
  readonly deviceId: number;
  readonly byteSize: number;
}

/**
 * What can be asked of a Triton server besides inference. `Rest` is what each call takes behind its own arguments.
 *
 * Errors, as ServiceError, are those of Predictor; `upstream` tells what the server said.
 */
export interface TritonAdministration<Rest extends readonly unknown[]> {
  /** Whether the server runs; false also where it answers that it does not. */
  isServerLive(...rest: Rest): Promise<boolean>;
  /** Whether the server and its models can answer; false also where it answers that they cannot. */
  isServerReady(...rest: Rest): Promise<boolean>;
  /** Whether a model can answer; false also for one that the server does not know. */
  isModelReady(model: ModelReference, ...rest: Rest): Promise<boolean>;
  /** The server's name, version and extensions. */
  serverMetadata(...rest: Rest): Promise<ServerMetadata>;
  /** A model's inputs and outputs as the Open Inference Protocol has them. */
  modelMetadata(model: ModelReference, ...rest: Rest): Promise<ModelMetadata>;
  /** A model's configuration, in the form of model_config.proto as JSON, which is the same over both protocols. */
  modelConfig(model: ModelReference, ...rest: Rest): Promise<ModelConfig>;
  /** The models of the repository, loaded or not. */
  repositoryIndex(request?: RepositoryIndexRequest, ...rest: Rest): Promise<readonly ModelIndexEntry[]>;
  /** Loads a model, or loads it again; needs a server with `--model-control-mode=explicit`. */
  loadModel(request: LoadModelRequest, ...rest: Rest): Promise<void>;
  /** Unloads a model; needs a server with `--model-control-mode=explicit`. Requests under way are answered first. */
  unloadModel(request: UnloadModelRequest, ...rest: Rest): Promise<void>;
  /** What one model, or every one, has done since it was loaded. */
  statistics(model?: ModelReference, ...rest: Rest): Promise<readonly ModelStatistics[]>;
  /** The trace settings of one model, or the server's own. */
  traceSettings(model?: string, ...rest: Rest): Promise<TraceSettings>;
  /** Changes trace settings, and gives them as they are then. */
  updateTraceSettings(request: UpdateTraceSettingsRequest, ...rest: Rest): Promise<TraceSettings>;
  /** The server's log settings. */
  logSettings(...rest: Rest): Promise<LogSettings>;
  /** Changes log settings, and gives them as they are then. */
  updateLogSettings(settings: LogSettings, ...rest: Rest): Promise<LogSettings>;
  /** The registered region of that name, or all. */
  systemSharedMemory(name?: string, ...rest: Rest): Promise<readonly Required<SystemRegion>[]>;
  /** Has the server map a region of shared memory; withSharedMemory does this by itself. */
  registerSystemSharedMemory(region: SystemRegion, ...rest: Rest): Promise<void>;
  /** Lets go of the region of that name, or of all. */
  unregisterSystemSharedMemory(name?: string, ...rest: Rest): Promise<void>;
  /** The registered region of that name, or all. */
  cudaSharedMemory(name?: string, ...rest: Rest): Promise<readonly Omit<CudaRegion, 'rawHandle'>[]>;
  /** Has the server map a region of a GPU's memory. */
  registerCudaSharedMemory(region: CudaRegion, ...rest: Rest): Promise<void>;
  /** Lets go of the region of that name, or of all. */
  unregisterCudaSharedMemory(name?: string, ...rest: Rest): Promise<void>;
}

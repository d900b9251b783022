/** Where Triton is installed and what it needs in its environment; from environment.mjs. */
export interface TritonRuntime {
  readonly key: string;
  readonly binary: string;
  readonly backends: string;
  /** To stand first in PATH, so that the backend finds the Python that has onnxruntime. */
  readonly programs: string;
  /** For LD_LIBRARY_PATH. */
  readonly libraries: string;
  /** Why models of TorchScript cannot be run; absent where they can. */
  readonly withoutTorch?: string | undefined;
}

/** A Triton that runs. */
export interface Triton {
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly pid: number;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

export function startTriton(options: {
  readonly runtime: TritonRuntime;
  readonly repository: string;
  readonly log: string;
  readonly httpPort?: number;
  readonly grpcPort?: number;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}): Promise<Triton>;

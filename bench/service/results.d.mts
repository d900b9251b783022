/** What the benchmark finds; docs/benchmarks.json holds it. */
import type { Load } from './load.mjs';

/** Of one run. CPU times are milliseconds for each call; undefined without any. */
export interface Figures extends Load {
  readonly serverCpuMsPerCall: number | undefined;
  /** 0 where the server is Triton. */
  readonly tritonCpuMsPerCall: number | undefined;
  readonly generatorCpuMsPerCall: number | undefined;
  /** All three together. */
  readonly machineCpuMsPerCall: number | undefined;
  /** Processors that were busy with anything else. */
  readonly othersCores: number;
  /** Of the server and all its processes, after the load. */
  readonly rssMiB: number;
  readonly pssMiB: number;
}

export interface Run extends Figures {
  readonly server: string;
  /** Kind of body. */
  readonly kind: string;
  readonly body: string;
  readonly clients: number;
  readonly round: number;
}

export interface Floor {
  readonly way: string;
  readonly clients: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

export interface Results {
  readonly facts: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly system: string;
    readonly node: string;
    readonly python: string;
    readonly date: string;
    /** Whether the peers other than KServe and Triton ran, too. */
    readonly all: boolean;
    readonly seconds: number;
    readonly rounds: number;
  };
  readonly floors: {
    readonly triton: readonly Floor[];
    /** CPU milliseconds a picture. */
    readonly decode: Readonly<Record<string, { readonly exact: number; readonly fast: number }>>;
  };
  /** Milliseconds from the start, each start on its own. */
  readonly starts: Readonly<
    Record<string, readonly { readonly readyMs: number | undefined; readonly answeredMs: number }[]>
  >;
  /** Classes by body, and server and kind of body. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly runs: readonly Run[];
}

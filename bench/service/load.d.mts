/** What came of the load on a server. Times are milliseconds; those of nothing are undefined. */
export interface Load {
  /** Answered 200. */
  readonly calls: number;
  /** Answered otherwise, or not at all. */
  readonly errors: number;
  /** Status (0 without an answer) and the beginning of the body, or what went wrong. */
  readonly firstError?: string;
  readonly elapsedMs: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly healthP50Ms: number | undefined;
  readonly healthP99Ms: number | undefined;
  readonly healthFailures: number;
}

export function runLoad(job: {
  readonly port: number;
  readonly request: Uint8Array;
  readonly clients: number;
  readonly seconds: number;
  readonly healthPath?: string;
}): Promise<Load>;
export function requestHead(method: string, path: string, headers: Readonly<Record<string, string | number>>): Buffer;

export interface SourcePackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

export function fetchTarball(options: {
  source: SourcePackage;
  cache: string;
  project: string;
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
}): Promise<Buffer>;

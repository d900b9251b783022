export function derivePythonRepository(folders: {
  readonly from: readonly string[];
  readonly to: string;
}): Promise<string[]>;
export function withPythonBackend(config: string): string;

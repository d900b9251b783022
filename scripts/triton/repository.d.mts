export function derivePythonRepository(folders: {
  readonly from: readonly string[];
  readonly to: string;
  readonly withoutTorch?: boolean;
}): Promise<string[]>;
export function withPythonBackend(config: string): string;

export class SetupError extends Error {}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;
}

export function setUp(
  log: (line: string) => void,
  options?: { models?: readonly string[] | undefined; fetched?: readonly string[] },
): Promise<void>;
export function assertNode(version?: string): void;
export function isInstalled(lock: Lock, installed: Lock | undefined): boolean;

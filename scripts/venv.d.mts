/** What the tests need of Python cannot be had here; the message says why. */
export class PythonUnavailable extends Error {}

export function ensureVenv<Facts extends object>(options: {
  readonly name: string;
  readonly what: string;
  readonly requirements: string;
  readonly log: (line: string) => void;
  readonly resolves?: boolean;
  readonly finish?: (venv: {
    readonly python: string;
    readonly version: string;
    readonly packages: string;
    readonly library: string;
  }) => Promise<Facts>;
}): Promise<{ readonly key: string; readonly programs: string } & Facts>;

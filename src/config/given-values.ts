/** A value as given, and where it came from: `--http_port`, `environment variable HTTP_PORT`. */
interface GivenValue {
  readonly value: unknown;
  readonly origin: string;
}

/** Values as given, by option name. */
export type GivenValues = ReadonlyMap<string, GivenValue>;

/** What one source gave. */
export interface SourceReading {
  readonly values: GivenValues;
  /** Things that are passed over, and why; not fatal. */
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

/** Where the value of an option came from, for messages. */
export function originOf(given: GivenValues, name: string): string {
  return given.get(name)?.origin ?? `--${name}`;
}

/** Names may be written with hyphens. */
export function toOptionName(written: string): string {
  return written.replaceAll('-', '_');
}

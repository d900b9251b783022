import { type SourceReading, toOptionName } from './given-values.js';
import { passedOver } from './kserve-flags.js';

/** The options that a source may give. */
export interface KnownOptions {
  readonly names: ReadonlySet<string>;
  /** Those whose value may be left out on the command line. */
  readonly flags: ReadonlySet<string>;
}

const FLAG = /^--(?<name>[^=]+)(?:=(?<value>.*))?$/s;

/**
 * Reads the command line: `--flag value` and `--flag=value`, underscores or hyphens, the last one of a name counts. What
 * begins with `--` is never a value. Unknown flags are passed over with a warning, their values in silence, since KServe's
 * controller appends flags of its SDK (`--workers 4`), and images add their own.
 */
export function readFlags(argv: readonly string[], known: KnownOptions): SourceReading {
  const values = new Map<string, { value: unknown; origin: string }>();
  const warnings: string[] = [];
  const problems: string[] = [];
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const { name: written, value: inline } = FLAG.exec(argument)?.groups ?? {};
    if (written === undefined) {
      warnings.push(`argument "${argument}" is passed over: it belongs to no flag`);
      continue;
    }
    const name = toOptionName(written);
    const origin = `--${name}`;
    const value = inline ?? (rest[0]?.startsWith('--') === false ? rest.shift() : undefined);
    if (!known.names.has(name)) warnings.push(passedOver(`flag ${origin}`, name));
    else if (value !== undefined) values.set(name, { value, origin });
    else if (known.flags.has(name)) values.set(name, { value: true, origin });
    else problems.push(`${origin} expects a value`);
  }
  return { values, warnings, problems };
}

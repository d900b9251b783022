import { parseArgs } from 'node:util';
import { parse as parseYaml } from 'yaml';

/** Values as given, by option name, each with where it came from: `--http_port`, `environment variable HTTP_PORT`. */
export type GivenValues = ReadonlyMap<string, { readonly value: unknown; readonly origin: string }>;

/** What one source gave. */
export interface SourceReading {
  readonly values: GivenValues;
  /** Things that are passed over, and why; not fatal. */
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Reads the command line: `--flag value` and `--flag=value`, underscores or hyphens. Unknown flags are passed over with
 * a warning, since KServe's controller appends flags of its SDK (`--workers 4`), and images add their own.
 */
export function readFlags(argv: readonly string[], names: readonly string[]): SourceReading {
  const args = argv.map((argument) =>
    argument.replace(/^--[^=]+/, (flag) => `--${flag.slice(2).replaceAll('-', '_')}`),
  );
  const { tokens } = parseArgs({
    args,
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, { value: unknown; origin: string }>();
  const warnings: string[] = [];
  const problems: string[] = [];
  let isAfterUnknownFlag = false;
  for (const token of tokens) {
    if (token.kind === 'option' && names.includes(token.name)) {
      if (token.value === undefined) problems.push(`${token.rawName} expects a value`);
      else values.set(token.name, { value: token.value, origin: token.rawName });
    } else if (token.kind === 'option') {
      warnings.push(`unknown flag ${token.rawName} is passed over`);
    } else if (token.kind === 'positional' && !isAfterUnknownFlag) {
      warnings.push(`argument "${token.value}" is passed over: it belongs to no flag`);
    }
    isAfterUnknownFlag = token.kind === 'option' && !names.includes(token.name) && token.value === undefined;
  }
  return { values, warnings, problems };
}

/** The names of Python's logging, which KSERVE_LOGLEVEL takes, and our levels for them. */
const PYTHON_LOG_LEVELS: Readonly<Record<string, string>> = {
  CRITICAL: 'fatal',
  FATAL: 'fatal',
  ERROR: 'error',
  WARNING: 'warn',
  WARN: 'warn',
  INFO: 'info',
  DEBUG: 'debug',
  NOTSET: 'trace',
};

/**
 * Reads the environment: each option's name in capitals. Empty variables count as unset. Kubernetes sets variables like
 * `HTTP_PORT=tcp://10.0.0.1:80` for a Service called `http`; those are passed over with a warning.
 * KServe's own KSERVE_LOGLEVEL counts where LOG_LEVEL is not set.
 */
export function readEnvironment(env: NodeJS.ProcessEnv, names: readonly string[]): SourceReading {
  const values = new Map<string, { value: unknown; origin: string }>();
  const warnings: string[] = [];
  for (const name of names) {
    const variable = name.toUpperCase();
    const value = env[variable];
    if (value === undefined || value === '') continue;
    const origin = `environment variable ${variable}`;
    if (variable.endsWith('_PORT') && value.startsWith('tcp://'))
      warnings.push(`${origin} is passed over: "${value}" is Kubernetes' address of a Service, not a port`);
    else values.set(name, { value, origin });
  }
  const kserveLevel = env['KSERVE_LOGLEVEL'] ?? '';
  const level = PYTHON_LOG_LEVELS[kserveLevel.toUpperCase()];
  if (kserveLevel !== '' && level === undefined)
    warnings.push(
      `environment variable KSERVE_LOGLEVEL is passed over: "${kserveLevel}" is no level of Python's logging`,
    );
  if (level !== undefined && !values.has('log_level'))
    values.set('log_level', { value: level, origin: 'environment variable KSERVE_LOGLEVEL' });
  return { values, warnings, problems: [] };
}

/** Reads the configuration file: YAML (or JSON), one key per option. Unknown keys are passed over with a warning. */
export function readConfigFile(content: string, names: readonly string[]): SourceReading {
  let document: unknown;
  try {
    document = parseYaml(content);
  } catch (error) {
    return { values: new Map(), warnings: [], problems: [`the configuration file is not YAML: ${firstLine(error)}`] };
  }
  if (document === null || document === undefined) return { values: new Map(), warnings: [], problems: [] };
  if (typeof document !== 'object' || Array.isArray(document))
    return { values: new Map(), warnings: [], problems: ['the configuration file does not hold keys and values'] };
  const known = new Set(names);
  const given = Object.entries(document).map(([key, value]) => [key.replaceAll('-', '_'), value] as const);
  return {
    values: new Map(
      given
        .filter(([key, value]) => known.has(key) && value !== null)
        .map(([key, value]) => [key, { value: value as unknown, origin: `key ${key} of the configuration file` }]),
    ),
    warnings: given
      .filter(([key]) => !known.has(key))
      .map(([key]) => `unknown key ${key} of the configuration file is passed over`),
    problems: [],
  };
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}

import { type Config, completeConfig, contradictions } from './complete-config.js';
import { isFlag, optionsOf } from './fields.js';
import type { GivenValues } from './given-values.js';
import { loadModels, type ModelConfig, type TransformerOptions } from './model-config.js';
import { modelOptions, processOptions } from './option-groups.js';
import { parseOptions } from './parse-options.js';
import { type FileReading, readConfigFile } from './read-config-file.js';
import { readEnvironment } from './read-environment.js';
import { readFlags } from './read-flags.js';

export type { Config } from './complete-config.js';
export type { ModelConfig, PredictorConfig } from './model-config.js';

/** What came of reading the configuration. `problems` is empty exactly when `config` is there. */
export interface LoadedConfig {
  readonly config?: Config;
  /** The models to serve, one at least; none when there are problems. */
  readonly models: readonly ModelConfig[];
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

/** Where a configuration is read from. */
export interface ConfigSources {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Reads the file that `--config` names; throws when it cannot. */
  readonly readFile: (path: string) => string;
  /** The options of each transformer there is. */
  readonly transformers: TransformerOptions;
}

/**
 * Reads flags, environment and configuration file, in this order of precedence, and reports all problems at once.
 * Never throws for what a user gave.
 */
export function loadConfig({ argv, env, readFile, transformers }: ConfigSources): LoadedConfig {
  const schemas = [modelOptions, processOptions, ...Object.values(transformers)];
  const options = schemas.flatMap(optionsOf);
  const names = new Set(['config', ...options.map(([name]) => name)]);
  const flags = readFlags(argv, {
    names,
    flags: new Set(options.filter(([, option]) => isFlag(option)).map(([name]) => name)),
  });
  const environment = readEnvironment(env, names);
  const path = flags.values.get('config') ?? environment.values.get('config');
  const file = path === undefined ? NO_FILE : readNamedFile(String(path.value), readFile, names);

  const given: GivenValues = new Map([...file.values, ...environment.values, ...flags.values]);
  const ofProcess = parseOptions(processOptions, given);
  const loaded = loadModels(file.models, given, transformers);
  const warnings = [flags, environment, file, loaded].flatMap((part) => part.warnings);
  // What is given for all models is also checked by each of them, and told once.
  const problems = new Set([
    ...[flags, file, ofProcess].flatMap((part) => part.problems),
    ...[modelOptions, ...Object.values(transformers)].flatMap((schema) => parseOptions(schema, given).problems),
    ...loaded.problems,
    ...(ofProcess.values === undefined ? [] : contradictions(ofProcess.values, given)),
  ]);
  if (ofProcess.values === undefined || problems.size > 0) return { models: [], warnings, problems: [...problems] };
  const config = completeConfig(ofProcess.values, given);
  return { config, models: Object.freeze(loaded.models), warnings, problems: [] };
}

const NO_FILE: FileReading = { values: new Map(), warnings: [], problems: [] };

function readNamedFile(path: string, readFile: ConfigSources['readFile'], names: ReadonlySet<string>): FileReading {
  try {
    return readConfigFile(readFile(path), names);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...NO_FILE, problems: [`--config: the file cannot be read: ${reason}`] };
  }
}

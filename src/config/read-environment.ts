import type { SourceReading } from './given-values.js';

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
export function readEnvironment(env: NodeJS.ProcessEnv, names: Iterable<string>): SourceReading {
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

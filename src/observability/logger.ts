import { type LevelWithSilent, type Logger, pino } from 'pino';

export type { Logger };

/**
 * Makes the process's logger: one JSON object per line on standard error, as KServe's SDK logs there too.
 * Levels are names, times are ISO 8601.
 * @param options.level pino's name of the least severe level that is logged, or `silent`
 */
export function createLogger(options: { level: LevelWithSilent }): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination(2),
  );
}

import { type Logger, pino } from 'pino';

export type { Logger };

/** The levels a log can be set to, most talkative first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/**
 * Makes the process's logger: one JSON object per line on standard error, as KServe's SDK logs there too.
 * Levels are names, times are ISO 8601.
 */
export function createLogger(options: { level: (typeof LOG_LEVELS)[number] }): Logger {
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

import { type LevelWithSilent, type Logger, pino } from 'pino';
import { createLogDestination } from './log-destination.js';

export type { Logger };

/** Some minutes of a busy service's lines. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

/**
 * Makes the process's logger: one JSON object per line on standard error, as KServe's SDK logs there too.
 * Levels are names, times are ISO 8601. A slow reader of the log does not hold the service up, and the last lines are
 * written when the process ends.
 * @param options.level pino's name of the least severe level that is logged, or `silent`
 */
export function createLogger(options: { level: LevelWithSilent }): Logger {
  // Looking at it makes Node.js set a pipe or socket to non-blocking.
  const { fd } = process.stderr;
  const destination = createLogDestination({ fd, maxHeldBytes: MAX_HELD_BYTES, droppedLine });
  process.once('exit', () => destination.flushSync());
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

function droppedLine(count: number): string {
  const line = {
    level: 'warn',
    time: new Date().toISOString(),
    lines: count,
    msg: 'log lines were dropped: nobody read them',
  };
  return `${JSON.stringify(line)}\n`;
}

/** A line as a logger was given it. */
interface LogLine {
  readonly level: 'info' | 'warn';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps what it is given. */
export interface KeptLog {
  info(fields: unknown, message?: string): void;
  warn(fields: unknown, message?: string): void;
  readonly lines: readonly LogLine[];
  /** Waits for the next line that holds these words. */
  line(words: string): Promise<LogLine>;
}

/** Makes a logger that keeps its lines and can be waited for. */
export function keepLog(): KeptLog {
  const lines: LogLine[] = [];
  let waiting: { readonly words: string; readonly resolve: (line: LogLine) => void }[] = [];
  const take = (level: LogLine['level']) => (given: unknown, words?: string) => {
    const message = typeof given === 'string' ? given : (words ?? '');
    const fields = typeof given === 'string' ? {} : (given as LogLine['fields']);
    const line = { level, fields, message };
    lines.push(line);
    waiting.filter((one) => message.includes(one.words)).forEach(({ resolve }) => resolve(line));
    waiting = waiting.filter((one) => !message.includes(one.words));
  };
  return {
    info: take('info'),
    warn: take('warn'),
    lines,
    line: (words) => new Promise((resolve) => waiting.push({ words, resolve })),
  };
}

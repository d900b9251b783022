/** A line that was logged. */
interface LoggedLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps its lines. */
export function recordingLog() {
  const lines: LoggedLine[] = [];
  const at =
    (level: string) =>
    (fields: unknown, message = '') => {
      if (typeof fields === 'string') lines.push({ level, fields: {}, message: fields });
      else lines.push({ level, fields: fields as Record<string, unknown>, message });
    };
  return { lines, logger: { info: at('info'), warn: at('warn') } };
}

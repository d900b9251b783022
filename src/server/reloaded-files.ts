import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ServiceError } from '../errors.js';
import type { Logger } from '../observability/logger.js';

/**
 * How often the files are read again: small ones, so that it costs nothing, and soon enough for a token that is taken
 * back. Watching by the kernel does not see what Kubernetes does, which swaps a symbolic link above the mounted files.
 */
const INTERVAL_MS = 10_000;

/** A file that an option names. */
export interface NamedFile {
  /** `--ssl_certfile`, for messages: paths are not for them. */
  readonly option: string;
  readonly path: string;
}

/** What is made of files that may change while the service runs. */
export interface ReloadedFiles<Value> {
  current(): Value;
  /** Calls the listener with each new value. */
  onChange(listener: (value: Value) => void): void;
  /** Looks no more. */
  close(): void;
}

/**
 * Reads files and makes something of them, and again whenever what they hold has changed. A change that nothing can be
 * made of is logged, and the value stays as it was until the next.
 * @param options.load throws what is wrong with the contents, which are in the files' order
 * @param options.what what is made, for the log: `the certificate`
 * @throws ServiceError `invalid_argument` when a file cannot be read at first; what `load` throws
 */
export function reloadFiles<Value>(options: {
  files: readonly NamedFile[];
  load: (contents: readonly Buffer[]) => Value;
  what: string;
  logger: Pick<Logger, 'info' | 'warn'>;
  intervalMs?: number;
}): ReloadedFiles<Value> {
  const { files, load, what, logger, intervalMs = INTERVAL_MS } = options;
  const listeners: ((value: Value) => void)[] = [];
  let contents = files.map(readAtFirst);
  let value = load(contents);
  let complaint = '';
  let isClosed = false;

  const look = async () => {
    try {
      const read = await Promise.all(files.map(readAgain));
      complaint = '';
      if (isClosed || read.every((content, index) => contents[index]?.equals(content) === true)) return;
      contents = read;
      value = load(contents);
      logger.info(`${what} has changed and was read again`);
      for (const listener of listeners) listener(value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== complaint) logger.warn({ reason }, `${what} could not be read again; the old one stays in use`);
      complaint = reason;
    }
  };
  const lookAndWait = async () => {
    await look();
    if (!isClosed) timer = setTimeout(() => void lookAndWait(), intervalMs).unref();
  };
  let timer = setTimeout(() => void lookAndWait(), intervalMs).unref();

  return {
    current: () => value,
    onChange: (listener) => void listeners.push(listener),
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function readAtFirst({ option, path }: NamedFile): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(option, error);
  }
}

async function readAgain({ option, path }: NamedFile): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(option, error);
  }
}

/** node:fs's errors have a code; their messages have the path. */
function unreadable(option: string, cause: unknown): ServiceError {
  const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
  return new ServiceError('invalid_argument', `${option}: the file cannot be read: ${code}`, { cause });
}

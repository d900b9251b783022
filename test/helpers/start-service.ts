import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Free ports, and no waiting for a Kubernetes that is not there; a test's own flags win. */
const ENVIRONMENT = { HTTP_PORT: '0', GRPC_PORT: '0', SHUTDOWN_DELAY_SECONDS: '0' };

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A service that runs as its users run it: `node dist …`. */
export interface RunningService {
  readonly url: string;
  readonly pid: number;
  /** Its log so far. */
  readonly lines: readonly Record<string, unknown>[];
  /** Waits for a line of its log. */
  line(matches: (line: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  /** POSTs to a path of it. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>;
  /** Waits until it says that it is ready. */
  untilReady(): Promise<void>;
  /** Sends SIGTERM, or another signal, and waits for its end. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
  /** Ends it with SIGKILL if it still runs, for the `finally` of a test that stops it itself. */
  kill(): Promise<void>;
}

/**
 * Starts `node dist` on a free port and waits until it listens.
 * @param program the folder of another build
 */
export async function startService(
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  program = 'dist',
): Promise<RunningService> {
  const child = spawn(process.execPath, [program, ...flags], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const lines: Record<string, unknown>[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stderr).on('line', (text) => {
      const line = JSON.parse(text) as Record<string, unknown>;
      lines.push(line);
      if (line['msg'] === 'listening') resolve(Number(line['port']));
    });
    void ended.then(([code]) => reject(new Error(`the service ended with ${code}: ${JSON.stringify(lines.at(-1))}`)));
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    pid: child.pid ?? 0,
    lines,
    line: async (matches) => {
      for (;;) {
        const found = lines.find(matches);
        if (found !== undefined) return found;
        await once(child.stderr, 'data');
      }
    },
    post: async (path, body, headers = {}) => {
      const raw = typeof body === 'string' || body instanceof Uint8Array;
      const answer = await fetch(url + path, { method: 'POST', body: raw ? body : JSON.stringify(body), headers });
      return { status: answer.status, body: await answer.json() };
    },
    untilReady: async () => {
      const endsAt = Date.now() + 20_000;
      while (!(await fetch(`${url}/v2/health/ready`)).ok) {
        if (Date.now() > endsAt) throw new Error('the service does not become ready');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs `node dist` to its end, as when it refuses to start. */
export async function runService(flags: readonly string[], env: NodeJS.ProcessEnv = {}, program = 'dist') {
  const child = spawn(process.execPath, [program, ...flags], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors] = [child.stdout, child.stderr].map((stream) => stream.toArray());
  const [code] = (await once(child, 'close')) as [number | null];
  const text = async (chunks: Promise<Buffer[]> | undefined) => Buffer.concat((await chunks) ?? []).toString('utf8');
  return { code, output: await text(output), errors: await text(errors) };
}

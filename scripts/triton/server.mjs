import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../ports.mjs';
import { hasEnded, lastLines, stopChild } from '../processes.mjs';

const START_LIMIT_MS = 120_000;

/**
 * Becomes the program that its arguments name, and leaves a keeper behind, which ends that program when the pipe on
 * descriptor 3 closes: so none outlives an interrupted test.
 */
const KEPT = `links=$1 memory=$2; shift 2
(cat <&3 >/dev/null; kill -s TERM $$; sleep 5; rm -rf "$links" "$memory"*; kill -s KILL 0) &
exec "$@" 3<&-`;

const SHARED_MEMORY = '/dev/shm';

/**
 * Starts a real Triton on 127.0.0.1 and waits until all its models are ready.
 * @param {{
 *   runtime: import('./server.mjs').TritonRuntime,
 *   repository: string,
 *   log: string,
 *   httpPort?: number,
 *   grpcPort?: number,
 *   args?: readonly string[],
 *   env?: NodeJS.ProcessEnv,
 * }} options `log` is the file that takes the server's output; the ports are free ones by default; `args` and `env` are
 *   further arguments of the server and variables of its environment
 * @returns {Promise<import('./server.mjs').Triton>}
 */
export async function startTriton({ runtime, repository, log, httpPort, grpcPort, args = [], env = {} }) {
  const ports = { httpPort: httpPort ?? (await findFreePort()), grpcPort: grpcPort ?? (await findFreePort()) };
  const links = linkWithoutSpaces({ backends: runtime.backends, models: repository });
  const memoryPrefix = `triton-${process.pid}-${ports.grpcPort}-`;
  mkdirSync(path.dirname(log), { recursive: true });
  const output = openSync(log, 'w');
  const child = spawn(
    'sh',
    [
      ...['-c', KEPT, 'sh', links, path.join(SHARED_MEMORY, memoryPrefix), runtime.binary],
      `--model-repository=${path.join(links, 'models')}`,
      `--backend-directory=${path.join(links, 'backends')}`,
      `--backend-config=python,shm-region-prefix-name=${memoryPrefix}`,
      '--http-address=127.0.0.1',
      `--http-port=${ports.httpPort}`,
      '--grpc-address=127.0.0.1',
      `--grpc-port=${ports.grpcPort}`,
      '--allow-metrics=false',
      '--exit-timeout-secs=5',
      ...args,
    ],
    // A process group of its own, so that the backend's processes can be ended with it. The pipe, never written to,
    // closes when this process is gone.
    { env: { ...environment(runtime), ...env }, stdio: ['ignore', output, output, 'pipe'], detached: true },
  );

  const end = async (signal) => {
    await stopChild(child, signal);
    killGroup(child.pid);
    freeSharedMemory(memoryPrefix);
    rmSync(links, { recursive: true, force: true });
  };
  try {
    await untilReady(child, ports.httpPort);
  } catch (error) {
    await end('SIGKILL');
    throw new Error(`${error.message}. The end of ${log}:\n${lastLines(readFileSync(log, 'utf8'), 20)}`, {
      cause: error,
    });
  }
  return { ...ports, pid: child.pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** The Python backend starts its processes through a shell, without quotes: a space in a path would end it there. */
function linkWithoutSpaces(targets) {
  const folder = mkdtempSync(path.join(tmpdir(), 'triton-'));
  for (const [name, target] of Object.entries(targets)) symlinkSync(target, path.join(folder, name));
  return folder;
}

function environment({ programs, libraries }) {
  const PATH = [programs, process.env['PATH']].join(path.delimiter);
  return { ...process.env, PATH, LD_LIBRARY_PATH: libraries };
}

async function untilReady(child, httpPort) {
  const deadline = Date.now() + START_LIMIT_MS;
  while (!hasEnded(child) && Date.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${httpPort}/v2/health/ready`).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    await sleep(50);
  }
  throw new Error(hasEnded(child) ? 'Triton ended at its start' : 'Triton did not become ready');
}

/** Ends the backend's processes that outlived the server, as they do when it was killed. */
function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** A killed server leaves its shared memory behind. */
function freeSharedMemory(prefix) {
  for (const name of readdirSync(SHARED_MEMORY)) {
    if (name.startsWith(prefix)) rmSync(path.join(SHARED_MEMORY, name), { force: true });
  }
}

/** The servers that run during the benchmark, and the end of all that was started. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../scripts/ports.mjs';
import { hasEnded, lastLines, PROJECT_ROOT, stopChild } from '../../scripts/processes.mjs';
import { startTriton } from '../../scripts/triton/server.mjs';
import { ask, requestOf } from './requests.mjs';
import { MALLOC, SERVERS } from './servers.mjs';
import { familyOf } from './usage.mjs';

const LOGS = path.join(PROJECT_ROOT, '.cache', 'bench-logs');
const START_LIMIT_MS = 90_000;

/** Between two looks at whether a server is there. */
const LOOK_PAUSE_MS = 5;

/**
 * @param {{ venvs: Map<string, string>, folder: string }} options folders of the peers' programs, folder of the bodies
 */
export function createFleet({ venvs, folder }) {
  const endings = [];
  let stopping;
  let triton;

  const onEnd = (end) => endings.push(end);
  const assertRunning = () => {
    if (stopping !== undefined) throw new Error('the benchmark is being ended');
  };
  const endAll = async () => {
    for (let end = endings.pop(); end !== undefined; end = endings.pop()) await end();
  };

  return {
    onEnd,
    /** Ends all that was started, the last one first. May be called again. */
    stop: () => (stopping ??= endAll()),

    /** Triton with the model behind all services, and the peer that decodes pictures within it. */
    startPredictor: async (runtime) => {
      const repository = await mkdtemp(path.join(tmpdir(), 'bench-repository-'));
      onEnd(() => rm(repository, { recursive: true, force: true }));
      await fillRepository(repository);
      assertRunning();
      triton = await startTriton({ runtime, repository, log: path.join(LOGS, 'triton.log'), env: MALLOC });
      onEnd(() => triton.stop());
      return triton;
    },

    /**
     * Starts a server of servers.mjs.
     * @returns its `port` and `pid`; after how many milliseconds it said that it is ready (`readyMs`, where it has a
     *   path for that) and answered the 32×32 picture (`answeredMs`); `pause()`, after which it and all its processes
     *   take nothing of the machine until `resume()`, both without effect on Triton; `stop()`
     */
    start: async (name) => {
      assertRunning();
      const server = SERVERS[name];
      if (server.isTriton) {
        const nothing = () => undefined;
        return { port: triton.httpPort, pid: triton.pid, pause: nothing, resume: nothing, stop: async () => undefined };
      }
      if (server.venv !== undefined && !venvs.has(server.venv)) throw new Error('it is not installed');
      const started = await startProgram(name, { triton, programs: venvs.get(server.venv) });
      onEnd(started.stop);
      try {
        const readyMs = server.healthPath && (await started.until(() => isReady(started.port, server.healthPath)));
        const request = await requestOf(server.kinds[0], 'cifar', folder);
        const answeredMs = await started.until(async () => (await ask(started.port, request)).status === 200);
        return { ...started, readyMs, answeredMs };
      } catch (error) {
        await started.stop();
        throw error;
      }
    },
  };
}

async function fillRepository(repository) {
  const peers = path.join(PROJECT_ROOT, 'bench', 'peer');
  await cp(path.join(import.meta.dirname, 'repository'), repository, { recursive: true });
  const bls = path.join(repository, 'image_cifar10');
  await mkdir(path.join(bls, '1'), { recursive: true });
  await cp(path.join(peers, 'triton_image_cifar10.py'), path.join(bls, '1', 'model.py'));
  const config = await readFile(path.join(peers, 'triton_image_cifar10.pbtxt'), 'utf8');
  await writeFile(path.join(bls, 'config.pbtxt'), config.replace('INSTANCES', '2').replace('DRAFT', '0'));
}

async function startProgram(name, { triton, programs }) {
  const [port, otherPort, thirdPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const scratch = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const { program, args, cwd, env } = SERVERS[name].command({ triton, port, otherPort, thirdPort, programs, scratch });
  await mkdir(LOGS, { recursive: true });
  const log = path.join(LOGS, `${name}.log`);
  const output = openSync(log, 'w');
  const PATH = [programs, process.env['PATH']].filter(Boolean).join(path.delimiter);
  const startedAt = performance.now();
  // A process group of its own: Ctrl-C reaches the benchmark alone, which then ends all in order.
  const stdio = ['ignore', output, output];
  const child = spawn(program, args, { cwd, env: { ...process.env, PATH, ...env }, stdio, detached: true });
  closeSync(output);
  let spawnError;
  child.once('error', (error) => (spawnError = error));

  /** Resolves with the milliseconds since the start when `isThere` finds it there. */
  const until = async (isThere) => {
    while (performance.now() - startedAt < START_LIMIT_MS) {
      if (spawnError !== undefined) throw spawnError;
      if (hasEnded(child)) throw new Error(`it ended at its start:\n${lastLines(readFileSync(log, 'utf8'), 5)}`);
      if (await isThere().catch(() => false)) return performance.now() - startedAt;
      await sleep(LOOK_PAUSE_MS);
    }
    throw new Error(`it did not answer within ${START_LIMIT_MS} ms:\n${lastLines(readFileSync(log, 'utf8'), 5)}`);
  };
  const signalAll = (signal) => {
    for (const pid of familyOf(child.pid)) signalIfThere(pid, signal);
  };
  const end = async () => {
    if (child.pid !== undefined) {
      // One that is stopped does not see the signal to end.
      signalAll('SIGCONT');
      const family = hasEnded(child) ? [] : familyOf(child.pid);
      await stopChild(child);
      // Some leave processes behind, also in groups of their own.
      for (const pid of [-child.pid, ...family]) signalIfThere(pid, 'SIGKILL');
    }
    await rm(scratch, { recursive: true, force: true });
  };
  let ending;
  return {
    port,
    pid: child.pid,
    until,
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    stop: () => (ending ??= end()),
  };
}

async function isReady(port, healthPath) {
  const response = await fetch(`http://127.0.0.1:${port}${healthPath}`);
  await response.arrayBuffer();
  return response.status === 200;
}

function signalIfThere(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

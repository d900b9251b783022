/**
 * `npm run demo [-- --once] [-- --port N]`: sets up all that is missing, starts the service with the embedded runtime,
 * scores the sample pictures through the client, and leaves the service running.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findFreePort } from './ports.mjs';
import { hasEnded, lastLines, PROJECT_ROOT, runNode, stopChild } from './processes.mjs';
import { setUp, SetupError } from './setup.mjs';

const MODEL = 'facequality';
const SAMPLES = path.join('samples', 'faces');
const OUTPUT = 'demo-output';
const SERVICE_LOG = path.join(OUTPUT, 'service.log');
const START_LIMIT_MS = 30_000;

try {
  process.exitCode = await demo(readOptions());
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** @returns the exit code: the client's where the demo ends after it, 0 when the user ends the service */
async function demo({ once, port: wantedPort }) {
  await setUp(console.log);
  const port = await findFreePort(wantedPort);
  if (port !== wantedPort) console.log(`Port ${wantedPort} is taken; the service takes ${port}.`);

  const interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve(0));
  });
  const service = startService(port);
  try {
    return await Promise.race([showScores(service, `http://127.0.0.1:${port}`, once), interrupted]);
  } finally {
    await stopChild(service);
  }
}

async function showScores(service, url, once) {
  await untilReady(service, url);
  const code = await runNode([
    path.join('client', 'bin', 'kserver_client.js'),
    ...['--url', url, '--model', MODEL, '--batch', '16', '--annotate', OUTPUT, SAMPLES],
  ]);
  if (code !== 0) return code;
  printWhereToGo(url);
  if (once) return 0;
  console.log('The service is running; Ctrl-C ends it.');
  return new Promise((resolve) => service.once('exit', (exitCode) => resolve(exitCode ?? 1)));
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean', default: false }, port: { type: 'string', default: '8080' } },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Error(`--port takes 1 to 65535, not ${values.port}`);
    return { once: values.once, port };
  } catch (error) {
    console.error(`${error.message}\nUsage: npm run demo [-- --once] [-- --port N]`);
    process.exit(2);
  }
}

function startService(port) {
  mkdirSync(path.join(PROJECT_ROOT, OUTPUT), { recursive: true });
  const log = openSync(path.join(PROJECT_ROOT, SERVICE_LOG), 'w');
  // Any free port for gRPC, which may be taken on a laptop; no Kubernetes sends requests elsewhere when it ends.
  const ports = { http_port: port, grpc_port: 0 };
  const options = { model_name: MODEL, predictor_host: 'embedded', ...ports, shutdown_delay_seconds: 0 };
  const args = ['dist', ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)];
  // A process group of its own: Ctrl-C reaches this script alone, which then ends the service in order.
  return spawn(process.execPath, args, { cwd: PROJECT_ROOT, stdio: ['ignore', log, log], detached: true });
}

/** Resolves when the service says that it is ready; fails with the end of its log when it does not come to that. */
async function untilReady(service, url) {
  const deadline = Date.now() + START_LIMIT_MS;
  while (!hasEnded(service) && Date.now() < deadline) {
    const response = await fetch(`${url}/v2/health/ready`).catch(() => undefined);
    if (response?.status === 200) return;
    await sleep(50);
  }
  const what = hasEnded(service) ? 'ended at its start' : `is not ready after ${START_LIMIT_MS / 1000} s`;
  const log = lastLines(readFileSync(path.join(PROJECT_ROOT, SERVICE_LOG), 'utf8'), 20);
  throw new SetupError(`The service ${what}. The end of ${SERVICE_LOG}:\n${log}`);
}

function printWhereToGo(url) {
  console.log(`
Service: ${url} (log: ${SERVICE_LOG}). Try it:
  (printf '{"data":{"item":"'; base64 < samples/faces/base.png | tr -d '\\n'; printf '"}}') |
    curl -sS ${url}/v1/models/${MODEL}:predict -d @-
`);
}

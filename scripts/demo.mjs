/**
 * `npm run demo [-- SERVICE] [-- --once] [-- --port N]`: sets up all that the service needs and that is missing, starts it
 * with the embedded runtime, sends it its samples through the client, and leaves it running. Without a name it is
 * facequality.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DEMOS, OUTPUT } from './demo/demos.mjs';
import { findFreePort } from './ports.mjs';
import { hasEnded, lastLines, PROJECT_ROOT, runNode, stopChild } from './processes.mjs';
import { setUp, SetupError } from './setup.mjs';

const DEFAULT_DEMO = 'facequality';
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
async function demo({ name, once, port: wantedPort }) {
  const { models, isFetched } = DEMOS[name];
  await setUp(console.log, { models, fetched: isFetched ? [name] : [] });
  const port = await findFreePort(wantedPort);
  if (port !== wantedPort) console.log(`Port ${wantedPort} is taken; the service takes ${port}.`);

  const interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve(0));
  });
  const service = startService(name, port);
  try {
    return await Promise.race([showAnswers(service, { name, url: `http://127.0.0.1:${port}`, once }), interrupted]);
  } finally {
    await stopChild(service);
  }
}

async function showAnswers(service, { name, url, once }) {
  await untilReady(service, url);
  const { runs, hasBadSample } = DEMOS[name];
  for (const [index, args] of runs.entries()) {
    if (index > 0) console.log('');
    const code = await runNode([
      path.join('client', 'bin', 'kserver_client.js'),
      '--url',
      url,
      '--model',
      name,
      ...args,
    ]);
    // The client's 1 stands for an input that was not answered.
    if (code !== 0 && !(code === 1 && hasBadSample)) return code;
  }
  printWhereToGo(name, url);
  if (once) return 0;
  console.log('The service is running; Ctrl-C ends it.');
  return new Promise((resolve) => service.once('exit', (exitCode) => resolve(exitCode ?? 1)));
}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { once: { type: 'boolean', default: false }, port: { type: 'string', default: '8080' } },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      throw new Error(`--port takes 1 to 65535, not ${values.port}`);
    const [name = DEFAULT_DEMO, ...others] = positionals;
    if (others.length > 0) throw new Error(`one service at a time, not ${positionals.join(' and ')}`);
    if (!Object.hasOwn(DEMOS, name))
      throw new Error(`there is no demo of ${name}; there are ${Object.keys(DEMOS).join(', ')}`);
    return { name, once: values.once, port };
  } catch (error) {
    console.error(`${error.message}\nUsage: npm run demo [-- SERVICE] [-- --once] [-- --port N]`);
    process.exit(2);
  }
}

function startService(name, port) {
  mkdirSync(path.join(PROJECT_ROOT, OUTPUT), { recursive: true });
  const log = openSync(path.join(PROJECT_ROOT, SERVICE_LOG), 'w');
  // Any free port for gRPC, which may be taken on a laptop; no Kubernetes sends requests elsewhere when it ends.
  const ports = { http_port: port, grpc_port: 0 };
  const options = { model_name: name, predictor_host: 'embedded', ...ports, shutdown_delay_seconds: 0 };
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

function printWhereToGo(name, url) {
  console.log(`
Service: ${url} (log: ${SERVICE_LOG}). Try it:
${exampleCall(name)} |
    curl -sS ${url}/v1/models/${name}:predict -d @-
`);
}

/** A command that prints a body for the service, of the first of its samples. */
function exampleCall(name) {
  if (name === DEFAULT_DEMO)
    return `  (printf '{"data":{"item":"'; base64 < samples/faces/base.png | tr -d '\\n'; printf '"}}')`;
  const { samples } = DEMOS[name];
  const file = readdirSync(path.join(PROJECT_ROOT, samples)).find((sample) => /\.(jpe?g|png|webp|txt)$/.test(sample));
  const sample = path.join(samples, file);
  return sample.endsWith('.txt')
    ? `  (printf '{"instances":[{"data":"'; tr -d '\\n"' < ${sample}; printf '"}]}')`
    : `  (printf '{"instances":[{"b64":"'; base64 < ${sample} | tr -d '\\n'; printf '"}]}')`;
}

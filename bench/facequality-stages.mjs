/**
 * `node bench/facequality-stages.mjs [--picture base.png] [--seconds 5] [--rounds 3] [--body raw|v1] [--dist dist]`, after
 * `npm run build` and `npm run models`: where the time of face quality's full chain goes on the embedded predictor, with
 * one client and with four. Outside the models is what is left of a request's time when the time within onnxruntime's
 * `run` is taken off, and of the CPU time what is left when that of the threads on which models run is taken off.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findFreePort } from '../scripts/ports.mjs';
import { PROJECT_ROOT, stopChild } from '../scripts/processes.mjs';
import { timeModelsAlone } from './facequality/models-alone.mjs';

const { values: options } = parseArgs({
  options: {
    picture: { type: 'string', default: 'base.png' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    body: { type: 'string', default: 'raw' },
    dist: { type: 'string', default: path.join(PROJECT_ROOT, 'dist') },
  },
});
const CLIENTS = [1, 4];
/** Node.js compiles the samplers and measures in its first requests. */
const WARM_UP_MS = 3000;
const START_LIMIT_MS = 30_000;
const REPOSITORY = path.join(PROJECT_ROOT, 'triton-models');
const MEDIA_TYPES = { '.png': 'image/png', '.jpg': 'image/jpeg' };

const alone = await timeModelsAlone({ repository: REPOSITORY, threads: availableParallelism() });
const service = await startService();
try {
  const send = createSender();
  await load(send, { clients: 4, ms: WARM_UP_MS });
  printAlone();
  for (const clients of CLIENTS) await report(send, clients);
} finally {
  await stopChild(service.child, 'SIGINT');
}

async function report(send, clients) {
  const rounds = [];
  for (let round = 0; round < Number(options.rounds); round++) rounds.push(await measure(send, clients));
  // The round in the middle, whole, so that its parts add up.
  const run = rounds.sort((a, b) => a.outsideWall - b.outsideWall)[Math.floor(rounds.length / 2)];
  const range = (key) =>
    `${Math.min(...rounds.map((r) => r[key])).toFixed(2)}–${Math.max(...rounds.map((r) => r[key])).toFixed(2)}`;
  console.log(
    `\n${clients} client${clients > 1 ? 's' : ''}, ${options.picture}, ${options.body}, ${rounds.length} rounds of ${options.seconds} s`,
  );
  table([
    ['requests/s', run.perSecond, range('perSecond')],
    ['ms a request, as the client sees it', run.requestMs, range('requestMs')],
    ['ms within onnxruntime a request', run.modelsMs, range('modelsMs')],
    ['% of the wall time outside the models', run.outsideWall, range('outsideWall')],
    ['CPU ms a request', run.cpuMs, range('cpuMs')],
    ['CPU ms outside the models a request', run.outsideCpuMs, range('outsideCpuMs')],
    ['% of the CPU time outside the models', run.outsideCpu, range('outsideCpu')],
    ...run.stages.map(({ name, ms }) => [`stage ${name}, ms`, ms]),
    ...run.parts.map(({ name, ms }) => [`part ${name}, ms with waiting and sampling`, ms]),
    ...run.models.map(({ name, ms }) => [`model ${name}, ms`, ms]),
  ]);
}

/** One round: figures of a request in the mean. */
async function measure(send, clients) {
  const before = await service.totals();
  const startedAt = performance.now();
  const times = await load(send, { clients, ms: Number(options.seconds) * 1000 });
  const elapsedMs = performance.now() - startedAt;
  const after = await service.totals();
  const count = times.length;
  const models = after.models.flatMap(({ name, ms, runs }, i) =>
    runs > before.models[i].runs ? [{ name, ms: (ms - before.models[i].ms) / count }] : [],
  );
  const modelsMs = sum(models);
  const requestMs = times.reduce((a, b) => a + b, 0) / count;
  const cpuMs = (after.cpuMs - before.cpuMs) / count;
  const difference = (kind) =>
    Object.entries(after[kind]).map(([name, ms]) => ({ name, ms: (ms - (before[kind][name] ?? 0)) / count }));
  return {
    perSecond: (1000 * count) / elapsedMs,
    requestMs,
    modelsMs,
    // With several clients requests wait for each other; what counts is when no model runs.
    outsideWall: 100 * (1 - modelsMs / (elapsedMs / count)),
    cpuMs,
    outsideCpu: 100 * (1 - (after.modelCpuMs - before.modelCpuMs) / count / cpuMs),
    outsideCpuMs: cpuMs - (after.modelCpuMs - before.modelCpuMs) / count,
    stages: difference('stages'),
    parts: difference('parts'),
    models,
  };
}

async function startService() {
  const port = await findFreePort();
  const flags = { model_name: 'facequality', predictor_host: 'embedded', model_repository: REPOSITORY };
  const ports = { http_port: port, enable_grpc: false, shutdown_delay_seconds: 0, log_level: 'warn' };
  const args = Object.entries({ ...flags, ...ports }).map(([name, value]) => `--${name}=${value}`);
  const preload = path.join(PROJECT_ROOT, 'bench', 'facequality', 'time-models.mjs');
  const child = spawn(process.execPath, ['--import', preload, options.dist, ...args], {
    env: { ...process.env, MODEL_REPOSITORY: REPOSITORY },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + START_LIMIT_MS;
  while ((await fetch(`${url}/v2/health/ready`).catch(() => undefined))?.status !== 200) {
    if (performance.now() > deadline || child.exitCode !== null) throw new Error('the service does not get ready');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const totals = async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    child.send('totals');
    const [told] = await once(child, 'message');
    return {
      ...told,
      stages: sums(metrics, 'transformer_stage_seconds_sum', 'stage'),
      parts: sums(metrics, 'transformer_model_seconds_sum', 'model'),
    };
  };
  return { child, port, totals };
}

/** Milliseconds by the value of a label. */
function sums(metrics, name, label) {
  const pattern = new RegExp(`^${name}\\{.*\\b${label}="([^"]*)".*\\} (\\S+)$`, 'gm');
  return Object.fromEntries(
    [...metrics.matchAll(pattern)].map(([, value, seconds]) => [value, 1000 * Number(seconds)]),
  );
}

function createSender() {
  const bytes = readFileSync(path.join(PROJECT_ROOT, 'samples', 'faces', options.picture));
  const [body, type] =
    options.body === 'raw'
      ? [bytes, MEDIA_TYPES[path.extname(options.picture)]]
      : [JSON.stringify({ instances: [{ image_bytes: { b64: bytes.toString('base64') } }] }), 'application/json'];
  const agent = new Agent({ keepAlive: true });
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
  const where = { agent, host: '127.0.0.1', port: service.port, path: '/v1/models/facequality:predict' };
  return async () => {
    const sent = request({ ...where, method: 'POST', headers });
    sent.end(body);
    const [response] = await once(sent, 'response');
    const text = (await response.toArray()).join('');
    if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${text}`);
  };
}

/** Sends one request after the other from each client; the times that they took. */
async function load(send, { clients, ms }) {
  const times = [];
  const end = performance.now() + ms;
  const client = async () => {
    while (performance.now() < end) {
      const startedAt = performance.now();
      await send();
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return times;
}

function printAlone() {
  console.log('Each model with nothing beside it, one face: ms, CPU ms');
  for (const { name, ms, cpuMs } of alone)
    console.log(`${name.padEnd(44)}${ms.toFixed(2).padStart(8)}${cpuMs.toFixed(2).padStart(8)}`);
  console.log(
    `${'all'.padEnd(44)}${sum(alone).toFixed(2).padStart(8)}${alone
      .reduce((total, model) => total + model.cpuMs, 0)
      .toFixed(2)
      .padStart(8)}`,
  );
}

function table(rows) {
  for (const [name, value, range = ''] of rows)
    console.log(`${name.padEnd(44)}${value.toFixed(2).padStart(8)}  ${range}`);
}

function sum(parts) {
  return parts.reduce((total, { ms }) => total + ms, 0);
}

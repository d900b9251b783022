/**
 * `npm run bench [-- --seconds 3 --rounds 3 --bodies cifar,vga,hd,vga8 --clients 1,8,32 --servers … --all --write]`: the
 * service beside the transformers that one would use instead, on one real Triton.
 *
 * Every server runs all the time, and is asked in turns, round by round (A B A B …), with the same pictures. With
 * `--write` the report goes to docs/benchmarks.md, .svg and .json.
 */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findFreePort } from '../../scripts/ports.mjs';
import { hasEnded, PROJECT_ROOT, runQuietly, stopChild } from '../../scripts/processes.mjs';
import { setUp } from '../../scripts/setup.mjs';
import { ensureTriton } from '../../scripts/triton/environment.mjs';
import { startTriton } from '../../scripts/triton/server.mjs';
import { chart } from './chart.mjs';
import { decodeCosts } from './decode-costs.mjs';
import { ensureBodies, ensurePeer } from './environment.mjs';
import { report } from './report.mjs';
import { stagesChart } from './stages-chart.mjs';
import { BODY_KINDS, MALLOC, SERVERS } from './servers.mjs';
import { busySeconds, cpuSecondsOf, familyOf, residentMiBOf } from './usage.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    bodies: { type: 'string', default: 'cifar,vga,hd,vga8' },
    clients: { type: 'string', default: '1,8,32' },
    servers: { type: 'string', default: '' },
    starts: { type: 'string', default: '5' },
    all: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const LOGS = path.join(PROJECT_ROOT, '.cache', 'bench-logs');
const HERE = path.join(PROJECT_ROOT, 'bench', 'service');
const START_LIMIT_MS = 90_000;

/** Each server is warmed so long by each body: Node.js compiles what is hot, glibc's malloc finds its thresholds. */
const WARM_UP_SECONDS = 3;

/** A run while others used more of the processors than that is done again, so often. */
const MAX_OTHERS_CORES = 0.15;
const MAX_REPEATS = 2;

const ended = [];
let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stopAll().then(() => process.exit(130)));

const log = (line) => console.error(line);
try {
  await main();
} finally {
  await stopAll();
}

async function main() {
  await setUp(log);
  await mkdir(LOGS, { recursive: true });
  const runtime = await ensureTriton(log);
  const names = chosenServers();
  const venvs = await ensureVenvs(names);
  const bodies = await ensureBodies(path.join(venvs.get('kserve') ?? runtime.programs, 'python'), log);
  const triton = await startPredictor(runtime);
  const floors = await measureFloors(triton, bodies);
  const starts = {};
  const servers = new Map();
  for (const name of names) {
    try {
      starts[name] = await measureStarts(name, { triton, venvs, bodies });
      servers.set(name, await startServer(name, { triton, venvs, bodies }));
    } catch (error) {
      log(`SKIPPED ${name}: ${error.message}`);
    }
  }
  const answers = await compareAnswers(servers, bodies);
  const runs = await measureAll(servers, { triton, bodies });
  const facts = {
    ...(await machine()),
    seconds: Number(options.seconds),
    rounds: Number(options.rounds),
    date: new Date().toISOString().slice(0, 10),
  };
  const results = { facts, floors, starts, answers, runs };
  const text = report(results);
  console.log(text);
  if (!options.write) return;
  const docs = (name) => path.join(PROJECT_ROOT, 'docs', name);
  await writeFile(docs('benchmarks.json'), `${JSON.stringify(results, undefined, 1)}\n`);
  await writeFile(docs('benchmarks.svg'), chart(results));
  await writeFile(docs('performance.svg'), stagesChart(results));
  await writeFile(docs('benchmarks.md'), text);
  await runQuietly(process.execPath, [
    'node_modules/prettier/bin/prettier.cjs',
    '--write',
    docs('benchmarks.md'),
    docs('benchmarks.json'),
  ]);
}

function chosenServers() {
  const wanted = options.servers === '' ? Object.keys(SERVERS) : options.servers.split(',');
  const unknown = wanted.find((name) => SERVERS[name] === undefined);
  if (unknown !== undefined)
    throw new Error(`there is no server ${unknown}; there are ${Object.keys(SERVERS).join(', ')}`);
  return wanted.filter((name) => options.all || options.servers !== '' || !SERVERS[name].isExtra);
}

/** The programs of each peer; one that cannot be installed is missing. */
async function ensureVenvs(names) {
  const venvs = new Map();
  for (const venv of new Set(['kserve', ...names.map((name) => SERVERS[name].venv).filter(Boolean)])) {
    try {
      venvs.set(venv, await ensurePeer(venv, log));
    } catch (error) {
      log(`SKIPPED the peer ${venv}: ${error.message}`);
    }
  }
  return venvs;
}

/** Triton with the model behind all services, and the peer that decodes pictures within it. */
async function startPredictor(runtime) {
  const repository = await mkdtemp(path.join(tmpdir(), 'bench-repository-'));
  ended.push(() => rm(repository, { recursive: true, force: true }));
  await cp(path.join(HERE, 'repository'), repository, { recursive: true });
  const bls = path.join(repository, 'image_cifar10');
  await mkdir(path.join(bls, '1'), { recursive: true });
  await cp(path.join(PROJECT_ROOT, 'bench', 'peer', 'triton_image_cifar10.py'), path.join(bls, '1', 'model.py'));
  const config = await readFile(path.join(PROJECT_ROOT, 'bench', 'peer', 'triton_image_cifar10.pbtxt'), 'utf8');
  await writeFile(path.join(bls, 'config.pbtxt'), config.replace('INSTANCES', '2').replace('DRAFT', '0'));
  const triton = await startTriton({ runtime, repository, log: path.join(LOGS, 'triton.log'), env: MALLOC });
  ended.push(() => triton.stop());
  return triton;
}

/** What a server is started with; `child` has ended when the caller has stopped it. */
async function startServer(name, { triton, venvs, bodies }) {
  const server = SERVERS[name];
  if (server.isTriton) return { name, port: triton.httpPort, pid: triton.pid, stop: async () => undefined };
  if (server.venv !== undefined && !venvs.has(server.venv)) throw new Error('it is not installed');
  const [port, otherPort, thirdPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const scratch = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const { program, args, cwd, env } = server.command({
    triton,
    port,
    otherPort,
    thirdPort,
    programs: venvs.get(server.venv),
    scratch,
  });
  const output = createWriteStream(path.join(LOGS, `${name}.log`));
  await new Promise((resolve) => output.once('open', resolve));
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...(server.venv && { PATH: `${venvs.get(server.venv)}:${process.env['PATH']}` }), ...env },
    stdio: ['ignore', output, output],
  });
  const stop = async () => {
    const family = hasEnded(child) ? [] : familyOf(child.pid);
    await stopChild(child);
    for (const pid of family) killIfThere(pid);
    output.close();
    await rm(scratch, { recursive: true, force: true });
  };
  ended.push(stop);
  const failed = new Promise((_, reject) => child.once('error', reject));
  await Promise.race([untilAnswering(name, { child, port, bodies }), failed]);
  return { name, port, pid: child.pid, stop, readyMs: performance.now() - startedAt };
}

/** Until it answers the 32×32 picture. */
async function untilAnswering(name, { child, port, bodies }) {
  const endsAt = performance.now() + START_LIMIT_MS;
  while (performance.now() < endsAt) {
    if (hasEnded(child)) throw new Error(`it ended at its start; see ${path.join(LOGS, `${name}.log`)}`);
    const answer = await ask(name, 'cifar', { port, bodies }).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(5);
  }
  throw new Error(`it did not answer within ${START_LIMIT_MS} ms; see ${path.join(LOGS, `${name}.log`)}`);
}

async function measureStarts(name, parts) {
  if (SERVERS[name].isTriton) return [];
  const times = [];
  for (let start = 0; start < Number(options.starts); start++) {
    const server = await startServer(name, parts);
    times.push(Math.round(server.readyMs));
    await server.stop();
  }
  log(`${name}: ready after ${times.join(', ')} ms`);
  return times;
}

async function requestOf(kind, body, bodies) {
  const { file, headFile, path: url, headers } = BODY_KINDS[kind](body);
  const head = headFile && { 'inference-header-content-length': await readFile(path.join(bodies, headFile), 'utf8') };
  return { file: path.join(bodies, file), url, headers: { ...headers, ...head } };
}

async function ask(name, body, { port, bodies, kind = SERVERS[name].kinds[0] }) {
  const { file, url, headers } = await requestOf(kind, body, bodies);
  const response = await fetch(`http://127.0.0.1:${port}${url}`, {
    method: 'POST',
    headers,
    body: await readFile(file),
  });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
}

/** The classes that each server names for each body; those of exact pixels have to agree. */
async function compareAnswers(servers, bodies) {
  const answers = {};
  for (const body of options.bodies.split(',')) {
    for (const [name, { port }] of servers) {
      for (const kind of SERVERS[name].kinds) {
        const answer = await ask(name, body, { port, bodies, kind });
        if (answer.status !== 200)
          throw new Error(`${name} answers ${body} (${kind}) with ${answer.status}: ${answer.bytes.subarray(0, 300)}`);
        (answers[body] ??= {})[`${name} ${kind}`] = classesOf(answer, kind).join(' ');
      }
    }
    const exact = Object.entries(answers[body]).filter(([key]) => SERVERS[key.split(' ')[0]].pixels === 'exact');
    const different = exact.find(([, classes]) => classes !== exact[0][1]);
    if (different !== undefined) throw new Error(`the answers to ${body} differ: ${JSON.stringify(answers[body])}`);
  }
  return answers;
}

function classesOf({ bytes, headers }, kind) {
  const headLength = Number(headers.get('inference-header-content-length') ?? bytes.length);
  const json = JSON.parse(bytes.subarray(0, headLength).toString('utf8'));
  if (json.predictions !== undefined) return json.predictions.map((prediction) => prediction.index ?? prediction);
  if (json.outputs[0].data !== undefined) return json.outputs[0].data;
  const values = bytes.subarray(headLength);
  if (kind === 'bls') return Array.from({ length: values.length / 8 }, (_, i) => Number(values.readBigInt64LE(i * 8)));
  return Array.from({ length: values.length / 40 }, (_, i) => {
    const logits = Array.from({ length: 10 }, (_, label) => values.readFloatLE(i * 40 + label * 4));
    return logits.indexOf(Math.max(...logits));
  });
}

async function measureAll(servers, parts) {
  const cells = [];
  for (const [name, server] of servers) {
    for (const kind of SERVERS[name].kinds) cells.push({ server, name, kind });
  }
  const bodies = options.bodies.split(',');
  const clientCounts = options.clients.split(',').map(Number);
  const count = cells.length * bodies.length * (clientCounts.length * Number(options.rounds));
  const minutes = (count * (Number(options.seconds) + 0.5) + cells.length * bodies.length * WARM_UP_SECONDS) / 60;
  log(`${count} runs, about ${minutes.toFixed(0)} minutes`);
  for (const body of bodies)
    for (const cell of cells) await load(cell, { body, clients: 8, seconds: WARM_UP_SECONDS }, parts);
  const runs = [];
  for (const body of bodies) {
    for (const clients of clientCounts) {
      for (let round = 0; round < Number(options.rounds); round++) {
        for (const cell of cells) {
          const run = await undisturbed(() => load(cell, { body, clients, seconds: Number(options.seconds) }, parts));
          runs.push({ server: cell.name, kind: cell.kind, body, clients, round, ...run });
          log(`${cell.name} ${cell.kind} ${body} ${clients} clients: ${line(run)}`);
        }
      }
    }
  }
  return runs;
}

/** A run while nobody else used the machine, if there is one. */
async function undisturbed(measure) {
  let best = await measure();
  for (let repeat = 0; repeat < MAX_REPEATS && best.othersCores > MAX_OTHERS_CORES; repeat++) {
    const again = await measure();
    if (again.othersCores < best.othersCores) best = again;
  }
  return best;
}

async function load({ server, name, kind }, { body, clients, seconds }, { triton, bodies }) {
  const { isTriton, healthPath } = SERVERS[name];
  const { file, url, headers } = await requestOf(kind, body, bodies);
  const job = { port: server.port, path: url, headers, bodyFile: file, clients, seconds, healthPath };
  const before = { server: cpuSecondsOf(server.pid), triton: cpuSecondsOf(triton.pid), busy: busySeconds() };
  const { code, output } = await runQuietly(process.execPath, [path.join(HERE, 'load.mjs'), JSON.stringify(job)]);
  const after = { server: cpuSecondsOf(server.pid), triton: cpuSecondsOf(triton.pid), busy: busySeconds() };
  if (code !== 0) throw new Error(`the load on ${name} failed:\n${output}`);
  const run = JSON.parse(output.trim().split('\n').at(-1));
  const serverSeconds = after.server - before.server;
  const tritonSeconds = isTriton ? 0 : after.triton - before.triton;
  const othersSeconds = after.busy - before.busy - serverSeconds - tritonSeconds - run.generatorCpuSeconds;
  return {
    ...run,
    serverCpuMsPerCall: (serverSeconds * 1000) / run.calls,
    tritonCpuMsPerCall: (tritonSeconds * 1000) / run.calls,
    generatorCpuMsPerCall: (run.generatorCpuSeconds * 1000) / run.calls,
    // Of the starting of the generator some stays with the others: 0.05 s.
    othersCores: Math.max(0, othersSeconds - 0.05) / (run.elapsedMs / 1000),
    residentMiB: residentMiBOf(server.pid),
  };
}

/** What Triton does with the tensor ready-made, and what the pictures take to be decoded, both without any service. */
async function measureFloors(triton, bodies) {
  const head = await readFile(path.join(bodies, 'tensor.head'), 'utf8');
  const headers = { 'content-type': 'application/octet-stream', 'inference-header-content-length': head };
  const floors = { triton: {}, decode: await decodeCosts(bodies) };
  for (const clients of options.clients.split(',').map(Number)) {
    const job = {
      port: triton.httpPort,
      path: '/v2/models/cifar10/infer',
      headers,
      bodyFile: path.join(bodies, 'tensor.bin'),
      clients,
      seconds: Number(options.seconds),
    };
    const { output } = await runQuietly(process.execPath, [path.join(HERE, 'load.mjs'), JSON.stringify(job)]);
    floors.triton[clients] = JSON.parse(output.trim().split('\n').at(-1));
    log(`Triton alone, ${clients} clients: ${line(floors.triton[clients])}`);
  }
  return floors;
}

async function machine() {
  const { output: node } = await runQuietly(process.execPath, ['--version']);
  return {
    processor: cpus()[0]?.model ?? '',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: node.trim(),
  };
}

function line({ callsPerSecond, p50Ms, p99Ms, errors, othersCores }) {
  const disturbed = othersCores > MAX_OTHERS_CORES ? `, others used ${othersCores.toFixed(2)} cores` : '';
  return `${callsPerSecond.toFixed(0)} req/s, p50 ${p50Ms?.toFixed(2)} ms, p99 ${p99Ms?.toFixed(2)} ms, ${errors} errors${disturbed}`;
}

function killIfThere(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended with its parent, as it should.
  }
}

async function stopAll() {
  if (isStopping) return;
  isStopping = true;
  for (const end of ended.reverse()) await end();
}

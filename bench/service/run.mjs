/**
 * `npm run bench [-- --seconds 3 --rounds 3 --bodies cifar,vga,hd,vga8 --clients 1,8,32 --servers … --starts 5 --all
 * --write]`: the service beside the transformers that one would use instead, on one real Triton.
 *
 * Every server stays up, and is asked in turns, round by round (A B A B …), with the same pictures, while the others are
 * paused. `--servers` names those of servers.mjs that are to run; `--all` adds the peers other than KServe and Triton. With `--write` the
 * report goes to docs/benchmarks.md, .svg and .json, and where the CPU time goes to docs/performance.svg; that of a run with all
 * peers goes to docs/benchmarks-all.md, .svg and .json.
 */
import { writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT_ROOT, runQuietly } from '../../scripts/processes.mjs';
import { setUp } from '../../scripts/setup.mjs';
import { ensureTriton } from '../../scripts/triton/environment.mjs';
import { compareAnswers } from './answers.mjs';
import { chart } from './chart.mjs';
import { ensureBodies, ensurePeer } from './environment.mjs';
import { createFleet } from './fleet.mjs';
import { measureFloors } from './floors.mjs';
import { startGenerator } from './generator.mjs';
import { measureAll, planOf } from './measure.mjs';
import { documentOf, report } from './report.mjs';
import { SERVERS } from './servers.mjs';
import { stagesChart } from './stages-chart.mjs';
import { BODY_TITLES } from './targets.mjs';
import { toJson } from './to-json.mjs';

const log = (line) => console.error(line);
const options = readOptions();
let fleet;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    log(`${signal}: ending all that was started …`);
    void Promise.resolve(fleet?.stop()).finally(() => process.exit(130));
  });
}
try {
  const results = await benchmark();
  const text = report(results);
  console.log(text);
  if (options.write) await write(results, text);
} finally {
  await fleet?.stop();
}

/** @returns {Promise<import('./results.mjs').Results>} */
async function benchmark() {
  await setUp(log);
  const names = options.servers ?? Object.keys(SERVERS).filter((name) => options.all || !SERVERS[name].isExtra);
  const { runs, minutes } = planOf({ ...options, names });
  log(`${runs} runs: about ${Math.ceil(minutes)} minutes, besides what is installed the first time.`);
  const runtime = await ensureTriton(log);
  const venvs = await ensurePeers(names);
  const folder = await ensureBodies(path.join(runtime.programs, 'python'), log);

  fleet = createFleet({ venvs, folder });
  const triton = await fleet.startPredictor(runtime);
  const generator = startGenerator();
  fleet.onEnd(() => generator.stop());
  const floors = await measureFloors({ ...options, generator, triton, folder, log });
  const { servers, starts } = await startServers(names);
  const answers = await compareAnswers(servers, { ...options, folder, log });
  for (const server of servers.values()) server.pause();
  const measured = await measureAll({ ...options, servers, triton, generator, folder, log });
  return { facts: await facts(runtime), floors, starts, answers, runs: measured };
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '3' },
      bodies: { type: 'string', default: Object.keys(BODY_TITLES).join(',') },
      clients: { type: 'string', default: '1,8,32' },
      servers: { type: 'string' },
      starts: { type: 'string', default: '5' },
      all: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const { seconds, rounds, starts } = values;
  const numbers = { seconds: Number(seconds), rounds: Number(rounds), starts: Number(starts) };
  const clientCounts = values.clients.split(',').map(Number);
  const bodies = values.bodies.split(',');
  assertNumbers({ ...numbers, clients: clientCounts });
  assertKnown('body', bodies, BODY_TITLES);
  const servers = values.servers?.split(',');
  assertKnown('server', servers ?? [], SERVERS);
  return { ...numbers, clientCounts, bodies, servers, all: values.all, write: values.write };
}

function assertNumbers(numbers) {
  for (const [name, value] of Object.entries(numbers)) {
    if (![value].flat().every((number) => number > 0)) throw new Error(`--${name} takes numbers above 0`);
  }
}

function assertKnown(what, names, table) {
  const unknown = names.find((name) => !Object.hasOwn(table, name));
  if (unknown !== undefined) {
    throw new Error(`there is no ${what} ${unknown}; there are ${Object.keys(table).join(', ')}`);
  }
}

/** The folders of the peers' programs; one that cannot be installed is missing. */
async function ensurePeers(names) {
  const venvs = new Map();
  for (const venv of new Set(names.map((name) => SERVERS[name].venv).filter(Boolean))) {
    try {
      venvs.set(venv, await ensurePeer(venv, log));
    } catch (error) {
      log(`SKIPPED the peer ${venv}: ${error.message}`);
    }
  }
  return venvs;
}

/** Every server some times for the time that its start takes, then once for the runs; those that fail are left out. */
async function startServers(names) {
  const servers = new Map();
  const starts = {};
  for (const name of names) {
    try {
      starts[name] = SERVERS[name].isTriton ? [] : await measureStarts(name);
      servers.set(name, await fleet.start(name));
    } catch (error) {
      log(`SKIPPED ${name}: ${error.message}`);
    }
  }
  return { servers, starts };
}

async function measureStarts(name) {
  const times = [];
  for (let start = 0; start < options.starts; start++) {
    const { readyMs, answeredMs, stop } = await fleet.start(name);
    times.push({ readyMs, answeredMs });
    await stop();
  }
  log(`${name}: answered ${times.map(({ answeredMs }) => answeredMs.toFixed(0)).join(', ')} ms after its start`);
  return times;
}

async function facts({ programs }) {
  const { output: python } = await runQuietly(path.join(programs, 'python'), ['--version']);
  return {
    processor: cpus()[0]?.model.trim() ?? '',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
    python: python.trim(),
    date: new Date().toISOString().slice(0, 10),
    all: options.all,
    seconds: options.seconds,
    rounds: options.rounds,
  };
}

async function write(results, text) {
  const docs = (name) => path.join(PROJECT_ROOT, 'docs', name);
  const name = documentOf(results.facts);
  const [page, numbers] = [docs(`${name}.md`), docs(`${name}.json`)];
  await writeFile(numbers, toJson(results));
  await writeFile(docs(`${name}.svg`), chart(results));
  if (!options.all) await writeFile(docs('performance.svg'), stagesChart(results));
  await writeFile(page, text);
  const prettier = path.join('node_modules', 'prettier', 'bin', 'prettier.cjs');
  await runQuietly(process.execPath, [prettier, '--write', page, numbers]);
}

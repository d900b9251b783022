/** The runs: every server with every body at every number of clients, in turns. */
import { setTimeout as sleep } from 'node:timers/promises';
import { requestOf } from './requests.mjs';
import { SERVERS } from './servers.mjs';
import { readMemory } from './usage.mjs';

/** A run while others used more of the processors than that is done again, so often. */
export const MAX_OTHERS_CORES = 0.15;
const MAX_REPEATS = 2;

/** The share of all runs that may be done again, so that a busy machine does not make the benchmark endless. */
const MAX_REPEATED_SHARE = 0.02;

/** Each server is warmed so long by each body: Node.js compiles what is hot, glibc’s malloc finds its thresholds. */
const WARM_UP_SECONDS = 5;
const WARM_UP_CLIENTS = 8;

/** What a server has to find itself again after its pause, before it is its turn: timers that have run out meanwhile. */
const SETTLE_SECONDS = 0.2;

/** What a run takes besides its load, about: that, its last answers, reading what was used. */
const RUN_OVERHEAD_SECONDS = SETTLE_SECONDS + 0.25;

/** What a start and an end take, about: ours take less, KServe's with two workers more. */
const START_SECONDS = 1.3;

/** What Triton's start and the floors take, about. */
const FIXED_SECONDS = 20;

/** Every server that is run with so many clients, with every kind of body that it is sent. */
export function cellsOf(names, clients = Infinity) {
  return names
    .filter((server) => clients >= (SERVERS[server].minClients ?? 1))
    .flatMap((server) => SERVERS[server].kinds.map((kind) => ({ server, kind })));
}

/**
 * How many runs there are, and how many minutes all of it takes at most once everything is installed.
 * @param {{ names: string[], bodies: string[], clientCounts: number[], rounds: number, seconds: number, starts: number }} plan
 */
export function planOf({ names, bodies, clientCounts, rounds, seconds, starts }) {
  const cells = cellsOf(names).length * bodies.length;
  const turns = clientCounts.reduce((sum, clients) => sum + cellsOf(names, clients).length, 0);
  const runs = turns * bodies.length * rounds;
  const started = names.filter((name) => !SERVERS[name].isTriton);
  const maxRepeats = Math.ceil(runs * MAX_REPEATED_SHARE);
  const all =
    (runs + maxRepeats) * (seconds + RUN_OVERHEAD_SECONDS) +
    cells * (WARM_UP_SECONDS + RUN_OVERHEAD_SECONDS) +
    started.length * (starts + 1) * START_SECONDS +
    clientCounts.length * 2 * seconds +
    FIXED_SECONDS;
  return { runs, maxRepeats, minutes: all / 60 };
}

/**
 * Warms every server, then takes turns: for each body and number of clients, round by round, one run of each server, while
 * the others are paused. Some keep much of a core busy without any request.
 * @param {object} plan as of `planOf`, with the `servers` that run (a Map), `triton`, the `generator`, the `folder` of
 *   the bodies and `log`
 * @returns {Promise<import('./results.mjs').Run[]>}
 */
export async function measureAll(plan) {
  const { servers, bodies, clientCounts, rounds, log } = plan;
  const names = [...servers.keys()];
  const repeats = { left: planOf({ ...plan, names }).maxRepeats };
  log('Warming up …');
  for (const body of bodies) {
    for (const cell of cellsOf(names)) {
      await measureRun({ ...cell, body, clients: WARM_UP_CLIENTS }, { ...plan, seconds: WARM_UP_SECONDS });
    }
  }
  const runs = [];
  for (const body of bodies) {
    for (const clients of clientCounts) {
      for (let round = 0; round < rounds; round++) {
        for (const cell of cellsOf(names, clients)) {
          const what = { ...cell, body, clients };
          const figures = await undisturbed(() => measureRun(what, plan), repeats);
          runs.push({ ...what, round, ...figures });
          log(`${cell.server} ${cell.kind}, ${body}, ${clients} clients: ${lineOf(figures)}`);
        }
      }
    }
  }
  return runs;
}

/** A run in words. */
export function lineOf({ callsPerSecond, p50Ms, p99Ms, errors, firstError, othersCores }) {
  const rate = `${callsPerSecond.toFixed(0)} req/s, p50 ${p50Ms?.toFixed(2)} ms, p99 ${p99Ms?.toFixed(2)} ms`;
  const failed = errors > 0 ? `, ${errors} ERRORS: ${firstError}` : '';
  const disturbed = othersCores > MAX_OTHERS_CORES ? `, others used ${othersCores.toFixed(2)} cores` : '';
  return rate + failed + disturbed;
}

/** The run of some during which others used the machine least; only one where it is quiet. */
async function undisturbed(measure, repeats) {
  let best = await measure();
  for (let again = 0; again < MAX_REPEATS && repeats.left > 0 && best.othersCores > MAX_OTHERS_CORES; again++) {
    repeats.left--;
    const other = await measure();
    if (other.othersCores < best.othersCores) best = other;
  }
  return best;
}

async function measureRun({ server: name, kind, body, clients }, { servers, triton, generator, folder, seconds }) {
  const { isTriton, healthPath } = SERVERS[name];
  const server = servers.get(name);
  const request = await requestOf(kind, body, folder);
  const watched = isTriton ? { server: server.pid } : { server: server.pid, triton: triton.pid };
  server.resume();
  try {
    await sleep(SETTLE_SECONDS * 1000);
    const run = await generator.run({ ...request, port: server.port, clients, seconds, healthPath, watched });
    return { ...figuresOf(run), ...readMemory(server.pid) };
  } finally {
    server.pause();
  }
}

/** The run with its CPU times divided by its calls, in milliseconds, and the cores that others used meanwhile. */
export function figuresOf({ cpuSeconds, ...run }) {
  const { server, triton = 0, generator, busy } = cpuSeconds;
  const perCall = (seconds) => (run.calls === 0 ? undefined : (seconds * 1000) / run.calls);
  return {
    ...run,
    serverCpuMsPerCall: perCall(server),
    tritonCpuMsPerCall: perCall(triton),
    generatorCpuMsPerCall: perCall(generator),
    machineCpuMsPerCall: perCall(server + triton + generator),
    othersCores: Math.max(0, busy - server - triton - generator) / (run.elapsedMs / 1000),
  };
}

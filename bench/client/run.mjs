/**
 * `npm run bench:client [-- --seconds 3 --rounds 3 --only grpc --write]`: our client against Triton's own Python client,
 * on one real Triton and one model. The callers take turns, each in a process of its own, round by round; the medians
 * of the rounds are compared. `--write` puts the table into docs/triton-client-benchmark.md.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT_ROOT, runQuietly } from '../../scripts/processes.mjs';
import { setUp } from '../../scripts/setup.mjs';
import { ensureTriton } from '../../scripts/triton/environment.mjs';
import { derivePythonRepository } from '../../scripts/triton/repository.mjs';
import { startTriton } from '../../scripts/triton/server.mjs';
import { COMPARISONS } from './cells.mjs';
import { report } from './report.mjs';
import { median } from './summary.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    channels: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
/** Node.js compiles the hot path in its first second. */
const WARM_UP_SECONDS = 2;
const HERE = path.join(PROJECT_ROOT, 'bench', 'client');
const REPORT = path.join(PROJECT_ROOT, 'docs', 'triton-client-benchmark.md');

await setUp(console.error);
const runtime = await ensureTriton(console.error);
const repository = await mkdtemp(path.join(tmpdir(), 'bench-repository-'));
await derivePythonRepository({ from: [path.join(PROJECT_ROOT, 'test/fixtures/triton-models')], to: repository });
const triton = await startTriton({ runtime, repository, log: path.join(PROJECT_ROOT, '.cache', 'bench-triton.log') });
try {
  const measured = [];
  for (const comparison of COMPARISONS.filter(({ ours }) => ours.includes(options.only))) {
    measured.push(await measure(comparison));
  }
  const text = report(measured, { seconds: options.seconds, rounds: options.rounds, warmUpSeconds: WARM_UP_SECONDS });
  console.log(text);
  if (options.write) await writeFile(REPORT, text);
} finally {
  await triton.stop();
  await rm(repository, { recursive: true, force: true });
}

/** Every caller of a comparison once a round, ours first; the medians of each. */
async function measure(comparison) {
  const callers = [comparison.ours, ...comparison.peers];
  const runs = new Map(callers.map((caller) => [caller, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const caller of callers) {
      const run = await callWith(caller, comparison);
      console.error(`${caller}, ${comparison.bytes} bytes, ${comparison.inFlight} in flight: ${line(run)}`);
      runs.get(caller).push(run);
    }
  }
  const medians = [...runs].map(([caller, all]) => ({ caller, ...mediansOf(all) }));
  return { ...comparison, callers: medians };
}

async function callWith(caller, { bytes, inFlight }) {
  const job = JSON.stringify({
    caller,
    model: 'copy',
    bytes,
    inFlight,
    seconds: Number(options.seconds),
    warmUpSeconds: WARM_UP_SECONDS,
    channels: Number(options.channels),
    http: `127.0.0.1:${triton.httpPort}`,
    grpc: `127.0.0.1:${triton.grpcPort}`,
  });
  const isPython = caller.startsWith('tritonclient');
  const [command, program] = isPython
    ? [path.join(runtime.programs, 'python'), path.join(HERE, 'python_caller.py')]
    : [process.execPath, path.join(HERE, 'node-caller.mjs')];
  const { code, output } = await runQuietly(command, [program, job]);
  if (code !== 0) throw new Error(`${caller} failed:\n${output}`);
  return JSON.parse(output.trim().split('\n').at(-1));
}

function mediansOf(runs) {
  return Object.fromEntries(Object.keys(runs[0]).map((key) => [key, median(runs.map((run) => run[key]))]));
}

function line({ callsPerSecond, p50Ms, p99Ms }) {
  return `${callsPerSecond.toFixed(0)} calls/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;
}

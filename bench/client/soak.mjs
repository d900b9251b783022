/**
 * `npm run soak:client [-- --calls 200000 --only grpc]`: calls a real Triton in a loop, a tenth of the calls cancelled at
 * random moments, and watches what the process holds. Ends with 1 when memory grows after the warm-up or when sockets,
 * timers or shared-memory regions are left over.
 *
 * Triton 2.51 now and then crashes when a gRPC call is cancelled (triton-inference-server/server, issues 7368 and 8034).
 * It is then started again at the same ports; calls that fail meanwhile are counted apart.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PROJECT_ROOT } from '../../scripts/processes.mjs';
import { setUp } from '../../scripts/setup.mjs';
import { ensureTriton } from '../../scripts/triton/environment.mjs';
import { derivePythonRepository } from '../../scripts/triton/repository.mjs';
import { startTriton } from '../../scripts/triton/server.mjs';

const { values: options } = parseArgs({
  options: { calls: { type: 'string', default: '200000' }, only: { type: 'string', default: '' } },
});
const CALLS = Number(options.calls);
const IN_FLIGHT = 16;
const CANCELLED_SHARE = 0.1;
const MAX_GROWTH_MB = 20;
/** Share of the calls after which memory is taken to be warm. */
const WARM_UP_SHARE = 0.1;
const SHARED_MEMORY = '/dev/shm';

await setUp(console.error);
const { createTritonClient, withSharedMemory } = await import('kserve-transformer/triton');
const runtime = await ensureTriton(console.error);
const repository = await mkdtemp(path.join(tmpdir(), 'soak-repository-'));
await derivePythonRepository({ from: [path.join(PROJECT_ROOT, 'test/fixtures/triton-models')], to: repository });
const log = path.join(PROJECT_ROOT, '.cache', 'soak-triton.log');
let triton = await startTriton({ runtime, repository, log });
let returning;
let problems = 0;
try {
  for (const caller of ['http', 'grpc', 'shared memory'].filter((name) => name.includes(options.only))) {
    problems += await soak(caller);
  }
} finally {
  await triton.stop();
  await rm(repository, { recursive: true, force: true });
}
process.exitCode = problems === 0 ? 0 : 1;

async function soak(caller) {
  const before = { sockets: await openSockets(), regions: await regions(), timers: timers() };
  const address = caller === 'http' ? `http://127.0.0.1:${triton.httpPort}` : `grpc://127.0.0.1:${triton.grpcPort}`;
  const plain = createTritonClient(address, { concurrency: IN_FLIGHT });
  const client = caller === 'shared memory' ? withSharedMemory(plain, { minBytes: 0 }) : plain;
  const samples = [];
  const counts = { answered: 0, cancelled: 0, failed: 0, crashes: 0 };
  let started = 0;

  const loop = async () => {
    while (started < CALLS) {
      started++;
      if (started % (CALLS / 100) === 0) samples.push(process.memoryUsage.rss() / 2 ** 20);
      await callOnce(client, caller, counts);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
  await client.close();
  await plain.close();
  // Sockets close and the server's answers to cancelled calls arrive within this time.
  await sleep(1000);

  const warm = samples[Math.floor(samples.length * WARM_UP_SHARE)];
  const last = samples.at(-1);
  const after = { sockets: await openSockets(), regions: await regions(), timers: timers() };
  console.log(
    `${caller}: ${counts.answered} answered, ${counts.cancelled} cancelled, ` +
      `${counts.failed} failed while Triton was away (${counts.crashes} crashes); ` +
      `RSS ${warm.toFixed(0)} MB after the warm-up, ${last.toFixed(0)} MB at the end, ${Math.max(...samples).toFixed(0)} MB at most`,
  );
  const found = [
    last - warm >= MAX_GROWTH_MB && `memory grew by ${(last - warm).toFixed(0)} MB`,
    counts.cancelled === 0 && 'no call was cancelled',
    counts.failed > 0 && counts.crashes === 0 && 'calls failed though Triton was there',
    counts.answered + counts.cancelled + counts.failed !== CALLS && 'some calls ended in no way',
    ...Object.keys(before).map(
      (what) => after[what] > before[what] && `${after[what] - before[what]} ${what} left over`,
    ),
  ].filter(Boolean);
  for (const problem of found) console.log(`${caller}: FAILED: ${problem}`);
  return found.length;
}

async function callOnce(client, caller, counts) {
  const data = Float32Array.from({ length: 16 }, () => Math.random());
  const controller = new AbortController();
  const isCancelled = Math.random() < CANCELLED_SHARE;
  if (isCancelled) setTimeout(() => controller.abort(), Math.random() * 5);
  try {
    const result = await client.infer(
      { model: 'copy', inputs: { INPUT0: { datatype: 'FP32', shape: [16], data } }, outputs: ['OUTPUT0'] },
      {
        signal: controller.signal,
        // The model's output has any size, so that it goes through memory only where the call says its size.
        ...(caller === 'shared memory' && { outputByteSizes: { OUTPUT0: data.byteLength } }),
      },
    );
    if (result.outputs.get('OUTPUT0').data[15] !== data[15]) throw new Error('the answer of another call');
    result.release?.();
    counts.answered++;
  } catch (error) {
    if (error.code === 'cancelled') counts.cancelled++;
    else if (error.code === 'unavailable') counts.failed++;
    else throw error;
    if (error.code === 'unavailable') await untilBack(counts);
  }
}

/** Starts Triton again when it has ended; once for all who wait. */
async function untilBack(counts) {
  // Its end may be noticed a moment after its connections'.
  await sleep(100);
  if (isRunning(triton.pid)) return;
  returning ??= (async () => {
    counts.crashes++;
    const { httpPort, grpcPort } = triton;
    await triton.stop();
    triton = await startTriton({ runtime, repository, log, httpPort, grpcPort });
    returning = undefined;
  })();
  await returning;
}

function isRunning(pid) {
  return existsSync(`/proc/${pid}`);
}

async function openSockets() {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return targets.filter((target) => target.startsWith('socket:')).length;
}

async function regions() {
  return (await readdir(SHARED_MEMORY)).filter((name) => !name.startsWith('triton-')).length;
}

function timers() {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

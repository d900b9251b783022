/**
 * `--import`ed into the service: adds up what each model of the embedded predictor takes within onnxruntime's `run`, and
 * tells that, the CPU time of the process, and that of the threads on which models run (Linux), to the process that
 * started the service, whenever it asks.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { getEnvironmentData, isMainThread, setEnvironmentData, workerData } from 'node:worker_threads';

const KEY = 'milliseconds-of-models';
const TASKS = '/proc/self/task';
const REPOSITORY = process.env.MODEL_REPOSITORY ?? 'triton-models';
const MODELS = readdirSync(REPOSITORY, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

/** Milliseconds and number of runs, model by model; behind them, the ids of the threads that models run on. */
const PER_MODEL = 2;
const MOST_THREADS = 256;

if (isMainThread) answerParent();
// Other threads have no models.
else if (workerData?.repository !== undefined) await timeRuns(new Float64Array(getEnvironmentData(KEY)));

function answerParent() {
  const memory = new SharedArrayBuffer((PER_MODEL * MODELS.length + MOST_THREADS) * Float64Array.BYTES_PER_ELEMENT);
  setEnvironmentData(KEY, memory);
  const totals = new Float64Array(memory);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const models = MODELS.map((name, i) => ({ name, ms: totals[2 * i], runs: totals[2 * i + 1] }));
    const modelCpuMs = cpuMsOf(totals.subarray(PER_MODEL * MODELS.length));
    process.send({ cpuMs: (user + system) / 1000, modelCpuMs, models });
  });
}

/** What the threads have been on a CPU: the first number of schedstat, in nanoseconds. */
function cpuMsOf(threads) {
  return [...threads]
    .filter((id) => id > 0 && existsSync(`${TASKS}/${id}/schedstat`))
    .reduce((total, id) => total + Number(readFileSync(`${TASKS}/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6, 0);
}

async function timeRuns(totals) {
  const { InferenceSession } = await import('onnxruntime-node');
  const threads = new Set([Number(path.basename(readlinkSync('/proc/thread-self')))]);
  const create = InferenceSession.create.bind(InferenceSession);
  InferenceSession.create = async (file, options) => {
    const before = new Set(readdirSync(TASKS));
    const session = await create(file, options);
    // The runtime's own threads; nothing else of the service starts any before all models are loaded.
    for (const id of readdirSync(TASKS)) if (!before.has(id)) threads.add(Number(id));
    totals.set([...threads], PER_MODEL * MODELS.length);
    const place = MODELS.indexOf(path.relative(REPOSITORY, file).split(path.sep)[0]);
    const run = session.run.bind(session);
    session.run = async (...call) => {
      const startedAt = performance.now();
      try {
        return await run(...call);
      } finally {
        totals[2 * place] += performance.now() - startedAt;
        totals[2 * place + 1] += 1;
      }
    };
    return session;
  };
}

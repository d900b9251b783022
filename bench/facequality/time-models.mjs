/**
 * `--import`ed into the service: adds up what each model of the embedded predictor takes within onnxruntime's `run`, and
 * tells that, and the CPU time of the process, to the process that started the service, whenever it asks.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { getEnvironmentData, isMainThread, setEnvironmentData, workerData } from 'node:worker_threads';

const KEY = 'milliseconds-of-models';
const REPOSITORY = process.env.MODEL_REPOSITORY ?? 'triton-models';
const MODELS = readdirSync(REPOSITORY, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

if (isMainThread) answerParent();
// Other threads have no models.
else if (workerData?.repository !== undefined) await timeRuns(new Float64Array(getEnvironmentData(KEY)));

function answerParent() {
  // Milliseconds and number of runs, model by model.
  const memory = new SharedArrayBuffer(2 * MODELS.length * Float64Array.BYTES_PER_ELEMENT);
  setEnvironmentData(KEY, memory);
  const totals = new Float64Array(memory);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const models = MODELS.map((name, i) => ({ name, ms: totals[2 * i], runs: totals[2 * i + 1] }));
    process.send({ cpuMs: (user + system) / 1000, models });
  });
}

async function timeRuns(totals) {
  const { InferenceSession } = await import('onnxruntime-node');
  const create = InferenceSession.create.bind(InferenceSession);
  InferenceSession.create = async (file, options) => {
    const session = await create(file, options);
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

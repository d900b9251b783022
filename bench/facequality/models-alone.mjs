import { readdirSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** What the full chain asks of each model for one face: items in a batch, and one item's shape. */
const CALLS = {
  face_detect: [1, 3, 240, 320],
  face_landmark: [1, 1, 64, 64],
  face_pose: [1, 3, 224, 224],
  face_liveness: [1, 3, 128, 128],
  face_eye: [2, 1, 24, 24],
  face_embedding: [1, 3, 112, 112],
};
const RUNS = 100;
const WARM_UP_RUNS = 20;

/**
 * Runs the models for one face with nothing beside them, with the embedded predictor's settings.
 * @param {{ repository: string, threads: number }} options
 * @returns {Promise<{ name: string, ms: number, cpuMs: number }[]>} of one run: median wall time and mean CPU time
 */
export async function timeModelsAlone({ repository, threads }) {
  const timed = [];
  for (const [name, shape] of Object.entries(CALLS)) {
    const [version] = readdirSync(`${repository}/${name}`).filter((entry) => /^\d+$/.test(entry));
    const session = await InferenceSession.create(`${repository}/${name}/${version}/model.onnx`, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    const size = shape.reduce((a, b) => a * b);
    const feeds = { [session.inputNames[0]]: new Tensor('float32', new Float32Array(size).fill(0.5), shape) };
    for (let run = 0; run < WARM_UP_RUNS; run++) await session.run(feeds);
    const before = process.cpuUsage();
    const walls = [];
    for (let run = 0; run < RUNS; run++) {
      const startedAt = performance.now();
      await session.run(feeds);
      walls.push(performance.now() - startedAt);
    }
    const { user, system } = process.cpuUsage(before);
    timed.push({ name, ms: walls.sort((a, b) => a - b)[RUNS / 2], cpuMs: (user + system) / 1000 / RUNS });
    await session.release();
  }
  return timed;
}

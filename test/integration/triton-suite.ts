import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Predictor } from '../../src/predictor/predictor.js';
import { float32Tensor } from '../../src/tensor.js';
import { describePredictor } from '../predictor/contract.js';
import { type OwnTriton, type Protocol, startOwnTriton, tritonPredictor } from './real-triton.js';

/** How soon a predictor has to answer again once Triton is back. */
const RECOVERY_LIMIT_MS = 2000;

const FACE_MODELS = [
  'face_detect',
  'face_landmark',
  'face_pose',
  'face_eye',
  'face_liveness',
  'face_embedding',
  'face_quality',
];

/** Everything that is to hold for a predictor over a real Triton. */
export function describeRealTriton(protocol: Protocol): void {
  describePredictor(`A real Triton over ${protocol}`, async () => ({
    predictor: await tritonPredictor(protocol),
    platform: 'python',
    stop: () => Promise.resolve(),
  }));

  describe(`The face models on a real Triton over ${protocol}`, () => {
    let predictor: Predictor;
    beforeAll(async () => {
      predictor = await tritonPredictor(protocol);
    });
    afterAll(() => predictor.close());

    it.each(FACE_MODELS)('%s answers batches of 1 and 3 as onnxruntime does', async (model) => {
      const { inputs, maxBatchSize } = await predictor.modelInfo(model);
      const [input] = inputs;
      expect(inputs).toHaveLength(1);
      expect(maxBatchSize).toBeGreaterThanOrEqual(3);
      const session = await InferenceSession.create(`triton-models/${model}/1/model.onnx`);
      for (const batch of [1, 3]) {
        const shape = [batch, ...(input?.shape.slice(1) ?? [])];
        const data = waves(shape.reduce((product, dim) => product * dim, 1));
        const name = String(input?.name);
        const { outputs } = await predictor.infer({ model, inputs: new Map([[name, float32Tensor(shape, data)]]) });
        const expected = await session.run({ [name]: new OnnxTensor('float32', data, shape) });
        expect([...outputs.keys()].sort()).toEqual([...session.outputNames].sort());
        for (const [output, { shape, data }] of outputs) {
          expect(shape).toEqual(expected[output]?.dims);
          expect(largestDifference(data as Float32Array, expected[output]?.data as Float32Array)).toBeLessThan(1e-3);
        }
      }
      await session.release();
    });
  });

  describe(`A real Triton over ${protocol} that is killed`, () => {
    let triton: OwnTriton;
    let predictor: Predictor;
    beforeAll(async () => {
      triton = await startOwnTriton();
      predictor = await tritonPredictor(protocol, triton.address(protocol));
    });
    afterAll(async () => {
      await predictor.close();
      await triton.close();
    });

    it('fails the calls under way as unavailable, and answers again soon after it is back', async () => {
      const inputs = new Map([['input', float32Tensor([1, 4], Float32Array.of(1, 2, 3, 4))]]);
      const call = () => predictor.infer({ model: 'identity', inputs });
      await call();

      const calls = Array.from({ length: 5000 }, call);
      await calls[100];
      const outcomes = Promise.allSettled(calls);
      await triton.kill();
      const failures = (await outcomes).filter(({ status }) => status === 'rejected');
      expect(failures.length).toBeGreaterThan(0);
      for (const failure of failures) expect(failure).toMatchObject({ reason: { code: 'unavailable' } });
      expect(await predictor.isServerReady()).toBe(false);

      await triton.restart();
      const backAt = performance.now();
      await untilAnswered(call);
      expect(performance.now() - backAt).toBeLessThan(RECOVERY_LIMIT_MS);
    });
  });
}

/** Calls again and again until an answer comes; the test's own time limit ends it otherwise. */
async function untilAnswered(call: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const isAnswered = await call().then(
      () => true,
      () => false,
    );
    if (isAnswered) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Smooth values within -1..1 that differ from place to place. */
function waves(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(index * 0.37));
}

/** The largest difference, relative to the expected values' magnitude where that is above 1. */
function largestDifference(actual: Float32Array, expected: Float32Array): number {
  expect(actual).toHaveLength(expected.length);
  return expected.reduce(
    (largest, value, index) =>
      Math.max(largest, Math.abs((actual[index] ?? NaN) - value) / Math.max(1, Math.abs(value))),
    0,
  );
}

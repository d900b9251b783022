import type { TritonRuntime } from '../../scripts/triton/server.mjs';
import { createEmbeddedPredictor } from '../../src/predictor/embedded/embedded-predictor.js';
import type { Predictor } from '../../src/predictor/predictor.js';
import { float32Tensor } from '../../src/tensor.js';
import { goldenLogits, LOGIT_TOLERANCE } from '../helpers/golden-cifar10.js';
import { seededRandom } from '../helpers/seeded-random.js';
import { startService } from '../helpers/start-service.js';
import { FACE_MODELS, WORKER_ENTRY } from '../predictor/embedded/embedded-setup.js';
import { tritonAddress, tritonPredictor } from './real-triton.js';

const { pictures } = goldenLogits();
const LOGGER = { info: () => undefined, warn: () => undefined, error: () => undefined };
const { withoutTorch } = JSON.parse(process.env['TRITON_RUNTIME'] ?? '{}') as Partial<TritonRuntime>;

/** Where there is no PyTorch, `npm run test:triton` says so loudly. */
const describeWithTorch = withoutTorch === undefined ? describe : describe.skip;

/** The same pixels for each predictor: noise over the whole range of the input. */
function pixels(batch: number): Float32Array {
  const random = seededRandom(batch);
  return Float32Array.from({ length: batch * 3 * 32 * 32 }, () => 2 * random() - 1);
}

async function logitsOf(predictor: Predictor, model: string, batch: number): Promise<Float32Array> {
  const inputs = new Map([['INPUT__0', float32Tensor([batch, 3, 32, 32], pixels(batch))]]);
  const logits = (await predictor.infer({ model, inputs })).outputs.get('OUTPUT__0');
  expect(logits?.shape).toEqual([batch, 10]);
  return logits?.data as Float32Array;
}

describeWithTorch.each(['http', 'grpc'] as const)('cifar10 as TorchScript on a real Triton by %s', (protocol) => {
  it.each([1, 3, 32])('answers a batch of %d as the ONNX model on the embedded predictor', async (batch) => {
    const settings = { repository: FACE_MODELS, threads: 1, concurrency: 1, requestTimeoutMs: 60_000 };
    const embedded = await createEmbeddedPredictor({ ...settings, logger: LOGGER, workerEntry: WORKER_ENTRY });
    const triton = await tritonPredictor(protocol);
    try {
      const expected = await logitsOf(embedded, 'cifar10', batch);
      const received = await logitsOf(triton, 'cifar10_torchscript', batch);
      const worst = received.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? NaN))), 0);
      expect(worst).toBeLessThanOrEqual(1e-4);
      expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.1);
    } finally {
      await Promise.all([embedded.close(), triton.close()]);
    }
  });

  it('serves the samples with the logits that Pillow and onnxruntime give them', async () => {
    const service = await startService([
      '--model_name=cifar10',
      '--predictor_model_name=cifar10_torchscript',
      `--predictor_host=${tritonAddress(protocol)}`,
      `--predictor_protocol=${protocol === 'http' ? 'v2' : 'grpc-v2'}`,
    ]);
    try {
      await service.untilReady();
      const instances = pictures.map(({ bytes }) => bytes.toString('base64'));
      const { status, body } = await service.post('/v1/models/cifar10:predict', { instances });
      expect(status).toBe(200);
      const { predictions } = body as { predictions: { logits: number[] }[] };
      expect(predictions).toHaveLength(pictures.length);
      predictions.forEach(({ logits }, i) => {
        pictures[i]?.expected.forEach((value, label) =>
          expect(Math.abs((logits[label] ?? NaN) - value)).toBeLessThanOrEqual(LOGIT_TOLERANCE),
        );
      });
    } finally {
      await service.stop();
    }
  });
});

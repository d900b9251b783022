import { goldenLogits, LOGIT_TOLERANCE } from '../helpers/golden-cifar10.js';
import { startService } from '../helpers/start-service.js';
import { tritonAddress } from './real-triton.js';

const { pictures } = goldenLogits();

describe.each(['http', 'grpc'] as const)('the cifar10 service over a real Triton by %s', (protocol) => {
  it('answers 62 pictures, more than one batch, with the logits that Pillow and onnxruntime give them', async () => {
    const service = await startService([
      '--model_name=cifar10',
      `--predictor_host=${tritonAddress(protocol)}`,
      `--predictor_protocol=${protocol === 'http' ? 'v2' : 'grpc-v2'}`,
    ]);
    try {
      await service.untilReady();
      const twice = [...pictures, ...pictures];
      const instances = twice.map(({ bytes }) => bytes.toString('base64'));
      const { status, body } = await service.post('/v1/models/cifar10:predict', { instances });
      expect(status).toBe(200);
      const { predictions } = body as { predictions: { logits: number[] }[] };
      expect(predictions).toHaveLength(twice.length);
      predictions.forEach(({ logits }, i) => {
        twice[i]?.expected.forEach((value, label) =>
          expect(Math.abs((logits[label] ?? NaN) - value)).toBeLessThanOrEqual(LOGIT_TOLERANCE),
        );
      });
    } finally {
      await service.stop();
    }
  });

  it('answers 31 requests of one picture each by fewer calls, each with its own logits, where calls are joined', async () => {
    const service = await startService([
      '--model_name=cifar10',
      `--predictor_host=${tritonAddress(protocol)}`,
      `--predictor_protocol=${protocol === 'http' ? 'v2' : 'grpc-v2'}`,
      '--max_batch_delay_ms=50',
    ]);
    try {
      await service.untilReady();
      const answers = await Promise.all(
        pictures.map(({ bytes }) =>
          service.post('/v1/models/cifar10:predict', { instances: [bytes.toString('base64')] }),
        ),
      );
      answers.forEach(({ status, body }, i) => {
        expect(status).toBe(200);
        const [prediction] = (body as { predictions: { logits: number[] }[] }).predictions;
        pictures[i]?.expected.forEach((value, label) =>
          expect(Math.abs((prediction?.logits[label] ?? NaN) - value)).toBeLessThanOrEqual(LOGIT_TOLERANCE),
        );
      });
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      const calls = Number(/^predictor_calls_total\{model="cifar10",code="ok"\} (\d+)$/m.exec(metrics)?.[1]);
      expect(calls).toBeGreaterThan(0);
      expect(calls).toBeLessThan(pictures.length);
    } finally {
      await service.stop();
    }
  });
});

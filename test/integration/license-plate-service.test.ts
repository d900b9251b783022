import { expectPlates, goldenPlates } from '../helpers/golden-plates.js';
import { startService } from '../helpers/start-service.js';
import { tritonAddress } from './real-triton.js';

const { pictures } = goldenPlates();

describe.each(['http', 'grpc'] as const)('the plate service over a real Triton by %s', (protocol) => {
  it('answers the samples as Pillow, numpy and onnxruntime do, and so as embedded models do', async () => {
    const service = await startService([
      '--model_name=license_plate',
      `--predictor_host=${tritonAddress(protocol)}`,
      `--predictor_protocol=${protocol === 'http' ? 'v2' : 'grpc-v2'}`,
      // This build of Triton dies of HTTP bodies of about 4 MB; a picture takes 1.2 of them.
      '--predictor_max_body_bytes=3900000',
    ]);
    try {
      await service.untilReady();
      const instances = pictures.map(({ bytes }) => bytes.toString('base64'));
      const { status, body } = await service.post('/v1/models/license_plate:predict', { instances });
      expect(status).toBe(200);
      const { predictions } = body as { predictions: unknown[] };
      expect(predictions).toHaveLength(pictures.length);
      pictures.forEach(({ plates }, i) => expectPlates(predictions[i], plates));
    } finally {
      await service.stop();
    }
  });
});

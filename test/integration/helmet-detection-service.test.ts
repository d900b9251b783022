import sharp from 'sharp';
import { expectSameThings, type FoundThing, goldenScenes } from '../helpers/golden-helmets.js';
import { startService } from '../helpers/start-service.js';
import { type OwnTriton, startOwnTriton, tritonAddress } from './real-triton.js';

const PREDICT = '/v1/models/helmet_detection:predict';
const { scenes } = goldenScenes();

const overProtocol = (protocol: 'http' | 'grpc', address: string) => [
  '--model_name=helmet_detection',
  `--predictor_host=${address}`,
  `--predictor_protocol=${protocol === 'http' ? 'v2' : 'grpc-v2'}`,
];

describe.each(['http', 'grpc'] as const)('the helmet_detection service over a real Triton by %s', (protocol) => {
  it('finds in 16 pictures, more than one batch, what Pillow, onnxruntime and numpy find', async () => {
    const service = await startService(overProtocol(protocol, tritonAddress(protocol)));
    try {
      await service.untilReady();
      const twice = [...scenes, ...scenes];
      const instances = twice.map(({ bytes }) => bytes.toString('base64'));
      const { status, body } = await service.post(PREDICT, { instances });
      expect(status).toBe(200);
      const { predictions } = body as { predictions: FoundThing[][] };
      expect(predictions).toHaveLength(twice.length);
      predictions.forEach((found, i) => expectSameThings(found, twice[i]?.stretch ?? []));
    } finally {
      await service.stop();
    }
  });
});

describe('a detector with the tensors of YOLOv5s on a real Triton', () => {
  let triton: OwnTriton;
  beforeAll(async () => {
    triton = await startOwnTriton({ from: ['test/fixtures/detectors'] });
  }, 120_000);
  afterAll(() => triton.close());

  it.each(['http', 'grpc'] as const)('is served by flags alone, by %s', async (protocol) => {
    const service = await startService([
      ...overProtocol(protocol, triton.address(protocol)),
      '--predictor_model_name=yolov5s',
      '--helmet_detection_labels=test/fixtures/detectors/labels.txt',
    ]);
    try {
      await service.untilReady();
      const white = { r: 255, g: 255, b: 255 };
      const png = sharp({ create: { width: 64, height: 48, channels: 3, background: white } }).png();
      const b64 = (await png.toBuffer()).toString('base64');
      // A fixed batch of 1: three calls.
      const { body } = await service.post(PREDICT, { instances: [b64, b64, b64] });
      const { predictions } = body as { predictions: FoundThing[][] };
      expect(predictions).toHaveLength(3);
      for (const found of predictions) {
        expect(found.map((thing) => thing.class)).toEqual(['thing 79', 'thing 3', 'thing 4', 'thing 0']);
        expect(found[1]).toEqual({
          x1: 0.34375,
          y1: 0.421875,
          x2: 0.65625,
          y2: 0.578125,
          confidence: 0.65625,
          class: 'thing 3',
        });
      }
    } finally {
      await service.stop();
    }
  });
});

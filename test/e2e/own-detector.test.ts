import sharp from 'sharp';
import type { FoundThing } from '../helpers/golden-helmets.js';
import { runService, type RunningService, startService } from '../helpers/start-service.js';

/** Detectors with the tensors of real exports, which answer fixed boxes (scripts/make-detector-fixtures.mjs). */
const DETECTORS = 'test/fixtures/detectors';
const PREDICT = '/v1/models/helmet_detection:predict';
const LABELS = `--helmet_detection_labels=${DETECTORS}/labels.txt`;

/** A picture of which the model's input has this mean. */
async function grey(brightness: number): Promise<string> {
  const side = Math.round(255 * brightness);
  const background = { r: side, g: side, b: side };
  const png = sharp({ create: { width: 1280, height: 320, channels: 3, background } }).png();
  return (await png.toBuffer()).toString('base64');
}

/** Edges in pixels of a 640 × 640 input, the confidence, the class. */
function thing(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  rest: Pick<FoundThing, 'confidence' | 'class'>,
): FoundThing {
  const share = (px: number) => Math.round(Math.min(1, Math.max(0, px / 640)) * 1e6) / 1e6;
  return { x1: share(x1), y1: share(y1), x2: share(x2), y2: share(y2), ...rest };
}

const BEST = thing(220, 270, 420, 370, { confidence: 0.65625, class: 'thing 3' });
const OTHER_CLASS = thing(220, 270, 420, 370, { confidence: 0.625, class: 'thing 4' });
const AT_EDGE = thing(540, 40, 660, 160, { confidence: 0.5, class: 'thing 0' });
const AS_BRIGHT = (confidence: number) => thing(75, 460, 125, 540, { confidence, class: 'thing 79' });

function serve(model: string, ...flags: string[]): Promise<RunningService> {
  return startService([
    '--model_name=helmet_detection',
    ...[`--predictor_model_name=${model}`, `--model_repository=${DETECTORS}`, LABELS],
    ...flags,
  ]);
}

async function predict(service: RunningService, ...brightness: number[]): Promise<FoundThing[][]> {
  const { status, body } = await service.post(PREDICT, { instances: await Promise.all(brightness.map(grey)) });
  expect({ status, body }).toMatchObject({ status: 200 });
  return (body as { predictions: FoundThing[][] }).predictions;
}

describe.each(['yolov5s', 'yolov8n'])('a detector with the tensors of %s', (model) => {
  it('is served by flags alone', async () => {
    const service = await serve(model);
    try {
      await service.untilReady();
      const [bright, dark] = await predict(service, 0.8, 0);
      expect(bright).toEqual([
        { ...AS_BRIGHT(0.8), confidence: expect.closeTo(0.8, 2) },
        ...[BEST, OTHER_CLASS, AT_EDGE],
      ]);
      expect(dark).toEqual([BEST, OTHER_CLASS, AT_EDGE]);
    } finally {
      await service.stop();
    }
  });

  it('answers some classes only, none of them over another, where the flags say so', async () => {
    const service = await serve(
      model,
      `--helmet_detection_labels=${DETECTORS}/index_to_name.json`,
      ...['--helmet_detection_classes=thing 3,4,thing 79', '--helmet_detection_class_agnostic'],
      ...['--helmet_detection_confidence=0.3', '--helmet_detection_iou=0.99'],
    );
    try {
      await service.untilReady();
      const [found] = await predict(service, 0.2);
      const nearlyBest = { ...thing(224, 272, 424, 372, { confidence: 0.5625, class: 'thing 3' }) };
      expect(found).toEqual([BEST, nearlyBest]);
    } finally {
      await service.stop();
    }
  });

  it('is undone from the picture’s letterbox', async () => {
    const service = await serve(model, '--helmet_detection_fit', 'letterbox');
    try {
      await service.untilReady();
      // 1280 × 320 becomes 640 × 160, from row 240 on.
      const [found] = await predict(service, 0);
      const inPicture = { y1: (270 - 240) / 160, y2: (370 - 240) / 160 };
      // What lies in the bars is left out: it is not in the picture.
      expect(found).toEqual([
        { ...BEST, ...inPicture },
        { ...OTHER_CLASS, ...inPicture },
      ]);
    } finally {
      await service.stop();
    }
  });
});

describe('a detector that does not fit its flags', () => {
  it.each([
    [
      'without its labels',
      ['--helmet_detection_labels=triton-models/helmet_detection/labels.txt'],
      'expected output output0 as FP32 [B,N,7] (yolov5) or FP32 [B,6,N] (yolov8) for 2 classes (hat, person), received FP32 [1,25200,85]',
    ],
    ['as of another form', ['--helmet_detection_output=yolov8'], 'expected output output0 as FP32 [B,84,N] (yolov8)'],
    ['by another output', ['--helmet_detection_output_name=boxes'], 'it has no output "boxes": output0'],
    ['at another size', ['--helmet_detection_input_size=320'], '--helmet_detection_input_size is 320x320'],
  ])('is not ready %s, and says why', async (_, flags, reason) => {
    const service = await serve('yolov5s', ...flags);
    try {
      const line = await service.line(({ msg }) => msg === 'model is not ready');
      expect(line['reason']).toContain(reason);
      const { status, body } = await service.post(PREDICT, { instances: [await grey(0)] });
      expect(status).toBe(502);
      expect((body as { error: string }).error).toContain(reason);
    } finally {
      await service.stop();
    }
  });

  it.each([
    ['--helmet_detection_labels=nowhere.txt', '--helmet_detection_labels nowhere.txt: it cannot be read'],
    [
      '--helmet_detection_classes=hat,cat',
      '--helmet_detection_classes: there is no class "cat"; the model has hat, person',
    ],
    ['--helmet_detection_iou=1.5', 'expects a number from 0 to 1, received "1.5"'],
    ['--helmet_detection_input_size=big', 'received "big"'],
  ])('keeps the service from starting: %s', async (flag, reason) => {
    const { code, errors } = await runService(['--model_name=helmet_detection', flag], {
      HTTP_PORT: '0',
      GRPC_PORT: '0',
    });
    expect(code).toBe(1);
    expect(errors.replaceAll('\\"', '"')).toContain(reason);
  });
});

import { goldenLogits, LOGIT_TOLERANCE } from '../helpers/golden-cifar10.js';
import { type RunningService, startService } from '../helpers/start-service.js';

const PREDICT = '/v1/models/cifar10:predict';
const { pictures } = goldenLogits();

interface Prediction {
  readonly label: string;
  readonly index: number;
  readonly logits: readonly number[];
  readonly caption?: string;
}

function sample(name: string): string {
  return pictures.find((picture) => picture.name === name)?.bytes.toString('base64') ?? '';
}

describe('the cifar10 service on embedded models', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startService(['--model_name', 'cifar10']);
    await service.untilReady();
  });
  afterAll(async () => {
    expect(await service.stop()).toBe(0);
  });

  it('answers a request of 31 pictures with the logits that Pillow and onnxruntime give them', async () => {
    const instances = pictures.map(({ name, bytes }) => ({ image: { b64: bytes.toString('base64') }, caption: name }));
    const { status, body } = await service.post(PREDICT, { instances });
    expect(status).toBe(200);
    const { predictions } = body as { predictions: Prediction[] };
    expect(predictions.map(({ caption }) => caption)).toEqual(pictures.map(({ name }) => name));
    predictions.forEach(({ index, logits }, i) => {
      const expected = pictures[i]?.expected ?? [];
      expect(index).toBe(expected.indexOf(Math.max(...expected)));
      expected.forEach((value, label) =>
        expect(Math.abs((logits[label] ?? NaN) - value)).toBeLessThanOrEqual(LOGIT_TOLERANCE),
      );
    });
  });

  it('keeps a bad picture’s error in its place', async () => {
    const instances = [{ b64: sample('base.png') }, { b64: 'AAAA', caption: 'bad' }, sample('alpha.png')];
    const { status, body } = await service.post(PREDICT, { instances });
    expect(status).toBe(200);
    expect(body).toEqual({
      predictions: [
        { label: 'automobile', index: 1, logits: expect.any(Array) },
        { error: { code: 'unprocessable', message: expect.stringMatching(/^instances\[1\]: not a picture/) } },
        { label: 'automobile', index: 1, logits: expect.any(Array) },
      ],
    });
  });

  it('takes a bare picture', async () => {
    const { body } = await service.post(PREDICT, Buffer.from(sample('no_face_cat.jpg'), 'base64'));
    expect(body).toEqual({ predictions: [{ label: 'deer', index: 4, logits: expect.any(Array) }] });
  });

  it('answers 422 when every picture is bad, and 400 for a body that is none of its own', async () => {
    expect(await service.post(PREDICT, { instances: ['AAAA'] })).toEqual({
      status: 422,
      body: { error: expect.stringMatching(/^instances\[0\]: not a picture/) },
    });
    expect(await service.post(PREDICT, { multi_data: [] })).toEqual({
      status: 400,
      body: { error: 'expected an object with "instances", received the keys: multi_data' },
    });
  });

  it('answers for no other model', async () => {
    const { status, body } = await service.post('/v1/models/facequality:predict', { instances: ['AAAA'] });
    expect(status).toBe(404);
    expect(body).toEqual({ error: expect.stringContaining('"facequality" does not exist; served here: cifar10') });
  });
});

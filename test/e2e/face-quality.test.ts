import { multiResponseSchema, type MultiResponse } from 'common-data-type';
import { dataUrl, multiRequest, PREDICT, sampleFace, SIXTEEN_PICTURES } from '../helpers/face-bodies.js';
import { type RunningService, startService } from '../helpers/start-service.js';

describe('the face-quality service on embedded models', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startService(['--predictor_host', 'embedded']);
    await service.untilReady();
  });
  afterAll(async () => {
    expect(await service.stop()).toBe(0);
  });

  it('runs the full chain and says so in the log', async () => {
    const line = await service.line(({ msg }) => msg === 'facequality chain decided');
    expect(line).toMatchObject({ chain: { name: 'full' } });
  });

  it('scores the base picture 81 and damaged ones lower', async () => {
    const names = ['base.png', 'blur1.jpg', 'blur2.jpg', 'dark.jpg', 'half_covered.jpg', 'cropped_left.jpg'];
    const { status, body } = await service.post(PREDICT, multiRequest(names));
    expect(status).toBe(200);
    const [base, ...damaged] = multiResponseSchema.parse(body).multi_data.map(({ data }) => data[0]?.quality ?? 0);
    expect(Math.abs(Number(base) - 81)).toBeLessThanOrEqual(2);
    for (const quality of damaged) expect(quality).toBeLessThan(Number(base) - 5);
  });

  it('says where the face is, how it looks and what each component is', async () => {
    const { body } = await service.post(PREDICT, multiRequest(['base.png']));
    const [response] = multiResponseSchema.parse(body).multi_data;
    expect(response?.extra_info).toEqual({ source: 'face_quality_score', width: 400, height: 400, chain: 'full' });
    const [face] = response?.data ?? [];
    expect(face?.box?.map(Math.round)).toEqual([162, 65, 248, 174]);
    expect(face?.landmarks).toHaveLength(5);
    expect(face?.eyes_open).toEqual([1, 1]);
    expect(face?.liveness?.live).toBeGreaterThan(0.99);
    expect(Object.keys(face?.components ?? {})).toContain('inter_eye_distance');
  });

  it('answers no face with a score of 0 and the reason', async () => {
    const { body } = await service.post(PREDICT, multiRequest(['no_face_coffee.jpg', 'one_pixel.png']));
    for (const { data } of (body as MultiResponse).multi_data)
      expect(data).toEqual([{ score: 0, quality: 0, reason: 'no_face' }]);
  });

  it('takes the deployed client’s batch of 16, whose base64 arrives as b’…’', async () => {
    const item = (name: string) => `data:image/jpeg;base64,b'${sampleFace(name).toString('base64')}'`;
    const wrapped = { multi_data: SIXTEEN_PICTURES.map((name) => ({ data: { item: item(name) } })) };
    const plain = await service.post(PREDICT, multiRequest(SIXTEEN_PICTURES));
    expect(await service.post(PREDICT, wrapped)).toEqual(plain);
    expect((plain.body as MultiResponse).multi_data).toHaveLength(16);
  });

  it('takes the deployed client’s single Request and echoes its extra_info', async () => {
    const request = {
      data: { item: sampleFace('base_q92.jpg').toString('base64') },
      extra_info: { type: 'selfie', source: 'app', others: [{ key: 'user', value: 7 }] },
    };
    const { body } = await service.post(PREDICT, request, { 'content-type': 'image/jpeg' });
    expect((body as MultiResponse).multi_data).toHaveLength(1);
    expect((body as MultiResponse).multi_data[0]?.extra_info).toMatchObject({
      type: 'selfie',
      others: [{ key: 'user', value: 7 }],
      source: 'face_quality_score',
    });
  });

  it('gives the same scores for every form that a picture may come in', async () => {
    const { body } = await service.post(PREDICT, multiRequest(['base_q92.jpg']));
    const expected = (body as MultiResponse).multi_data[0]?.data;
    const bytes = sampleFace('base_q92.jpg');
    const b64 = bytes.toString('base64');
    const instances = [
      b64,
      dataUrl('base_q92.jpg'),
      { image: { b64 } },
      { image_bytes: { b64 } },
      { data: b64 },
      { b64 },
    ];
    const answer = await service.post(PREDICT, { instances });
    expect(answer.body).toEqual({ predictions: instances.map(() => expected) });
    const bare = await service.post(PREDICT, bytes, { 'content-type': 'image/jpeg' });
    expect((bare.body as MultiResponse).multi_data[0]?.data).toEqual(expected);
  });

  it('scores the others when one picture of a batch is bad', async () => {
    const request = multiRequest(['base_q92.jpg', 'no_face_flat.png', 'blur1.jpg']);
    request.multi_data[1] = { data: { item: Buffer.from('not a picture').toString('base64') } };
    const { status, body } = await service.post(PREDICT, request);
    const [first, second, third] = (body as MultiResponse).multi_data;
    expect(status).toBe(200);
    expect(first?.data[0]?.quality).toBe(81);
    expect(second?.data).toEqual([]);
    expect(second?.extra_info?.error).toEqual({
      code: 'unprocessable',
      message: expect.stringMatching(/^multi_data\[1\]\.data\.item: not a picture of an accepted format/),
    });
    expect(third?.data[0]?.score).toBeGreaterThan(0.6);
  });

  it('logs one line per request with the time of each stage and model', async () => {
    await service.post(PREDICT, multiRequest(['base_q92.jpg']), { 'x-request-id': 'line-1' });
    const line = await service.line(({ requestId }) => requestId === 'line-1');
    expect(line).toMatchObject({ msg: 'request', status: 200, items: 1, itemErrors: 0 });
    const stages = [
      'queue',
      'decode',
      'preprocess',
      'predict',
      'postprocess',
      'face_detect',
      'face_pose',
      'face_embedding',
    ];
    expect(Object.keys(line['stagesMs'] as object)).toEqual(expect.arrayContaining(stages));
  });
});

describe('the simple chain', () => {
  it('scores each whole picture by one model', async () => {
    const service = await startService(['--facequality_chain=simple', '--single-response', 'bare']);
    try {
      await service.untilReady();
      const { body } = await service.post(PREDICT, { data: { item: dataUrl('base.png') } });
      expect(body).toEqual({
        data: [{ score: expect.any(Number) }],
        extra_info: { source: 'face_quality_score', width: 400, height: 400, chain: 'simple' },
      });
      const { data } = body as { data: { score: number }[] };
      expect(data[0]?.score).toBeGreaterThan(0);
      expect(data[0]?.score).toBeLessThan(1);
    } finally {
      await service.stop();
    }
  });
});

import { multiRequestSchema, multiResponseSchema, requestSchema, responseSchema } from 'common-data-type';

const face = {
  score: 0.812,
  quality: 81,
  detection_score: 0.9998,
  box: [161.5, 64.9, 247.8, 174.1],
  landmarks: [
    [184, 101],
    [227, 103],
    [205, 127],
    [184, 140],
    [224, 142],
  ],
  pose: { yaw: -0.5, pitch: -12, roll: 3 },
  eyes_open: [1, 0.98],
  liveness: { live: 0.999, crop_factor: 2.7 },
  components: { sharpness: 91.6 },
};

describe('requestSchema', () => {
  it.each([
    [{ data: { item: 'aGk=' } }],
    [{ data: { item: 'aGk=', unknown: 1 }, extra_info: { type: 't', others: [{ key: 'k', value: 3 }], more: true } }],
    [{ data: { item: 'aGk=' }, extra_info: null }],
    [{ data: { item: 'aGk=' }, extra_info: { type: null, source: null, others: null } }],
  ])('takes %j and keeps what it does not know', (request) => {
    expect(requestSchema.parse(request)).toEqual(request);
  });

  it.each([
    [{}, ['data']],
    [{ data: {} }, ['data', 'item']],
    [{ data: { item: 1 } }, ['data', 'item']],
    [{ data: { item: 'a' }, extra_info: { others: {} } }, ['extra_info', 'others']],
    [{ data: { item: 'a' }, extra_info: { others: [{ value: 1 }] } }, ['extra_info', 'others', 0, 'key']],
  ])('refuses %j and says where', (request, path) => {
    expect(requestSchema.safeParse(request).error?.issues[0]?.path).toEqual(path);
  });
});

describe('multiRequestSchema', () => {
  it('takes any number of requests', () => {
    expect(multiRequestSchema.parse({ multi_data: [] })).toEqual({ multi_data: [] });
  });

  it('refuses what is no list', () => {
    expect(multiRequestSchema.safeParse({ multi_data: {} }).success).toBe(false);
  });
});

describe('responseSchema', () => {
  it.each([
    [{ data: [{ score: 0.5 }], extra_info: { source: 'face_quality_score', width: 4, height: 3, chain: 'simple' } }],
    [{ data: [face] }],
    [{ data: [{ score: 0, quality: 0, reason: 'no_face' }] }],
    [{ data: [], extra_info: { error: { code: 'unprocessable', message: 'not a picture' } } }],
  ])('takes %j', (response) => {
    expect(responseSchema.parse(response)).toEqual(response);
  });

  it.each([
    [{ data: [{ score: 1.2 }] }],
    [{ data: [{ score: Number.NaN }] }],
    [{ data: [{ ...face, box: [1, 2, 3] }] }],
    [{ data: [{ ...face, landmarks: face.landmarks.slice(1) }] }],
    [{ data: [{ ...face, components: { sharpness: 101 } }] }],
  ])('refuses %j', (response) => {
    expect(responseSchema.safeParse(response).success).toBe(false);
  });
});

describe('multiResponseSchema', () => {
  it('holds responses in order', () => {
    const responses = { multi_data: [{ data: [{ score: 0.1 }] }, { data: [{ score: 0.2 }] }] };
    expect(multiResponseSchema.parse(responses)).toEqual(responses);
  });
});

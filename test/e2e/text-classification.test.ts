import { readFileSync } from 'node:fs';
import { connectGrpc, type GrpcClient } from '../helpers/grpc-client.js';
import { goldenTexts, TINY_FLAGS, TINY_TOLERANCE, topicOf, TOPICS } from '../helpers/golden-texts.js';
import { type RunningService, startService } from '../helpers/start-service.js';

const PREDICT = '/v1/models/text_classification:predict';
const EXPLAIN = '/v1/models/text_classification:explain';
const INFER = '/v2/models/text_classification/infer';
const { tiny } = goldenTexts();
const PICTURE = readFileSync('samples/faces/base.png');

interface Prediction {
  readonly label: string;
  readonly score: number;
  readonly scores: Readonly<Record<string, number>>;
}

/** What a client of KServe's BERT example for TorchServe sends. */
const codesOf = (name: string, text: string) => {
  const data = Array.from(text, (char) => char.codePointAt(0) ?? 0);
  return { name, shape: [data.length], datatype: 'INT64', data };
};

function expectGolden(predictions: readonly Prediction[]): void {
  expect(predictions).toHaveLength(tiny.length);
  predictions.forEach(({ label, scores }, index) => {
    const expected = tiny[index]?.scores ?? [];
    expect(label).toBe(topicOf(expected));
    TOPICS.forEach((topic, i) =>
      expect(Math.abs((scores[topic] ?? NaN) - (expected[i] ?? NaN))).toBeLessThan(TINY_TOLERANCE),
    );
  });
}

describe('the text_classification service on an embedded model', () => {
  let service: RunningService;
  let grpc: GrpcClient;
  beforeAll(async () => {
    service = await startService([...TINY_FLAGS, '--model_repository=test/fixtures/text/models']);
    await service.untilReady();
    const { grpcPort } = await service.line(({ msg }) => msg === 'listening');
    grpc = connectGrpc(`127.0.0.1:${Number(grpcPort)}`);
  });
  afterAll(async () => {
    grpc.close();
    expect(await service.stop()).toBe(0);
  });

  it.each<[string, (text: string) => unknown]>([
    ['data', (text) => ({ data: text })],
    ['text', (text) => ({ text })],
    ['strings', (text) => text],
    ['JSON in a string', (text) => JSON.stringify({ text, target: 1 })],
  ])('answers V1 instances of %s with the scores that numpy gives them', async (_, instanceOf) => {
    const { status, body } = await service.post(PREDICT, { instances: tiny.map(({ text }) => instanceOf(text)) });
    expect(status).toBe(200);
    expectGolden((body as { predictions: Prediction[] }).predictions);
  });

  it('keeps a bad text’s error in its place', async () => {
    const { status, body } = await service.post(PREDICT, { instances: ['bank', { caption: 'bank' }, { data: 'war' }] });
    expect(status).toBe(200);
    expect(body).toEqual({
      predictions: [
        expect.objectContaining({ label: 'Business' }),
        { error: { code: 'invalid_argument', message: expect.stringMatching(/^instances\[1\]: expected a text/) } },
        expect.objectContaining({ label: 'World' }),
      ],
    });
  });

  it('takes a text as the whole body, and texts as files', async () => {
    const plain = await service.post(PREDICT, Buffer.from('The bank profit fell.'), { 'content-type': 'text/plain' });
    expect(plain.body).toEqual({ predictions: [expect.objectContaining({ label: 'Business' })] });
    const form = new FormData();
    form.append('file', new Blob(['the war']), 'war.txt');
    form.append('file', new Blob([PICTURE]), 'base.png');
    const response = await fetch(`${service.url}${PREDICT}`, { method: 'POST', body: form });
    expect(await response.json()).toEqual({
      predictions: [
        expect.objectContaining({ label: 'World' }),
        { error: { code: 'unprocessable', message: expect.stringContaining('file "base.png": not a text but a PNG') } },
      ],
    });
  });

  it('refuses a picture with 422, a text that is too long with 413, JSON that is no object with 400', async () => {
    expect(await service.post(PREDICT, PICTURE, { 'content-type': 'image/png' })).toEqual({
      status: 422,
      body: { error: 'body: not a text but a PNG picture; this service classifies texts' },
    });
    expect(await service.post(PREDICT, { instances: ['x'.repeat(20_001)] })).toEqual({
      status: 413,
      body: { error: expect.stringMatching(/^instances\[0\]: the text is longer than the limit of 20000/) },
    });
    expect((await service.post(PREDICT, '["bank"]', { 'content-type': 'application/json' })).status).toBe(400);
  });

  it('explains each word of a text, with where it stands', async () => {
    const [known] = tiny;
    const { status, body } = await service.post(EXPLAIN, { instances: [{ data: known?.text }] });
    expect(status).toBe(200);
    const [explanation] = (body as { explanations: { importances: number[] }[] }).explanations;
    expect(explanation).toMatchObject({
      label: 'Sports',
      base_score: 0.25,
      words: ['The', 'goalkeepers', 'won', '!'],
      offsets: [
        [0, 3],
        [4, 15],
        [16, 19],
        [19, 20],
      ],
      delta: 0,
    });
    known?.importances?.forEach((importance, i) =>
      expect(Math.abs((explanation?.importances[i] ?? NaN) - importance)).toBeLessThan(2 * TINY_TOLERANCE),
    );
  });

  it('answers the bodies of KServe’s BERT clients', async () => {
    const codes = {
      id: 'd3b15cad-50a2-4eaf-80ce-8b0a428bd298',
      inputs: [codesOf('4b7c7d4a', 'Bank profits fell'), codesOf('0ddf7d4a', 'the war')],
    };
    expect((await service.post(INFER, codes)).body).toMatchObject({
      id: codes.id,
      outputs: [{ name: 'predict', datatype: 'BYTES', shape: [2], data: ['Business', 'World'] }, { name: 'response' }],
    });
    const text = JSON.stringify({ text: 'Bank profits fell', target: 1 });
    const bytes = { inputs: [{ name: '4b7c7d4a', shape: -1, datatype: 'BYTES', data: text }] };
    expect((await service.post(INFER, bytes)).body).toMatchObject({ outputs: [{ data: ['Business'] }, {}] });
    const { body } = await service.post(EXPLAIN, bytes);
    const [response] = (body as { outputs: { name: string; data: string[] }[] }).outputs;
    // The client has named the class of number 1.
    expect(JSON.parse(response?.data[0] ?? '')).toMatchObject({ label: 'Sports', words: ['Bank', 'profits', 'fell'] });
  });

  it('answers texts of V2 in JSON and in binary form', async () => {
    const texts = tiny.map(({ text }) => text);
    const inputs = [{ name: 'text', shape: [texts.length], datatype: 'BYTES', data: texts }];
    const { body } = await service.post(INFER, { inputs });
    const { outputs } = body as { outputs: { name: string; data: string[] }[] };
    expect(outputs[0]?.data).toEqual(tiny.map(({ scores }) => topicOf(scores)));
    expectGolden((outputs[1]?.data ?? []).map((prediction) => JSON.parse(prediction) as Prediction));

    const elements = Buffer.concat(texts.map(lengthPrefixed));
    const binary = { binary_data_size: elements.length };
    const head = JSON.stringify({
      inputs: [{ name: 'text', shape: [texts.length], datatype: 'BYTES', parameters: binary }],
      outputs: [{ name: 'predict', parameters: { binary_data: true } }],
    });
    const response = await fetch(`${service.url}${INFER}`, {
      method: 'POST',
      headers: { 'inference-header-content-length': String(head.length) },
      body: Buffer.concat([Buffer.from(head), elements]),
    });
    const answer = Buffer.from(await response.arrayBuffer());
    const labels = answer.subarray(Number(response.headers.get('inference-header-content-length')));
    expect(labels).toEqual(Buffer.concat(tiny.map(({ scores }) => lengthPrefixed(topicOf(scores)))));
  });

  it('answers texts and character codes over gRPC', async () => {
    const infer = async (inputs: readonly object[], raw: readonly Buffer[] = []) =>
      grpc.call('ModelInfer', { model_name: 'text_classification', inputs, raw_input_contents: raw });
    const texts = { name: 'text', datatype: 'BYTES', shape: [2] };
    const raw = await infer([texts], [Buffer.concat(['the war', 'robots'].map(lengthPrefixed))]);
    expect(raw.status).toBe('OK');
    const contents = raw.response?.['raw_output_contents'] as Buffer[];
    expect(contents[0]).toEqual(Buffer.concat(['World', 'Sci-Tech'].map(lengthPrefixed)));

    const codes = codesOf('x', 'Bank profits');
    const typed = await infer([{ ...codes, contents: { int64_contents: codes.data } }]);
    expect(typed.response?.['outputs']).toMatchObject([
      { name: 'predict', contents: { bytes_contents: [Buffer.from('Business')] } },
      { name: 'response' },
    ]);
    const refused = await infer([{ name: 'text', datatype: 'FP32', shape: [1], contents: { fp32_contents: [1] } }]);
    expect(refused.status).toBe('INVALID_ARGUMENT');
    expect(refused.message).toMatch(/^inputs: expected a BYTES tensor "text"/);
    const picture = await infer([{ ...texts, shape: [1] }], [lengthPrefixed(PICTURE)]);
    expect(picture.status).toBe('INVALID_ARGUMENT');
    expect(picture.message).toBe('inputs[0].data[0]: not a text but a PNG picture; this service classifies texts');
  });

  it('answers a request of 256 texts of many lengths in their order', async () => {
    const instances = Array.from(
      { length: 256 },
      (_, i) => `${'the '.repeat((i * 37) % 90)}${['war', 'goal', 'bank', 'robot'][i % 4] ?? ''}`,
    );
    const { body } = await service.post(PREDICT, { instances });
    const { predictions } = body as { predictions: Prediction[] };
    predictions.forEach(({ label }, i) => expect(label).toBe(TOPICS[i % 4]));
  });

  it('describes texts and answers, with an example', async () => {
    const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as {
      paths: Record<string, { post: { requestBody: { content: Record<string, unknown> } } }>;
    };
    const { content } = document.paths[PREDICT]?.post.requestBody ?? { content: {} };
    expect(Object.keys(content)).toEqual(
      expect.arrayContaining(['application/json', 'text/plain', 'multipart/form-data']),
    );
    expect(Object.keys(content).filter((type) => type.startsWith('image/'))).toEqual([]);
  });
});

describe('a text_classification service that cannot start or is not ready', () => {
  it('says which file is wrong', async () => {
    await expect(startService([...TINY_FLAGS, '--text_classification_labels=no-such-file'])).rejects.toThrow(
      /not started: --text_classification_labels no-such-file: ENOENT/,
    );
  });

  it('is not ready without its model, and says so', async () => {
    const service = await startService([
      '--model_name=text_classification',
      '--model_repository=test/fixtures/text/models',
    ]);
    try {
      const { status, body } = await service.post(PREDICT, { instances: ['bank'] });
      expect(status).toBeGreaterThanOrEqual(500);
      expect(body).toEqual({ error: expect.stringContaining('text_classification') });
      const { reason } = await service.line(({ msg }) => msg === 'model is not ready');
      expect(reason).toBe('the predictor has not ready: text_classification');
    } finally {
      await service.stop();
    }
  });
});

function lengthPrefixed(element: string | Uint8Array): Buffer {
  const bytes = Buffer.from(element);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

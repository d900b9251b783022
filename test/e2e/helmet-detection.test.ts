import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connectGrpc, type GrpcClient } from '../helpers/grpc-client.js';
import { expectSameThings, type FoundThing, goldenScenes } from '../helpers/golden-helmets.js';
import { type RunningService, startService } from '../helpers/start-service.js';

const PREDICT = '/v1/models/helmet_detection:predict';
const INFER = '/v2/models/helmet_detection/infer';
const { modelSha256, scenes } = goldenScenes();
const NOT_A_PICTURE = Buffer.from('not a picture');

type Predictions = readonly (readonly FoundThing[])[];

function sceneNamed(name: string) {
  const scene = scenes.find((one) => one.name === name);
  if (scene === undefined) throw new Error(`no sample ${name}`);
  return scene;
}

/** The elements of a BYTES tensor, each behind its length, as in Triton's binary extension. */
function bytesElements(elements: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    elements.flatMap((element) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(element.byteLength);
      return [length, element];
    }),
  );
}

/** What `bytesElements` wrote, parsed as JSON. */
function jsonElements(bytes: Buffer): unknown[] {
  const parsed: unknown[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    parsed.push(JSON.parse(bytes.toString('utf8', at + 4, end)));
    at = end;
  }
  return parsed;
}

describe('the helmet_detection service on embedded models', () => {
  let service: RunningService;
  let grpc: GrpcClient;
  beforeAll(async () => {
    service = await startService(['--model_name', 'helmet_detection']);
    await service.untilReady();
    const { grpcPort } = await service.line(({ msg }) => msg === 'listening');
    grpc = connectGrpc(`127.0.0.1:${Number(grpcPort)}`);
  });
  afterAll(async () => {
    grpc.close();
    expect(await service.stop()).toBe(0);
  });

  it('runs the model that the golden values are of', () => {
    const model = readFileSync('triton-models/helmet_detection/1/model.onnx');
    expect(createHash('sha256').update(model).digest('hex')).toBe(modelSha256);
    expect(scenes.flatMap(({ stretch }) => stretch).length).toBeGreaterThan(20);
    expect(sceneNamed('rotated_exif6.jpg').stretch.length).toBeGreaterThan(1);
  });

  it('finds in a batch of samples what Pillow, onnxruntime and numpy find', async () => {
    const { status, body } = await service.post(PREDICT, {
      instances: scenes.map(({ bytes }) => ({ image: { b64: bytes.toString('base64') } })),
    });
    expect(status).toBe(200);
    const { predictions } = body as { predictions: Predictions };
    expect(predictions).toHaveLength(scenes.length);
    predictions.forEach((found, i) => expectSameThings(found, scenes[i]?.stretch ?? []));
  });

  it('answers a notebook’s client, which calls its JSON a JPEG', async () => {
    const { bytes, stretch } = sceneNamed('small.jpg');
    const sent = JSON.stringify({ instances: [bytes.toString('base64')] });
    const { status, body } = await service.post(PREDICT, sent, { 'content-type': 'image/jpeg' });
    expect(status).toBe(200);
    expectSameThings((body as { predictions: Predictions }).predictions[0] ?? [], stretch);
  });

  it('takes a bare picture, and multipart uploads', async () => {
    const { bytes, stretch } = sceneNamed('small.jpg');
    const bare = await service.post(PREDICT, bytes, { 'content-type': 'image/jpeg' });
    expectSameThings((bare.body as { predictions: Predictions }).predictions[0] ?? [], stretch);
    const form = new FormData();
    for (const name of ['small.jpg', 'nobody.jpg']) form.append('file', new Blob([sceneNamed(name).bytes]), name);
    const answer = await fetch(service.url + PREDICT, { method: 'POST', body: form });
    const { predictions } = (await answer.json()) as { predictions: Predictions };
    expect(predictions).toHaveLength(2);
    expectSameThings(predictions[0] ?? [], stretch);
  });

  it('answers V2 in JSON', async () => {
    const two = [sceneNamed('small.jpg'), sceneNamed('nobody.jpg')];
    const data = two.map(({ bytes }) => bytes.toString('base64'));
    const inputs = [{ name: 'image', datatype: 'BYTES', shape: [2], data }];
    const { status, body } = await service.post(INFER, { id: 'seven', inputs });
    expect(status).toBe(200);
    const { outputs, ...rest } = body as { outputs: { data: string[] }[] };
    expect(rest).toMatchObject({ model_name: 'helmet_detection', id: 'seven' });
    expect(outputs).toEqual([{ name: 'response', datatype: 'BYTES', shape: [2], data: expect.any(Array) }]);
    outputs[0]?.data.forEach((text, i) => {
      expectSameThings(JSON.parse(text) as FoundThing[], two[i]?.stretch ?? []);
    });
  });

  it('answers V2 in binary', async () => {
    const { bytes, stretch } = sceneNamed('rotated_exif6.jpg');
    const raw = bytesElements([bytes]);
    const head = Buffer.from(
      JSON.stringify({
        inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], parameters: { binary_data_size: raw.byteLength } }],
        outputs: [{ name: 'response', parameters: { binary_data: true } }],
      }),
    );
    const answer = await fetch(service.url + INFER, {
      method: 'POST',
      headers: { 'inference-header-content-length': String(head.byteLength) },
      body: Buffer.concat([head, raw]),
    });
    expect(answer.status).toBe(200);
    const received = Buffer.from(await answer.arrayBuffer());
    const [found] = jsonElements(received.subarray(Number(answer.headers.get('inference-header-content-length'))));
    expectSameThings(found as FoundThing[], stretch);
  });

  it('answers gRPC, a bad item’s error in its place', async () => {
    const { bytes, stretch } = sceneNamed('crowd.jpg');
    const { status, response } = await grpc.call('ModelInfer', {
      model_name: 'helmet_detection',
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [3] }],
      raw_input_contents: [bytesElements([bytes, NOT_A_PICTURE, bytes])],
    });
    expect(status).toBe('OK');
    const [contents] = response?.['raw_output_contents'] as Buffer[];
    const [first, second, third] = jsonElements(contents ?? Buffer.alloc(0));
    expectSameThings(first as FoundThing[], stretch);
    expect(second).toEqual({ error: { code: 'unprocessable', message: expect.stringMatching(/not a picture/) } });
    expect(third).toEqual(first);
  });

  it('keeps a bad picture’s error in its place', async () => {
    const { bytes, stretch } = sceneNamed('small.jpg');
    const instances = [
      bytes.toString('base64'),
      NOT_A_PICTURE.toString('base64'),
      7,
      { b64: bytes.subarray(0, 9000).toString('base64') },
    ];
    const { status, body } = await service.post(PREDICT, { instances });
    expect(status).toBe(200);
    const { predictions } = body as { predictions: unknown[] };
    expectSameThings(predictions[0] as FoundThing[], stretch);
    expect(predictions.slice(1)).toEqual([
      { error: { code: 'unprocessable', message: expect.stringMatching(/^instances\[1\]: not a picture/) } },
      { error: { code: 'invalid_argument', message: expect.stringMatching(/^instances\[2\]: expected a base64/) } },
      { error: { code: 'unprocessable', message: expect.stringMatching(/^instances\[3\]: truncated or damaged/) } },
    ]);
  });

  it('answers for itself what is wrong with a request', async () => {
    expect(await service.post(PREDICT, { instances: ['AAAA'] })).toEqual({
      status: 422,
      body: { error: expect.stringMatching(/^instances\[0\]: not a picture/) },
    });
    expect(await service.post(PREDICT, { multi_data: [] })).toEqual({
      status: 400,
      body: { error: 'expected an object with "instances", received the keys: multi_data' },
    });
    const inputs = [{ name: 'image', datatype: 'FP32', shape: [1], data: [1] }];
    expect(await service.post(INFER, { inputs })).toEqual({
      status: 400,
      body: { error: expect.stringContaining('expected one BYTES tensor "image"') },
    });
    const { status, message } = await grpc.call('ModelInfer', {
      model_name: 'helmet_detection',
      inputs: [{ name: 'image', datatype: 'BYTES', shape: [1] }],
      raw_input_contents: [bytesElements([NOT_A_PICTURE])],
    });
    expect({ status, message }).toEqual({
      status: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/not a picture/),
    });
    const explained = await service.post(PREDICT.replace('predict', 'explain'), { instances: ['AAAA'] });
    expect(explained.status).toBe(501);
  });
});

describe('the helmet_detection service, letterboxed', () => {
  it('finds what Pillow, onnxruntime and numpy find', async () => {
    const service = await startService(['--model_name=helmet_detection', '--helmet_detection_fit=letterbox']);
    try {
      await service.untilReady();
      const instances = scenes.map(({ bytes }) => bytes.toString('base64'));
      const { body } = await service.post(PREDICT, { instances });
      const { predictions } = body as { predictions: Predictions };
      predictions.forEach((found, i) => expectSameThings(found, scenes[i]?.letterbox ?? []));
    } finally {
      await service.stop();
    }
  });
});

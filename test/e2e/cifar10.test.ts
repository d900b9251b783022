import type { OpenApiDocument } from '../../src/server/openapi/open-api-document.js';
import { CIFAR10_CLASSES } from '../../src/transformers/cifar10/labels.js';
import { operationsOf, resolveAnswer, shownJson } from '../helpers/described-models.js';
import { goldenLogits, LOGIT_TOLERANCE } from '../helpers/golden-cifar10.js';
import { connectGrpc, type GrpcClient } from '../helpers/grpc-client.js';
import { type RunningService, startService } from '../helpers/start-service.js';

const PREDICT = '/v1/models/cifar10:predict';
const INFER = '/v2/models/cifar10/infer';
const { pictures } = goldenLogits();

/** Drawings, each of the class that begins its file's name. */
const drawings = pictures.filter(({ name }) => name.startsWith('cifar10/'));

interface Prediction {
  readonly label: string;
  readonly index: number;
  readonly logits: readonly number[];
  readonly caption?: string;
}

interface GrpcResponse {
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly string[];
    readonly contents?: { readonly fp32_contents: readonly number[]; readonly bytes_contents: readonly Buffer[] };
  }[];
  readonly raw_output_contents: readonly Buffer[];
}

function sample(name: string): Buffer {
  const found = pictures.find((picture) => picture.name === name);
  if (found === undefined) throw new Error(`no sample ${name}`);
  return found.bytes;
}

const base64 = (name: string) => sample(name).toString('base64');

/** The golden logits of a sample, each within 5e-5. */
function logitsOf(name: string): unknown[] {
  return (pictures.find((picture) => picture.name === name)?.expected ?? []).map(close);
}

/** What a prediction of a sample looks like. */
function predictionOf(name: string): object {
  const expected = pictures.find((picture) => picture.name === name)?.expected ?? [];
  const index = expected.indexOf(Math.max(...expected));
  return { label: CIFAR10_CLASSES[index], index, logits: logitsOf(name) };
}

/** The same with each number within 5e-5: the last digits depend on the CPU. */
function close(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 4);
  if (Array.isArray(value)) return value.map(close);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, close(inner)]));
}

/** The same with the JSON in texts read. */
function opened(value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith('{')) return JSON.parse(value);
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, opened(inner)]));
}

/** An infer request's one input, in JSON. */
function imageInput(elements: readonly string[]) {
  return { name: 'image', datatype: 'BYTES', shape: [elements.length], data: elements };
}

/** Elements of a BYTES tensor one behind the other, each with its length before it. */
function framed(elements: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    elements.flatMap((element) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(element.length);
      return [length, element];
    }),
  );
}

/** An infer request whose pictures stand behind its JSON as raw bytes, and that wants its logits so. */
function binaryRequest(elements: readonly Uint8Array[]): { body: Buffer; headers: Record<string, string> } {
  const bytes = framed(elements);
  const input = { name: 'image', datatype: 'BYTES', shape: [elements.length] };
  const outputs = [{ name: 'OUTPUT__0', parameters: { binary_data: true } }];
  const json = Buffer.from(
    JSON.stringify({ inputs: [{ ...input, parameters: { binary_data_size: bytes.length } }], outputs }),
  );
  return { body: Buffer.concat([json, bytes]), headers: { 'inference-header-content-length': String(json.length) } };
}

describe('the cifar10 service on embedded models', () => {
  let service: RunningService;
  let grpc: GrpcClient;
  beforeAll(async () => {
    service = await startService(['--model_name', 'cifar10']);
    await service.untilReady();
    const listening = await service.line(({ msg }) => msg === 'listening');
    grpc = connectGrpc(`127.0.0.1:${String(listening['grpcPort'])}`);
  });
  afterAll(async () => {
    grpc.close();
    expect(await service.stop()).toBe(0);
  });

  it('names the class of each sample drawing but one, whose pose the model was not trained on', async () => {
    const { body } = await service.post(PREDICT, { instances: drawings.map(({ name }) => base64(name)) });
    const { predictions } = body as { predictions: Prediction[] };
    const right = drawings.filter(({ name }, i) => predictions[i]?.label === /^cifar10\/([a-z]+)/.exec(name)?.[1]);
    const wrong = drawings.filter((drawing) => !right.includes(drawing));
    expect(wrong.map(({ name }) => name)).toEqual(['cifar10/airplane_fighter.png']);
    expect(right).toHaveLength(11);
  });

  it('answers all samples in one request with the logits that Pillow and onnxruntime give them', async () => {
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

  it.each<[string, (b64: string) => unknown, object]>([
    ['base64', (b64) => b64, {}],
    ['a data URL', (b64) => `data:image/png;base64,${b64}`, {}],
    ['{"b64"}', (b64) => ({ b64, caption: 'c' }), { caption: 'c' }],
    ['{"image":{"b64"}}', (b64) => ({ image: { b64 }, caption: 'c' }), { caption: 'c' }],
    ['{"image_bytes":{"b64"}}', (b64) => ({ image_bytes: { b64 }, id: 7 }), { id: 7 }],
    ['{"data"}', (b64) => ({ data: b64, tags: ['a'] }), { tags: ['a'] }],
  ])('takes an instance as %s, and carries its other keys along', async (_, toInstance, carried) => {
    const { body } = await service.post(PREDICT, { instances: [toInstance(base64('cifar10/frog.png'))] });
    expect(body).toEqual({ predictions: [{ ...carried, ...predictionOf('cifar10/frog.png') }] });
  });

  it('keeps a bad picture’s error in its place, over V1', async () => {
    const instances = [
      { b64: base64('cifar10/ship.png'), caption: 'a ship' },
      { b64: 'AAAA', caption: 'bad' },
      7,
      base64('cifar10/cat.png'),
    ];
    const { status, body } = await service.post(PREDICT, { instances });
    expect(status).toBe(200);
    expect(body).toEqual({
      predictions: [
        { caption: 'a ship', ...predictionOf('cifar10/ship.png') },
        { error: { code: 'unprocessable', message: expect.stringMatching(/^instances\[1\]: not a picture/) } },
        { error: { code: 'invalid_argument', message: expect.stringMatching(/^instances\[2\]: expected/) } },
        predictionOf('cifar10/cat.png'),
      ],
    });
  });

  it('takes a bare picture, and a form with two files', async () => {
    const bare = await service.post(PREDICT, sample('cifar10/horse.png'));
    expect(bare.body).toEqual({ predictions: [predictionOf('cifar10/horse.png')] });
    const form = new FormData();
    for (const name of ['cifar10/deer.png', 'cifar10/dog.png']) form.append('files', new Blob([sample(name)]), name);
    const answer = await fetch(service.url + PREDICT, { method: 'POST', body: form });
    expect(await answer.json()).toEqual({ predictions: ['cifar10/deer.png', 'cifar10/dog.png'].map(predictionOf) });
  });

  it('keeps a bad picture’s error in its place, over V2 with JSON', async () => {
    const request = { id: 'r', inputs: [imageInput([base64('cifar10/truck.png'), 'AAAA'])] };
    const { status, body } = await service.post(INFER, request);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      model_name: 'cifar10',
      id: 'r',
      outputs: [
        {
          name: 'OUTPUT__0',
          shape: [2, 10],
          data: [...logitsOf('cifar10/truck.png'), ...new Array<null>(10).fill(null)],
        },
        { name: 'response', shape: [2] },
      ],
    });
    const [, response] = (body as { outputs: { data: string[] }[] }).outputs;
    expect(response?.data.map((text) => JSON.parse(text) as unknown)).toEqual([
      predictionOf('cifar10/truck.png'),
      { error: { code: 'unprocessable', message: expect.stringMatching(/^inputs\[0\]\.data\[1\]: not a picture/) } },
    ]);
    // A body of the Open Inference Protocol on V1's route is answered in its own form.
    expect((await service.post(PREDICT, request)).body).toMatchObject({
      id: 'r',
      outputs: [{ name: 'OUTPUT__0' }, {}],
    });
  });

  it('takes pictures as binary tensors and gives the logits so', async () => {
    const names = ['cifar10/bird_swan.png', 'faces/base.png'];
    const { body, headers } = binaryRequest([sample('cifar10/bird_swan.png'), sample('faces/base.png')]);
    const answer = await fetch(service.url + INFER, { method: 'POST', body: new Uint8Array(body), headers });
    expect(answer.status).toBe(200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const jsonLength = Number(answer.headers.get('inference-header-content-length'));
    expect(JSON.parse(bytes.subarray(0, jsonLength).toString())).toMatchObject({
      outputs: [{ name: 'OUTPUT__0', datatype: 'FP32', shape: [2, 10], parameters: { binary_data_size: 80 } }],
    });
    const logits = Array.from({ length: 20 }, (_, i) => bytes.readFloatLE(jsonLength + 4 * i));
    expect(logits).toEqual(names.flatMap(logitsOf));
  });

  it.each(['contents', 'raw contents'])(
    'takes pictures over gRPC as %s, and keeps a bad one’s error in its place',
    async (form) => {
      const elements = [sample('cifar10/automobile.png'), Buffer.from('not a picture')];
      const head = { name: 'image', datatype: 'BYTES', shape: [2] };
      const request =
        form === 'contents'
          ? { inputs: [{ ...head, contents: { bytes_contents: elements } }] }
          : { inputs: [head], raw_input_contents: [framed(elements)] };
      const { status, response } = await grpc.call('ModelInfer', { model_name: 'cifar10', ...request });
      expect(status).toBe('OK');
      const { outputs, raw_output_contents: raw } = response as unknown as GrpcResponse;
      expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([
        ['OUTPUT__0', ['2', '10']],
        ['response', ['2']],
      ]);
      const [logits, texts] =
        form === 'contents'
          ? [outputs[0]?.contents?.fp32_contents, outputs[1]?.contents?.bytes_contents.join()]
          : [Array.from({ length: 20 }, (_, i) => raw[0]?.readFloatLE(4 * i)), raw[1]?.toString()];
      expect(logits).toEqual([...logitsOf('cifar10/automobile.png'), ...new Array<number>(10).fill(NaN)]);
      expect(texts).toMatch(/"index":1,.*"code":"unprocessable"/);
    },
  );

  it('answers bad requests alike on V1, V2 and gRPC', async () => {
    expect(await service.post(PREDICT, { instances: ['AAAA'] })).toEqual({
      status: 422,
      body: { error: expect.stringMatching(/^instances\[0\]: not a picture/) },
    });
    expect(await service.post(PREDICT, { multi_data: [] })).toEqual({
      status: 400,
      body: { error: 'expected an object with "instances", received the keys: multi_data' },
    });
    expect(await service.post(INFER, { inputs: [imageInput(['AAAA'])] })).toEqual({
      status: 422,
      body: { error: expect.stringMatching(/^inputs\[0\]\.data\[0\]: not a picture/) },
    });
    const numbers = { name: 'INPUT__0', datatype: 'FP32', shape: [1], data: [1] };
    expect(await service.post(INFER, { inputs: [numbers] })).toEqual({
      status: 400,
      body: { error: expect.stringContaining('expected one BYTES tensor "image"') },
    });
    const inferOverGrpc = (input: object) => grpc.call('ModelInfer', { model_name: 'cifar10', inputs: [input] });
    expect(
      await inferOverGrpc({
        ...imageInput([]),
        shape: [1],
        data: undefined,
        contents: { bytes_contents: [Buffer.of(0)] },
      }),
    ).toMatchObject({
      status: 'INVALID_ARGUMENT',
      message: expect.stringContaining('not a picture'),
    });
    expect(
      await inferOverGrpc({ name: 'x', datatype: 'FP32', shape: [1], contents: { fp32_contents: [1] } }),
    ).toMatchObject({
      status: 'INVALID_ARGUMENT',
      message: expect.stringContaining('expected one BYTES tensor "image"'),
    });
  });

  it('answers for no other model, and explains nothing', async () => {
    const { status, body } = await service.post('/v1/models/facequality:predict', { instances: ['AAAA'] });
    expect(status).toBe(404);
    expect(body).toEqual({ error: expect.stringContaining('"facequality" does not exist; served here: cifar10') });
    expect(await service.post('/v1/models/cifar10:explain', { instances: [base64('cifar10/cat.png')] })).toEqual({
      status: 501,
      body: { error: 'This model has no :explain' },
    });
  });

  it('describes itself with answers that it gives to the requests it shows', async () => {
    const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as OpenApiDocument;
    const shown = operationsOf(document).flatMap(({ path, operation: { requestBody, responses } }) => {
      const answers = shownJson(resolveAnswer(responses['200'], document));
      return Object.entries(shownJson(requestBody)).map(([name, request]) => ({
        path,
        request,
        answer: answers[name],
      }));
    });
    expect(shown.map(({ path }) => path)).toEqual([
      PREDICT,
      PREDICT,
      INFER,
      '/v2/models/cifar10/versions/{version}/infer',
    ]);
    for (const { path, request, answer } of shown) {
      const { status, body } = await service.post(path.replace('{version}', '1'), request);
      expect({ status, body: opened(body) }).toEqual({ status: 200, body: close(opened(answer)) });
    }
  });

  it('has loaded its own model, and none that it does not serve', async () => {
    await service.line(({ msg }) => msg === 'model is ready');
    const loaded = service.lines.filter(({ msg }) => msg === 'A model is loaded');
    expect(loaded).toEqual([expect.objectContaining({ level: 'info', model: 'cifar10' })]);
  });
});

import { goldenDigits, heldOutDigits } from '../helpers/golden-mnist.js';
import { connectGrpc, type GrpcClient } from '../helpers/grpc-client.js';
import { type RunningService, runService, startService } from '../helpers/start-service.js';

const { samples } = goldenDigits();
const SIZE = 28 * 28;

/** An answer of the Open Inference Protocol as JSON. */
interface InferAnswer {
  readonly id: string;
  readonly outputs: readonly { name: string; datatype: string; shape: number[]; data: (number | string | null)[] }[];
}

const base64 = (name: string) => samples.find((sample) => sample.name === name)?.bytes.toString('base64') ?? '';

/** A tensor of held-out digits, as values of 0..1. */
async function someDigits(count: number) {
  const digits = (await heldOutDigits()).filter((_, i) => i % 10 === 3).slice(0, count);
  const values = Float32Array.from(digits.flatMap(({ grey }) => [...grey]).map((value) => value / 255));
  return { labels: digits.map(({ label }) => label), values, shape: [count, 28, 28] };
}

describe('the mnist service on embedded models', () => {
  let service: RunningService;
  let grpc: GrpcClient;
  beforeAll(async () => {
    service = await startService(['--model_name', 'mnist']);
    await service.untilReady();
    const listening = await service.line(({ msg }) => msg === 'listening');
    grpc = connectGrpc(`127.0.0.1:${String(listening['grpcPort'])}`);
  });
  afterAll(async () => {
    grpc.close();
    expect(await service.stop()).toBe(0);
  });

  const predict = (body: unknown) => service.post('/v1/models/mnist:predict', body);
  const explain = (body: unknown) => service.post('/v1/models/mnist:explain', body);
  const infer = (body: unknown, headers = {}) => service.post('/v2/models/mnist/infer', body, headers);

  it('reads a batch of pictures of all kinds in V1', async () => {
    const instances = samples.map(({ bytes }) => ({ image: { b64: bytes.toString('base64') } }));
    expect(await predict({ instances })).toEqual({
      status: 200,
      body: { predictions: samples.map(({ digit }) => digit) },
    });
  });

  it('reads the bodies of KServe’s examples', async () => {
    const data = base64('two.png');
    expect((await predict({ instances: [{ data, target: 0 }] })).body).toEqual({ predictions: [2] });
    const id = 'd3b15cad-50a2-4eaf-80ce-8b0a428bd298';
    const inputs = [{ name: '312a4eb0-0ca7-4803-a101-a6d2c18486fe', shape: [-1], datatype: 'BYTES', data: [data] }];
    const answer = {
      model_name: 'mnist',
      model_version: '1',
      id,
      outputs: [
        { name: 'predict', shape: [1], datatype: 'INT64', data: [2] },
        { name: 'response', shape: [1], datatype: 'BYTES', data: ['2'] },
      ],
    };
    expect(await infer({ id, inputs })).toEqual({ status: 200, body: answer });
    expect((await predict({ id, inputs })).body).toEqual(answer);
  });

  it('keeps a bad item’s error in its place, pictures and numbers side by side', async () => {
    const blank = Array.from({ length: 28 }, () => new Array<number>(28).fill(0));
    const { status, body } = await predict({ instances: ['AAAA', base64('zero.png'), [blank], [[2]], 7] });
    expect(status).toBe(200);
    const error = (code: string, message: RegExp) => ({ error: { code, message: expect.stringMatching(message) } });
    expect(body).toEqual({
      predictions: [
        error('unprocessable', /^instances\[0\]: not a picture/),
        0,
        expect.any(Number),
        error('invalid_argument', /^instances\[3\]: expected 28 rows of grey values, received 1$/),
        error('invalid_argument', /^instances\[4\]: expected a base64 string/),
      ],
    });
  });

  it('takes a bare picture and files', async () => {
    const bytes = Buffer.from(base64('five.png'), 'base64');
    expect((await predict(bytes)).body).toEqual({ predictions: [5] });
    const form = new FormData();
    for (const name of ['three_large.png', 'zero.png'])
      form.append('file', new Blob([Buffer.from(base64(name), 'base64')]));
    const answer = await fetch(`${service.url}/v1/models/mnist:predict`, { method: 'POST', body: form });
    expect(await answer.json()).toEqual({ predictions: [3, 0] });
  });

  it('reads numbers in V2: as JSON, as binary data, in raw and in typed contents of gRPC, all alike', async () => {
    const { labels, values, shape } = await someDigits(10);
    const asJson = await infer({ inputs: [{ name: 'input-0', shape, datatype: 'FP32', data: [...values] }] });
    expect((asJson.body as InferAnswer).outputs[0]).toEqual({
      name: 'predict',
      shape: [10],
      datatype: 'INT64',
      data: labels,
    });
    const bytes = Buffer.from(values.buffer);
    const parameters = { binary_data_size: bytes.length };
    const head = Buffer.from(
      JSON.stringify({
        inputs: [{ name: 'input-0', shape: [10, 1, 28, 28], datatype: 'FP32', parameters }],
        outputs: [{ name: 'predict' }],
      }),
    );
    const binary = await infer(Buffer.concat([head, bytes]), {
      'inference-header-content-length': String(head.length),
    });
    expect((binary.body as InferAnswer).outputs.map(({ name, data }) => [name, data])).toEqual([['predict', labels]]);

    const input = { name: 'input-0', datatype: 'FP32', shape };
    const raw = await grpc.call('ModelInfer', { model_name: 'mnist', inputs: [input], raw_input_contents: [bytes] });
    expect(raw.status).toBe('OK');
    const { outputs, raw_output_contents: contents } = raw.response as {
      outputs: { name: string; datatype: string; shape: string[] }[];
      raw_output_contents: Buffer[];
    };
    expect(outputs[0]).toMatchObject({ name: 'predict', datatype: 'INT64', shape: ['10'] });
    expect(labels.map((_, i) => Number(contents[0]?.readBigInt64LE(8 * i)))).toEqual(labels);
    const typed = await grpc.call('ModelInfer', {
      model_name: 'mnist',
      inputs: [{ ...input, contents: { fp32_contents: [...values] } }],
    });
    expect(typed.response).toMatchObject({
      outputs: [
        { name: 'predict', contents: { int64_contents: labels.map(String) } },
        { name: 'response', contents: { bytes_contents: labels.map((label) => Buffer.from(String(label))) } },
      ],
    });
  });

  it('explains in V1: a map of 1 × 28 × 28 for each instance, the same each time', async () => {
    const body = { instances: [{ data: base64('two.png'), target: 0 }, base64('eight_on_paper.jpg'), 'AAAA'] };
    const first = await explain(body);
    expect(first.status).toBe(200);
    const { explanations } = first.body as { explanations: number[][][][] };
    expect(explanations).toHaveLength(3);
    for (const map of explanations.slice(0, 2)) {
      expect(map.map((plane) => [plane.length, new Set(plane.map((row) => row.length))])).toEqual([
        [28, new Set([28])],
      ]);
      expect(map.flat(2).reduce((sum, share) => sum + share, 0)).toBeGreaterThan(0.5);
    }
    expect(explanations[2]).toEqual({
      error: { code: 'unprocessable', message: expect.stringMatching(/^instances\[2\]: not a picture/) },
    });
    expect(await explain(body)).toEqual(first);
  });

  it('explains a body of V2 in V2’s form: FP64 [N,28,28]', async () => {
    const v1 = await explain({ instances: [base64('two.png')] });
    const [map] = (v1.body as { explanations: number[][][][] }).explanations;
    const inputs = [{ name: 'image', shape: [2], datatype: 'BYTES', data: [base64('two.png'), 'AAAA'] }];
    const { status, body } = await explain({ id: 'e', inputs });
    expect(status).toBe(200);
    const { id, outputs } = body as InferAnswer;
    expect(id).toBe('e');
    expect(outputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual([
      ['explain', 'FP64', [2, 28, 28]],
      ['response', 'BYTES', [2]],
    ]);
    expect(outputs[0]?.data.slice(0, SIZE)).toEqual(map?.flat(2));
    expect(outputs[0]?.data.slice(SIZE)).toEqual(new Array(SIZE).fill(null));
    expect(outputs[1]?.data.map((text) => JSON.parse(String(text)) as unknown)).toEqual([
      map,
      { error: { code: 'unprocessable', message: expect.any(String) } },
    ]);
  });

  it.each<[string, object, string]>([
    ['of another form', { multi_data: [] }, 'expected an object with "instances", received the keys: multi_data'],
    [
      'with 27 rows',
      { inputs: [{ name: 'input-0', shape: [1, 27, 28], datatype: 'FP32', data: new Array(756).fill(0) }] },
      'inputs: expected grey values of shape [N,28,28], [N,1,28,28] or [28,28]; received "input-0" FP32 [1,27,28]',
    ],
    [
      'of whole numbers',
      { inputs: [{ name: 'input-0', shape: [1, 28, 28], datatype: 'INT64', data: new Array(SIZE).fill(0) }] },
      'inputs: expected grey values as FP32 or FP64 of 0..1, or UINT8 of 0..255; received "input-0" INT64 [1,28,28]',
    ],
    [
      'with 0..255 as FP32',
      { inputs: [{ name: 'input-0', shape: [1, 28, 28], datatype: 'FP32', data: new Array(SIZE).fill(255) }] },
      'inputs[0].data[0]: expected grey values of 0 (black) to 1 (white), received 255 in row 0, column 0; 0..255 go as UINT8',
    ],
    [
      'with fewer values than its shape',
      { inputs: [{ name: 'input-0', shape: [2, 28, 28], datatype: 'FP32', data: new Array(SIZE).fill(0) }] },
      'input input-0 has 784 values, but shape [2,28,28] holds 1568',
    ],
  ])('refuses a body %s with 400, on each route', async (_, body, error) => {
    expect(await predict(body)).toEqual({ status: 400, body: { error } });
    expect(await explain(body)).toEqual({ status: 400, body: { error } });
    if ('inputs' in body) expect(await infer(body)).toEqual({ status: 400, body: { error } });
  });

  it('refuses what is wrong over gRPC', async () => {
    const call = (input: object) => grpc.call('ModelInfer', { model_name: 'mnist', inputs: [input] });
    const wrong = {
      name: 'input-0',
      datatype: 'FP32',
      shape: [1, 28],
      contents: { fp32_contents: new Array(28).fill(0) },
    };
    expect(await call(wrong)).toMatchObject({
      status: 'INVALID_ARGUMENT',
      message: expect.stringContaining('received "input-0" FP32 [1,28]'),
    });
    const noPicture = {
      name: 'image',
      datatype: 'BYTES',
      shape: [1],
      contents: { bytes_contents: [Buffer.from('x')] },
    };
    expect(await call(noPicture)).toMatchObject({ status: 'INVALID_ARGUMENT' });
  });

  it('answers 422 when every picture is bad', async () => {
    expect(await predict({ instances: ['AAAA'] })).toEqual({
      status: 422,
      body: { error: expect.stringMatching(/^instances\[0\]: not a picture/) },
    });
  });

  it('ends an explanation with its caller’s time', async () => {
    const instances = new Array(200).fill(base64('zero.png'));
    const answer = await service.post('/v1/models/mnist:explain', { instances }, { 'x-request-timeout-ms': '300' });
    expect(answer.status).toBe(504);
  });

  it('describes itself in /openapi.json, with an example that is answered so', async () => {
    const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as {
      paths: Record<string, { post: Record<string, never> }>;
    };
    const { post } = document.paths['/v1/models/mnist:predict'] ?? {};
    const shown = (content: unknown) =>
      (content as { 'application/json': { examples: Record<string, { value: unknown }> } })['application/json']
        .examples;
    const described = post as unknown as {
      requestBody: { content: unknown };
      responses: Record<string, { content: unknown }>;
    };
    const requests = shown(described.requestBody.content);
    const answers = shown(described.responses['200']?.content);
    expect(Object.keys(requests)).toEqual(['instances', 'inputs']);
    for (const [name, { value }] of Object.entries(requests)) {
      expect((await predict(value)).body).toEqual(answers[name]?.value);
    }
    expect(document.paths['/v1/models/mnist:explain']?.post).toMatchObject({
      description: expect.stringContaining('`explain` FP64 [-1, 28, 28]'),
    });
  });
});

describe('mnist with flags of its own', () => {
  it.each([
    ['--mnist_invert=sometimes', 'mnist_invert'],
    ['--mnist_explain_samples=391', 'mnist_explain_samples'],
    ['--mnist_explain_seed=-1', 'mnist_explain_seed'],
  ])('does not start with %s', async (flag, named) => {
    const { code, errors } = await runService(['--model_name=mnist', flag]);
    expect(code).toBe(1);
    expect(errors).toContain(named);
  });
});

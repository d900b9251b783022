import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ServiceError } from '../../../src/errors.js';
import { bytesOfTensor, tensorOfBytes } from '../../../src/oip/tensor-bytes.js';
import { INPUTS } from '../../../src/server/input-side.js';
import { type AnyTensor, type Datatype, float32Tensor } from '../../../src/tensor.js';
import { echoModel } from '../../helpers/echo-model.js';
import { type HttpAnswer, httpPost } from '../../helpers/http-call.js';
import { runningServers } from '../../helpers/running-servers.js';
import { serveRest, type RestSettings } from '../../helpers/serve-rest.js';
import { fakeModel, type ServedFakeSettings } from '../../helpers/served-fake.js';

const { keep, closeAll } = runningServers();
afterEach(closeAll);

const HEADER = 'inference-header-content-length';

/** Serves the echo, and gives it what its tests need of it. */
async function serveEcho(changes: Parameters<typeof echoModel>[0] = {}, settings: RestSettings = {}) {
  const model = echoModel(changes);
  const { url, ...served } = await keep(serveRest([model], settings));
  return { ...served, model, url: `${url}/v2/models/echo/infer` };
}

async function serveWords(settings: ServedFakeSettings = {}) {
  const { url, ...served } = await keep(serveRest([fakeModel(settings)], settings));
  return { ...served, url: `${url}/v2/models/fake/infer` };
}

/** Inputs as JSON, and the bytes of those whose data stand behind it. */
function binaryBody(inputs: Readonly<Record<string, AnyTensor>>, more: object = {}): { body: Buffer; length: string } {
  const named = Object.entries(inputs).map(([name, tensor]) => {
    const { datatype, shape } = tensor;
    return { name, datatype, shape, parameters: { binary_data_size: bytesOfTensor(tensor).length } };
  });
  const head = Buffer.from(JSON.stringify({ inputs: named, ...more }));
  return { body: Buffer.concat([head, ...Object.values(inputs).map(bytesOfTensor)]), length: String(head.length) };
}

interface WireOutput {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data?: unknown;
  readonly parameters?: { readonly binary_data_size: number };
}

/** The outputs of an answer with binary data, read by their sizes. */
function binaryOutputs({ bytes, headers }: HttpAnswer): Map<string, AnyTensor> {
  const length = Number(headers[HEADER]);
  const { outputs } = JSON.parse(bytes.toString('utf8', 0, length)) as { outputs: readonly WireOutput[] };
  let at = length;
  const tensors = outputs.flatMap(({ parameters, ...head }): [string, AnyTensor][] => {
    if (parameters === undefined) return [];
    const data = Uint8Array.from(bytes.subarray(at, (at += parameters.binary_data_size)));
    return [[head.name, tensorOfBytes(head, data, INPUTS)]];
  });
  expect(at).toBe(bytes.length);
  return new Map(tensors);
}

/** Each datatype at its edges, and its values as JSON has them, where it has any. */
const TENSORS: readonly (readonly [AnyTensor, string | undefined])[] = [
  [{ datatype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) }, '[true,false]'],
  [{ datatype: 'UINT8', shape: [2], data: Uint8Array.of(0, 255) }, '[0,255]'],
  [{ datatype: 'UINT16', shape: [2], data: Uint16Array.of(0, 65535) }, '[0,65535]'],
  [{ datatype: 'UINT32', shape: [2], data: Uint32Array.of(0, 4294967295) }, '[0,4294967295]'],
  [{ datatype: 'UINT64', shape: [2], data: BigUint64Array.of(1n, 2n ** 64n - 1n) }, '[1,18446744073709551615]'],
  [{ datatype: 'INT8', shape: [2], data: Int8Array.of(-128, 127) }, '[-128,127]'],
  [{ datatype: 'INT16', shape: [2], data: Int16Array.of(-32768, 32767) }, '[-32768,32767]'],
  [{ datatype: 'INT32', shape: [2], data: Int32Array.of(-2147483648, 2147483647) }, '[-2147483648,2147483647]'],
  [
    { datatype: 'INT64', shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n) },
    '[-9223372036854775808,9007199254740993]',
  ],
  [{ datatype: 'FP16', shape: [2], data: Uint16Array.of(0x3c00, 0xfc00) }, undefined],
  [{ datatype: 'BF16', shape: [2], data: Uint16Array.of(0x3f80, 0xff80) }, undefined],
  [{ datatype: 'FP32', shape: [1, 3], data: Float32Array.of(0.5, -3.25, 16777216) }, '[0.5,-3.25,16777216]'],
  [{ datatype: 'FP64', shape: [3, 1], data: Float64Array.of(0.1, 1e300, -2.5e-7) }, '[0.1,1e+300,-2.5e-7]'],
  [{ datatype: 'BYTES', shape: [2], data: [Buffer.from('é"\n'), Buffer.alloc(0)] }, '["é\\"\\n",""]'],
  [{ datatype: 'FP32', shape: [0, 4], data: new Float32Array(0) }, '[]'],
];

describe('POST /v2/models/{name}/infer of JSON', () => {
  it.each(TENSORS.filter(([, json]) => json !== undefined))(
    'takes and gives $datatype of shape $shape',
    async ({ datatype, shape, ...tensor }, json) => {
      const { url, model } = await serveEcho();
      const input = `{"name":"a","datatype":"${datatype}","shape":[${shape.join()}],"data":${json}}`;
      const answer = await httpPost(url, `{"id":"42","inputs":[${input}]}`);
      expect(model.requests[0]?.inputs).toEqual(new Map([['a', { datatype, shape, ...tensor }]]));
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe('application/json');
      const output = `{"name":"a","shape":[${shape.join()}],"datatype":"${datatype}","data":${json}}`;
      expect(answer.bytes.toString()).toBe(`{"model_name":"echo","model_version":"3","id":"42","outputs":[${output}]}`);
    },
  );

  it('gives every output in the order of the model, several datatypes side by side', async () => {
    const { url } = await serveEcho();
    const inputs = TENSORS.flatMap(([{ datatype, shape }, json], index) =>
      json === undefined
        ? []
        : [`{"name":"${index}","datatype":"${datatype}","shape":[${shape.join()}],"data":${json}}`],
    );
    const answer = await httpPost(url, `{"inputs":[${inputs.join()}]}`);
    const { outputs } = answer.json() as { outputs: readonly WireOutput[] };
    expect(outputs.map(({ name }) => name)).toEqual(inputs.map((input) => /"(\d+)"/.exec(input)?.[1]));
  });

  it('writes NaN and infinities as null', async () => {
    const data = [NaN, Infinity, -Infinity, 1];
    const outputs = new Map<string, AnyTensor>([
      ['f', float32Tensor([4], Float32Array.from(data))],
      ['d', { datatype: 'FP64', shape: [4], data: Float64Array.from(data) }],
    ]);
    const { url } = await serveEcho({ infer: () => Promise.resolve({ outputs }) });
    const answer = (await httpPost(url, { inputs: [] })).json();
    expect(answer).toMatchObject({ outputs: [{ data: [null, null, null, 1] }, { data: [null, null, null, 1] }] });
  });

  it('echoes the id of the request, else gives that of the HTTP request', async () => {
    const { url } = await serveEcho();
    const headers = { 'x-request-id': 'r-7' };
    expect((await httpPost(url, { id: 'mine', inputs: [] }, headers)).json()).toMatchObject({ id: 'mine' });
    expect((await httpPost(url, { id: '', inputs: [] }, headers)).json()).toMatchObject({ id: '' });
    expect((await httpPost(url, { inputs: [] }, headers)).json()).toMatchObject({ id: 'r-7' });
  });

  it('hands parameters on, and gives those of the answer, all digits kept', async () => {
    const { url, model } = await serveEcho();
    const parameters = '{"sequence_id":9007199254740993,"a\\"b":"c","flag":true,"share":0.5}';
    const answer = await httpPost(url, `{"inputs":[],"parameters":${parameters}}`);
    expect(model.requests[0]?.parameters).toEqual({
      sequence_id: 9007199254740993n,
      'a"b': 'c',
      flag: true,
      share: 0.5,
    });
    expect(answer.bytes.toString()).toContain(`"parameters":${parameters}`);
  });

  it('leaves out the version where the model says none', async () => {
    const { url } = await serveEcho({ infer: ({ inputs }) => Promise.resolve({ outputs: inputs }) });
    expect((await httpPost(url, { inputs: [] })).json()).toEqual({
      model_name: 'echo',
      id: expect.any(String),
      outputs: [],
    });
  });

  it('asks for the version of the path', async () => {
    const { url, model } = await serveEcho();
    await httpPost(url.replace('/infer', '/versions/007/infer'), { inputs: [] });
    await httpPost(url, { inputs: [] });
    expect(model.requests.map(({ version }) => version)).toEqual(['007', undefined]);
  });

  it.each([
    ['application/json; charset=utf-8'],
    ['application/octet-stream'],
    ['application/x-www-form-urlencoded'],
    ['image/jpeg'],
    [undefined],
  ])('reads JSON that is labelled %s', async (contentType) => {
    const { url } = await serveEcho();
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    expect(await httpPost(url, '\ufeff {"inputs":[]}', headers)).toMatchObject({ status: 200 });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('unpacks %s, and counts the length of the JSON in what comes out', async (encoding, pack) => {
    const { url, model } = await serveEcho();
    const tensor: AnyTensor = { datatype: 'INT64', shape: [1], data: BigInt64Array.of(7n) };
    const { body, length } = binaryBody({ a: tensor });
    const answer = await httpPost(url, pack(body), { 'content-encoding': encoding, [HEADER]: length });
    expect(answer.status).toBe(200);
    expect(model.requests[0]?.inputs.get('a')).toEqual(tensor);
  });

  it.each([
    ['an empty body', '', 'The body is empty; expected an inference request'],
    ['no JSON', 'hello', 'The body is malformed JSON'],
    ['a list', '[]', 'The body is JSON, but no object'],
    ['JSON that breaks off', '{"inputs":[', 'The body is malformed JSON'],
    ['V1', '{"instances":["a"]}', 'inputs: expected array, received undefined'],
    [
      'bytes that are no UTF-8',
      Buffer.from('{"id":"\xe9","inputs":[]}', 'latin1'),
      'The body is JSON that is not in UTF-8',
    ],
  ])('refuses %s', async (_, body, error) => {
    const answer = await httpPost((await serveEcho()).url, body);
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ error });
  });

  it('refuses outputs that have no form in JSON, in Triton’s words', async () => {
    const outputs: Record<string, AnyTensor> = {
      half: { datatype: 'FP16', shape: [1], data: Uint16Array.of(0) },
      brain: { datatype: 'BF16', shape: [1], data: Uint16Array.of(0) },
      bytes: { datatype: 'BYTES', shape: [1], data: [Buffer.of(0xff)] },
    };
    const words: Record<string, string> = {
      half: 'sending FP16 data via JSON is not supported.',
      brain: 'sending BF16 data via JSON is not supported.',
      bytes: 'BYTES that are not UTF-8 cannot be sent via JSON.',
    };
    for (const [name, tensor] of Object.entries(outputs)) {
      const { url } = await serveEcho({ infer: () => Promise.resolve({ outputs: new Map([[name, tensor]]) }) });
      const answer = await httpPost(url, { inputs: [] });
      expect(answer.status).toBe(400);
      expect(answer.json()).toEqual({
        error: `${words[name]} Please use the binary data format for output ${name}`,
      });
      const binary = await httpPost(url, { inputs: [], outputs: [{ name, parameters: { binary_data: true } }] });
      expect(binaryOutputs(binary)).toEqual(new Map([[name, tensor]]));
    }
  });
});

describe('POST /v2/models/{name}/infer with binary data', () => {
  const every = Object.fromEntries(TENSORS.map(([tensor], index) => [`t${index}`, tensor]));

  it('takes and gives every datatype', async () => {
    const { url, model } = await serveEcho();
    const { body, length } = binaryBody(every, { parameters: { binary_data_output: true } });
    const answer = await httpPost(url, body, { [HEADER]: length, 'content-type': 'application/octet-stream' });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/octet-stream');
    expect(answer.headers['content-length']).toBe(String(answer.bytes.length));
    expect(model.requests[0]?.inputs).toEqual(new Map(Object.entries(every)));
    expect(model.requests[0]?.parameters).toBeUndefined();
    expect(binaryOutputs(answer)).toEqual(new Map(Object.entries(every)));
  });

  it('gives each output in the form that is asked for it', async () => {
    const { url } = await serveEcho();
    const tensor: AnyTensor = { datatype: 'INT32', shape: [1], data: Int32Array.of(7) };
    const outputs = [
      { name: 'a' },
      { name: 'b', parameters: { binary_data: false } },
      { name: 'c', parameters: { binary_data: true } },
    ];
    for (const [forAll, isBinary] of [
      [undefined, [false, false, true]],
      [true, [true, false, true]],
      [false, [false, false, true]],
    ] as const) {
      const parameters = forAll === undefined ? undefined : { binary_data_output: forAll };
      const { body, length } = binaryBody({ a: tensor, b: tensor, c: tensor }, { outputs, parameters });
      const answer = await httpPost(url, body, { [HEADER]: length });
      const json = answer.bytes.toString('utf8', 0, Number(answer.headers[HEADER]));
      const answered = (JSON.parse(json) as { outputs: readonly WireOutput[] }).outputs;
      expect(answered.map(({ parameters: size }) => size !== undefined)).toEqual(isBinary);
      expect(answered.map(({ data }) => data)).toEqual(isBinary.map((binary) => (binary ? undefined : [7])));
      expect([...binaryOutputs(answer).keys()]).toEqual(['a', 'b', 'c'].filter((_, index) => isBinary[index]));
    }
  });

  it('answers in JSON where no output is binary', async () => {
    const { url } = await serveEcho();
    const { body, length } = binaryBody({ a: { datatype: 'UINT8', shape: [1], data: Uint8Array.of(7) } });
    const answer = await httpPost(url, body, { [HEADER]: length });
    expect(answer.headers[HEADER]).toBeUndefined();
    expect(answer.json()).toMatchObject({ outputs: [{ name: 'a', data: [7] }] });
  });

  it('takes a body without JSON for the one input of the model, and answers in binary', async () => {
    const { url, model } = await serveEcho();
    const values = Float32Array.of(0.5, -2);
    const answer = await httpPost(url, Buffer.from(values.buffer), { [HEADER]: '0' });
    expect(answer.status).toBe(200);
    expect(model.requests[0]?.inputs).toEqual(new Map([['input', float32Tensor([1, 2], values)]]));
    expect(binaryOutputs(answer)).toEqual(new Map([['input', float32Tensor([1, 2], values)]]));

    const refused = await httpPost(url, Buffer.alloc(7), { [HEADER]: '0' });
    expect(refused.status).toBe(400);
    expect(refused.json()).toEqual({ error: 'input input has 7 bytes, but FP32 of shape [1,2] takes 8' });
  });

  it('asks for the metadata of the version that a raw request is for', async () => {
    const versions: unknown[] = [];
    const plain = echoModel();
    const { url } = await serveEcho({
      metadata: (version, call) => {
        versions.push(version);
        return plain.metadata(version, call);
      },
    });
    await httpPost(url.replace('/infer', '/versions/3/infer'), Buffer.alloc(8), { [HEADER]: '0' });
    expect(versions).toEqual(['3']);
  });

  it.each(['abc', '-1', '1e9', '999999', '0x0', '1.0', ' '])('refuses the header %j', async (header) => {
    const answer = await httpPost((await serveEcho()).url, '{"inputs":[]}', { [HEADER]: header });
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({
      error: expect.stringContaining('Inference-Header-Content-Length must be a number of bytes'),
    });
  });

  it('never fails by itself, wherever a body is cut and whatever its header says', async () => {
    const { url } = await serveEcho();
    const tensors: Record<string, AnyTensor> = {
      a: { datatype: 'BYTES', shape: [2], data: [Buffer.from('ab'), Buffer.alloc(0)] },
      b: { datatype: 'INT64', shape: [1], data: BigInt64Array.of(2n ** 60n) },
    };
    const { body, length } = binaryBody(tensors, { id: 'é', parameters: { binary_data_output: true } });
    const cut = async (at: number, header: number) => {
      const { status } = await httpPost(url, body.subarray(0, at), { [HEADER]: String(header) });
      expect([at, header, status]).toEqual([at, header, at === body.length && header === Number(length) ? 200 : 400]);
    };
    for (let at = 1; at <= body.length; at += 3) await cut(at, Number(length));
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: body.length }), fc.integer({ min: 1, max: 400 }), cut), {
      numRuns: 60,
    });
  });
});

describe('POST /v2/models/{name}/infer of a model of items', () => {
  const words = (data: readonly string[]) => [{ name: 'words', datatype: 'BYTES', shape: [data.length], data }];

  it('answers its outputs and each item’s answer as JSON', async () => {
    const { url } = await serveWords();
    const answer = await httpPost(url, { id: '1', inputs: words(['a', 'bbb']) });
    expect(answer.json()).toEqual({
      model_name: 'fake',
      model_version: '1',
      id: '1',
      outputs: [
        { name: 'length', shape: [2], datatype: 'FP32', data: [1, 3] },
        {
          name: 'response',
          shape: [2],
          datatype: 'BYTES',
          data: [
            '{"data":[{"score":1}],"extra_info":{"source":"fake"}}',
            '{"data":[{"score":3}],"extra_info":{"source":"fake"}}',
          ],
        },
      ],
    });
  });

  it('answers the outputs that are asked for, in their order', async () => {
    const { url } = await serveWords({ instancesOnly: true });
    const ask = async (outputs: readonly { name: string }[]) => {
      const answer = (await httpPost(url, { inputs: words(['ab']), outputs })).json();
      return (answer as { outputs: readonly WireOutput[] }).outputs.map(({ name, data }) => [name, data]);
    };
    expect(await ask([{ name: 'response' }, { name: 'length' }])).toEqual([
      ['response', ['2']],
      ['length', [2]],
    ]);
    expect(await ask([{ name: 'length' }])).toEqual([['length', [2]]]);
    expect(await ask([{ name: 'response' }])).toEqual([['response', ['2']]]);
  });

  it('puts a bad item’s error into its place', async () => {
    const { url } = await serveWords({ instancesOnly: true });
    const answer = await httpPost(url, { inputs: words(['a', 'bad']) });
    expect(answer.status).toBe(200);
    const error = { code: 'unprocessable', message: 'inputs[0].data[1]: not a picture' };
    expect(answer.json()).toMatchObject({
      outputs: [
        { name: 'length', data: [1, 0] },
        { name: 'response', data: ['1', JSON.stringify({ error })] },
      ],
    });
  });

  it('takes raw bytes for one item', async () => {
    const { url } = await serveWords();
    const answer = await httpPost(url, 'word', { [HEADER]: '0' });
    expect(binaryOutputs(answer).get('length')).toEqual(float32Tensor([1], Float32Array.of(4)));
  });

  it.each([
    ['no words', [], 400, 'inputs: expected BYTES "words"'],
    ['bad items only', words(['bad']), 422, 'inputs[0].data[0]: not a picture'],
    ['more items than one request may hold', words(['a', 'b', 'c', 'd', 'e']), 413, 'The request holds 5 items'],
    ['an unforeseen failure', words(['buggy']), 500, 'inputs[0].data[0]: Internal error; the log has the details'],
  ])('refuses %s', async (_, inputs, status, message) => {
    const answer = await httpPost((await serveWords()).url, { inputs });
    expect(answer.status).toBe(status);
    expect(answer.json()).toEqual({ error: expect.stringContaining(message) });
  });

  it.each([
    [
      'an output that it has not',
      [{ name: 'response' }, { name: 'other' }],
      'outputs[1].name: unexpected inference output "other" for model "fake"; it has length, response',
    ],
    [
      'an output of a long name',
      [{ name: 'x'.repeat(10_000) }],
      `outputs[0].name: unexpected inference output "${'x'.repeat(80)}…" for model "fake"; it has length, response`,
    ],
    [
      'classification',
      [{ name: 'length', parameters: { classification: 2 } }],
      'outputs[0]: classification is not supported for "fake"',
    ],
  ])('refuses %s, before anything is worked on', async (_, outputs, error) => {
    let calls = 0;
    const { url } = await serveWords({ onPredict: async () => void (calls += 1) });
    const answer = await httpPost(url, { inputs: words(['a']), outputs });
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ error });
    expect(calls).toBe(0);
  });

  it('refuses a version that there is not', async () => {
    const { url } = await serveWords();
    const versioned = (version: string) => url.replace('/infer', `/versions/${version}/infer`);
    expect(await httpPost(versioned('1'), { inputs: words(['a']) })).toMatchObject({ status: 200 });
    const answer = await httpPost(versioned('2'), { inputs: words(['a']) });
    expect(answer.status).toBe(404);
    expect(answer.json()).toEqual({ error: 'Model with name "fake" has no version 2, only 1' });
  });

  it('refuses a model that there is not before its body is sent', async () => {
    const { url } = await serveWords();
    const answer = await httpPost(url.replace('fake', 'other'), '{}', { 'content-length': 50_000_000 });
    expect(answer.status).toBe(404);
  });

  it('refuses a body over the limit, and one of an unknown encoding', async () => {
    const { url } = await serveWords({ maxBodyBytes: 100 });
    expect(await httpPost(url, 'x'.repeat(101))).toMatchObject({ status: 413 });
    expect(await httpPost(url, '{}', { 'content-encoding': 'zstd' })).toMatchObject({ status: 415 });
  });

  it('hands a predictor’s failure on as the code’s status', async () => {
    const onPredict = () => Promise.reject(new ServiceError('upstream_error', 'The predictor answered with an error'));
    const answer = await httpPost((await serveWords({ onPredict })).url, { inputs: words(['a']) });
    expect(answer.status).toBe(502);
    expect(answer.json()).toEqual({ error: 'The predictor answered with an error' });
  });
});

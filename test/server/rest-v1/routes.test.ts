import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { bytesOfTensor } from '../../../src/oip/tensor-bytes.js';
import type { AnyTensor } from '../../../src/tensor.js';
import { echoModel } from '../../helpers/echo-model.js';
import { httpCall, httpPost } from '../../helpers/http-call.js';
import { runningServers } from '../../helpers/running-servers.js';
import { type RestSettings, serveRest } from '../../helpers/serve-rest.js';
import { fakeModel, type ServedFakeSettings } from '../../helpers/served-fake.js';

const { keep, closeAll } = runningServers();
afterEach(closeAll);

const HEADER = 'inference-header-content-length';

async function serveWords(settings: ServedFakeSettings = {}) {
  const served = await keep(serveRest([fakeModel(settings)], settings));
  return { ...served, at: (verb: string) => `${served.url}/v1/models/fake${verb}` };
}

async function serveEcho(changes: Parameters<typeof echoModel>[0] = {}, settings: RestSettings = {}) {
  const model = echoModel(changes);
  const served = await keep(serveRest([model], settings));
  return { ...served, model, at: (verb: string) => `${served.url}/v1/models/echo${verb}` };
}

const words = (data: readonly string[]) => [{ name: 'words', datatype: 'BYTES', shape: [data.length], data }];

describe('GET /v1/models', () => {
  it('lists the models, and says of each whether it is ready', async () => {
    const ready = fakeModel({ name: 'ready' });
    const loading = fakeModel({ name: 'loading', missingModels: () => Promise.resolve(['face_eye']) });
    const { url } = await keep(serveRest([ready, loading]));
    expect((await httpCall(`${url}/v1/models`)).json()).toEqual({ models: ['ready', 'loading'] });
    expect((await httpCall(`${url}/v1/models/ready`)).json()).toEqual({ name: 'ready', ready: true });
    const answer = await httpCall(`${url}/v1/models/loading`);
    expect(answer.status).toBe(503);
    expect(answer.json()).toEqual({
      error: 'Model with name "loading" is not ready: the predictor has not ready: face_eye',
    });
  });
});

describe('a body with inputs on a V1 route', () => {
  it.each([':predict', '%3Apredict', '%3apredict'])('is answered in V2’s form at %s', async (verb) => {
    const { at } = await serveWords({ instancesOnly: true });
    const answer = await httpPost(at(verb), { id: '7', inputs: words(['ab']), outputs: [{ name: 'response' }] });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json()).toEqual({
      model_name: 'fake',
      model_version: '1',
      id: '7',
      outputs: [{ name: 'response', shape: [1], datatype: 'BYTES', data: ['2'] }],
    });
  });

  it('is explained in V2’s form, with explanations as JSON alone', async () => {
    const { at } = await serveWords();
    const answer = await httpPost(at(':explain'), { inputs: words(['ab', 'bad']) });
    const error = { code: 'unprocessable', message: 'inputs[0].data[1]: not a picture' };
    expect(answer.json()).toMatchObject({
      outputs: [{ name: 'response', shape: [2], data: ['{"letters":2}', JSON.stringify({ error })] }],
    });
    const refused = await httpPost(at(':explain'), { inputs: words(['ab']), outputs: [{ name: 'length' }] });
    expect(refused.status).toBe(400);
    expect(refused.json()).toEqual({
      error: 'outputs[0].name: unexpected inference output "length" for model "fake"; it has response',
    });
  });

  it('may have binary data, and be compressed', async () => {
    const tensor: AnyTensor = { datatype: 'BYTES', shape: [1], data: [Buffer.from('word')] };
    const parameters = { binary_data_size: bytesOfTensor(tensor).length };
    const inputs = [{ name: 'words', datatype: 'BYTES', shape: [1], parameters }];
    const head = Buffer.from(JSON.stringify({ inputs, parameters: { binary_data_output: true } }));
    const { at } = await serveWords();
    const body = gzipSync(Buffer.concat([head, bytesOfTensor(tensor)]));
    const answer = await httpPost(at(':predict'), body, { [HEADER]: head.length, 'content-encoding': 'gzip' });
    expect(answer.status).toBe(200);
    const length = Number(answer.headers[HEADER]);
    expect(JSON.parse(answer.bytes.toString('utf8', 0, length))).toMatchObject({
      outputs: [
        { name: 'length', parameters: { binary_data_size: 4 } },
        { name: 'response', datatype: 'BYTES' },
      ],
    });
    expect(answer.bytes.readFloatLE(length)).toBe(4);
  });

  it('keeps the digits of integers beyond 2^53', async () => {
    const { at, model } = await serveEcho();
    const input = '{"name":"a","datatype":"INT64","shape":[1],"data":[9007199254740993]}';
    const answer = await httpPost(at(':predict'), `\ufeff{"inputs":[${input}]}`);
    expect(model.requests[0]?.inputs.get('a')?.data).toEqual(BigInt64Array.of(9007199254740993n));
    expect(answer.bytes.toString()).toContain('"data":[9007199254740993]');
  });

  it.each([
    ['an input without a shape', [{ name: 'a', datatype: 'BYTES', data: ['x'] }], 'inputs[0].shape: expected an array'],
    ['an input without a datatype', [{ name: 'a', shape: [1], data: ['x'] }], 'inputs[0].datatype: expected string'],
    [
      'inputs that are no tensors',
      ['a'],
      'expected an object with "multi_data", "data" or "instances", received the keys: inputs',
    ],
    ['inputs that are no list', { a: 1 }, 'received the keys: inputs'],
  ])('is refused with %s', async (_, inputs, message) => {
    const answer = await httpPost((await serveWords()).at(':predict'), { inputs });
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ error: expect.stringContaining(message) });
  });

  it('is refused under a length that is none', async () => {
    const answer = await httpPost((await serveWords()).at(':predict'), '{"inputs":[]}', { [HEADER]: '99' });
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ error: expect.stringContaining('at most the body\'s 13; received "99"') });
  });
});

describe('POST /v1/models/{name}:explain', () => {
  it.each([
    ['instances', { instances: ['a', 'bad', 'ccc'] }, 'instances[1]'],
    [
      'a MultiRequest',
      { multi_data: ['a', 'bad', 'ccc'].map((item) => ({ data: { item } })) },
      'multi_data[1].data.item',
    ],
  ])('answers %s with explanations, an item’s error in its place', async (_, body, path) => {
    const answer = await httpPost((await serveWords()).at(':explain'), body);
    expect(answer.status).toBe(200);
    const error = { code: 'unprocessable', message: `${path}: not a picture` };
    expect(answer.json()).toEqual({ explanations: [{ letters: 1 }, { error }, { letters: 3 }] });
  });

  it('answers a single Request, and a bare body, with one explanation', async () => {
    const { at } = await serveWords({ singleResponse: 'bare' });
    expect((await httpPost(at(':explain'), { data: { item: 'ab' } })).json()).toEqual({
      explanations: [{ letters: 2 }],
    });
    const bytes = Buffer.from([0xff, 0xd8, 0xff, 0]);
    expect((await httpPost(at(':explain'), bytes)).json()).toEqual({ explanations: [{ letters: 4 }] });
  });

  it.each([
    ['application/json'],
    ['application/json; charset=utf-8'],
    ['application/x-www-form-urlencoded'],
    ['application/octet-stream'],
    ['image/jpeg'],
  ])('reads JSON that is labelled %s', async (contentType) => {
    const answer = await httpPost((await serveWords()).at('%3Aexplain'), '{"instances":["a"]}', {
      'content-type': contentType,
    });
    expect(answer.json()).toEqual({ explanations: [{ letters: 1 }] });
  });

  it('answers bad items alone with the first one’s error', async () => {
    const answer = await httpPost((await serveWords()).at(':explain'), { instances: ['damaged', 'bad'] });
    expect(answer.status).toBe(422);
    expect(answer.json()).toEqual({ error: 'instances[0]: damaged' });
  });

  it('is not there where the model explains nothing', async () => {
    const { at } = await serveWords({ explainsNothing: true });
    for (const body of [{ instances: ['a'] }, { inputs: words(['a']) }]) {
      const answer = await httpPost(at(':explain'), body);
      expect(answer.status).toBe(501);
      expect(answer.json()).toEqual({ error: 'This model has no :explain' });
    }
  });
});

describe('any body on a V1 route', () => {
  it('is answered, and never with a failure of our own', async () => {
    const { at } = await serveWords();
    const key = fc.constantFrom('instances', 'multi_data', 'data', 'inputs', 'extra_info', 'specversion', '__proto__');
    const json = fc.dictionary(fc.oneof(key, fc.string()), fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())));
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 });
    const form = bytes.map((part) => Buffer.concat([Buffer.from('--x\r\n'), part]));
    const body = fc.oneof(
      json.map((value) => Buffer.from(JSON.stringify(value))),
      bytes,
      form,
    );
    const contentType = fc.constantFrom(
      'application/json',
      'image/jpeg',
      'multipart/form-data; boundary=x',
      'application/cloudevents+json',
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(':predict', ':explain'), body, contentType, async (verb, sent, type) => {
        const { status } = await httpPost(at(verb), sent, { 'content-type': type });
        expect([200, 400, 413, 422]).toContain(status);
      }),
      { numRuns: 150 },
    );
  });
});

describe('V1 of a model that takes requests whole', () => {
  it.each(['predict', 'explain'])('hands %s over as it is', async (verb) => {
    const { at, model } = await serveEcho();
    const body = { instances: [1, { a: null }], more: true, inputs: ['column'] };
    const answer = await httpPost(at(`:${verb}`), body, { 'x-request-id': 'r1' });
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ verb, body });
    expect(model.calls[0]).toMatchObject({ requestId: 'r1', headers: { 'x-request-id': 'r1' } });
  });

  it('hands tensors over as such, but does not explain them', async () => {
    const { at, model } = await serveEcho();
    const inputs = [{ name: 'a', datatype: 'INT8', shape: [1], data: [1] }];
    expect((await httpPost(at(':predict'), { inputs })).json()).toMatchObject({ model_name: 'echo' });
    expect(model.requests).toHaveLength(1);
    const refused = await httpPost(at(':explain'), { inputs });
    expect(refused.status).toBe(501);
    expect(refused.json()).toEqual({ error: ':explain takes no inference request here' });
  });

  it.each([
    ['a picture', Buffer.from([0xff, 0xd8, 0xff])],
    ['nothing', ''],
    ['a list', '[1]'],
  ])('refuses %s', async (_, body) => {
    const answer = await httpPost((await serveEcho()).at(':predict'), body);
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ error: 'The body is no JSON object, which begins with "{"' });
  });
});

describe('a CloudEvent on a V1 route', () => {
  const ATTRIBUTES = { specversion: '1.0', id: 'i1', source: 'client', type: 'request' };
  const BINARY = Object.fromEntries(Object.entries(ATTRIBUTES).map(([name, value]) => [`ce-${name}`, value]));

  it('is answered in binary mode as it came', async () => {
    const { at } = await serveWords();
    const answer = await httpPost(at(':predict'), { instances: ['ab'] }, BINARY);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-source': 'io.kserve.inference.fake',
      'ce-type': 'io.kserve.inference.response',
      'ce-id': expect.not.stringMatching('i1'),
      'content-type': 'application/json',
    });
    expect(answer.json()).toEqual({ predictions: [2] });
  });

  it('is answered in structured mode as it came, explanations too', async () => {
    const { at } = await serveWords({ cloudEvents: { source: 'me', merge: true } });
    const event = { ...ATTRIBUTES, custom: 'value', data: { instances: ['ab'] } };
    const answer = await httpPost(at(':explain'), event, { 'content-type': 'application/cloudevents+json' });
    expect(answer.headers['content-type']).toBe('application/cloudevents+json');
    expect(answer.headers['content-length']).toBe(String(answer.bytes.length));
    expect(answer.json()).toMatchObject({ source: 'me', custom: 'value', data: { explanations: [{ letters: 2 }] } });
  });

  it('may hold a picture, or files', async () => {
    const { at } = await serveWords({ instancesOnly: true });
    const picture = { ...ATTRIBUTES, data_base64: Buffer.from([0xff, 0xd8, 0xff, 0]).toString('base64') };
    expect((await httpPost(at(':predict'), picture)).json()).toMatchObject({ data: { predictions: [4] } });
    const form = '--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n12345\r\n--x--\r\n';
    const headers = { ...BINARY, 'content-type': 'multipart/form-data; boundary=x' };
    expect((await httpPost(at(':predict'), form, headers)).json()).toEqual({ predictions: [5] });
  });

  it('may hold tensors, whose answer is V2’s', async () => {
    const { at, model } = await serveEcho();
    const input = '{"name":"a","datatype":"INT64","shape":[1],"data":[9007199254740993]}';
    const event = `{"data":{"inputs":[${input}]},${JSON.stringify(ATTRIBUTES).slice(1)}`;
    const answer = await httpPost(at(':predict'), event);
    expect(model.requests[0]?.inputs.get('a')?.data).toEqual(BigInt64Array.of(9007199254740993n));
    expect(answer.bytes.toString()).toContain('"data":[9007199254740993]');

    const binary = { inputs: [], outputs: [], parameters: { binary_data_output: true } };
    expect(await httpPost(at(':predict'), { ...ATTRIBUTES, data: binary })).toMatchObject({ status: 200 });
  });

  it('is answered as JSON, also where binary outputs are wished for, which an event cannot hold', async () => {
    const { at } = await serveWords();
    const data = { inputs: words(['a']), outputs: [{ name: 'length' }], parameters: { binary_data_output: true } };
    const answer = await httpPost(at(':predict'), { ...ATTRIBUTES, data });
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({
      specversion: '1.0',
      data: { outputs: [{ name: 'length', datatype: 'FP32', shape: [1], data: [1] }] },
    });
  });

  it.each([
    ['an incomplete one', { ...BINARY, 'ce-id': '' }, 400, 'The CloudEvent is incomplete: the header ce-id is missing'],
    ['bad items', BINARY, 422, 'instances[0]: not a picture'],
  ])('is answered with a plain error: %s', async (_, headers, status, error) => {
    const answer = await httpPost((await serveWords()).at(':predict'), { instances: ['bad'] }, headers);
    expect(answer.status).toBe(status);
    expect(answer.json()).toEqual({ error });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('ce-'))).toEqual([]);
  });
});

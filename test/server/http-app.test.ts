import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { ServiceError } from '../../src/errors.js';
import { serveFake, type ServedFakeSettings } from '../helpers/served-fake.js';

type Served = Awaited<ReturnType<typeof serveFake>>;
const running: Served[] = [];

async function serve(settings?: ServedFakeSettings): Promise<Served> {
  const served = await serveFake(settings);
  running.push(served);
  return served;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((served) => served.close()));
});

async function predict(served: Served, body: unknown, headers: Record<string, string> = {}, path = 'fake:predict') {
  const raw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
  const response = await fetch(`${served.url}/v1/models/${path}`, {
    method: 'POST',
    body: raw ? (body as string) : JSON.stringify(body),
    headers,
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Lists within lists. */
function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

describe('probes and lists', () => {
  it.each([
    ['/', { status: 'alive' }],
    ['/v2/health/live', { live: true }],
    ['/v2/health/ready', { ready: true }],
    ['/v1/models', { models: ['fake'] }],
    ['/v1/models/fake', { name: 'fake', ready: true }],
  ])('answers GET %s', async (path, answer) => {
    const response = await fetch((await serve()).url + path);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(answer);
  });

  it('is not ready while the predictor has not the models, and says which', async () => {
    const served = await serve({ missingModels: () => Promise.resolve(['face_eye']) });
    for (const path of ['/v2/health/ready', '/v1/models/fake']) {
      const response = await fetch(served.url + path);
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({
        error: 'Model with name "fake" is not ready: the predictor has not ready: face_eye',
      });
    }
    expect((await fetch(`${served.url}/v2/health/live`)).status).toBe(200);
  });

  it('is not ready, but alive, from the moment it is to stop', async () => {
    const served = await serve();
    served.dataPlane.drain();
    expect((await fetch(`${served.url}/v2/health/ready`)).status).toBe(503);
    expect((await fetch(served.url)).status).toBe(200);
  });

  it('shows KServe’s four histograms, fed by requests', async () => {
    const served = await serve();
    await predict(served, { instances: ['a'] });
    const text = await (await fetch(`${served.url}/metrics`)).text();
    for (const stage of ['preprocess', 'predict', 'postprocess'])
      expect(text).toContain(`request_${stage}_seconds_count{model_name="fake"} 1`);
    expect(text).toContain('# TYPE request_explain_seconds histogram');
    expect(text).toContain('request_predict_seconds_bucket{le="0.075",model_name="fake"}');
  });
});

describe('POST /v1/models/{name}:predict', () => {
  it('answers instances with predictions', async () => {
    expect(await predict(await serve(), { instances: ['a', 'bbb'] })).toMatchObject({
      status: 200,
      body: { predictions: [1, 3] },
    });
  });

  it('takes the colon as %3A', async () => {
    const { body } = await predict(await serve(), { instances: ['a'] }, {}, 'fake%3Apredict');
    expect(body).toEqual({ predictions: [1] });
  });

  it('answers a MultiRequest with a MultiResponse of the same length and order, extra_info echoed', async () => {
    const { status, body } = await predict(await serve(), {
      multi_data: [{ data: { item: 'a' }, extra_info: { type: 'own' } }, { data: { item: 'bad' } }, { data: {} }],
      extra_info: { type: 'default', others: [{ key: 'k', value: 'v' }] },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      multi_data: [
        { data: [{ score: 1 }], extra_info: { type: 'own', source: 'fake' } },
        {
          data: [],
          extra_info: {
            type: 'default',
            others: [{ key: 'k', value: 'v' }],
            error: { code: 'unprocessable', message: 'multi_data[1].data.item: not a picture' },
          },
        },
        {
          data: [],
          extra_info: expect.objectContaining({
            error: {
              code: 'invalid_argument',
              message: 'multi_data[2].data.item: expected string, received undefined',
            },
          }),
        },
      ],
    });
  });

  it('answers a single Request with a MultiResponse of length 1', async () => {
    const { body } = await predict(await serve(), { data: { item: 'abc' }, extra_info: { type: null } });
    expect(body).toEqual({ multi_data: [{ data: [{ score: 3 }], extra_info: { source: 'fake' } }] });
  });

  it('answers a single Request with a bare Response when set so', async () => {
    const { body } = await predict(await serve({ singleResponse: 'bare' }), { data: { item: 'abc' } });
    expect(body).toEqual({ data: [{ score: 3 }], extra_info: { source: 'fake' } });
  });

  it('puts an item’s error into predictions too', async () => {
    const { status, body } = await predict(await serve(), { instances: ['a', 7] });
    expect(status).toBe(200);
    expect(body).toEqual({
      predictions: [
        1,
        { error: { code: 'invalid_argument', message: 'instances[1]: expected a word, received number' } },
      ],
    });
  });

  it.each([
    ['application/json'],
    ['application/json; charset=utf-8'],
    ['application/x-www-form-urlencoded'],
    ['image/jpeg'],
    ['application/octet-stream'],
    ['text/plain'],
    ['application/cloudevents+json'],
  ])('reads JSON that is labelled %s', async (contentType) => {
    const { body } = await predict(await serve(), '\ufeff {"instances": ["abc"]}', { 'content-type': contentType });
    expect(body).toEqual({ predictions: [3] });
  });

  it('reads JSON without a content type', async () => {
    const { port } = new URL((await serve()).url);
    const answer = await new Promise<string>((resolve) => {
      const sent = httpRequest({ port, path: '/v1/models/fake:predict', method: 'POST' }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      });
      sent.end('{"instances":["abc"]}');
    });
    expect(answer).toBe('{"predictions":[3]}');
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('unpacks %s', async (encoding, compress) => {
    const packed = compress(Buffer.from('{"instances": ["abc"]}'));
    const { body } = await predict(await serve(), packed, { 'content-encoding': encoding });
    expect(body).toEqual({ predictions: [3] });
  });

  it('takes a picture as the whole body', async () => {
    const { body } = await predict(await serve(), new Uint8Array([0xff, 0xd8, 0xff]), { 'content-type': 'image/jpeg' });
    expect(body).toMatchObject({ multi_data: [{ data: [{ score: 3 }] }] });
  });

  it('takes files of a form, in order', async () => {
    const form = new FormData();
    form.append('note', 'not a file');
    form.append('a', new Blob([new Uint8Array(5)]), 'five.jpg');
    form.append('b', new Blob([new Uint8Array(2)]), 'two.jpg');
    const { body } = await predict(await serve(), form);
    expect(body).toMatchObject({ multi_data: [{ data: [{ score: 5 }] }, { data: [{ score: 2 }] }] });
  });

  it('answers files with predictions when the model speaks instances only', async () => {
    const { body } = await predict(await serve({ instancesOnly: true }), new Uint8Array([0xff, 0xd8, 0]));
    expect(body).toEqual({ predictions: [3] });
  });

  describe('of a model of texts', () => {
    const texts = { instancesOnly: true, uploads: 'texts' } as const;

    it.each([
      ['text', 'hello', 'text/plain', 5],
      ['text without a word about it', 'hello', 'application/x-www-form-urlencoded', 5],
      ['text that looks like a list', '[1] a', 'text/plain', 5],
      ['a picture, for the model to refuse', new Uint8Array([0xff, 0xd8, 0xff, 0]), 'image/jpeg', 4],
    ])('takes %s as the whole body', async (_, sent, contentType, length) => {
      const { body } = await predict(await serve(texts), sent, { 'content-type': contentType });
      expect(body).toEqual({ predictions: [length] });
    });

    it('takes files of a form, in order', async () => {
      const form = new FormData();
      form.append('a', new Blob(['hello']), 'a.txt');
      form.append('b', new Blob(['you']), 'b.txt');
      const { body } = await predict(await serve(texts), form);
      expect(body).toEqual({ predictions: [5, 3] });
    });

    it.each([
      ['', 'text/plain', 'The body is empty; expected JSON or a text'],
      ['["hello"]', 'application/json', 'The body is neither a JSON object (which begins with "{") nor a text'],
      ['"hello"', 'application/problem+json', 'The body is neither a JSON object (which begins with "{") nor a text'],
    ])('refuses %s as %s', async (sent, contentType, message) => {
      const answer = await predict(await serve(texts), sent, { 'content-type': contentType });
      expect(answer).toMatchObject({ status: 400, body: { error: message } });
    });

    it('says that texts are to be sent as files', async () => {
      const form = new FormData();
      form.append('note', 'not a file');
      const { body } = await predict(await serve(texts), form);
      expect(body).toEqual({ error: 'The multipart form holds no file; send texts as files' });
    });
  });

  it.each([
    ['an empty body', '', 400, 'The body is empty; expected JSON or a picture'],
    ['text', 'hello', 400, 'The body is neither a JSON object (which begins with "{") nor a picture'],
    ['a JSON list', '[1]', 400, 'The body is neither a JSON object (which begins with "{") nor a picture'],
    ['broken JSON', '{"instances": [}', 400, 'The body is malformed JSON'],
    [
      'other keys',
      '{"a": 1, "b": 2}',
      400,
      'expected an object with "multi_data", "data" or "instances", received the keys: a, b',
    ],
    ['instances that are no list', '{"instances": "a"}', 400, 'instances: expected a list, received string'],
    ['multi_data that is no list', '{"multi_data": null}', 400, 'multi_data: expected a list, received null'],
    ['a wrong extra_info', '{"multi_data": [], "extra_info": 1}', 400, 'extra_info: expected object, received number'],
    [
      'an extra_info too large to echo',
      `{"multi_data": [], "extra_info": {"a": "${'x'.repeat(65_536)}"}}`,
      400,
      'extra_info: is 65544 characters long, more than 65536',
    ],
    [
      'JSON that is nested too deeply',
      `{"data": {"item": "a"}, "extra_info": {"a": ${nested(5000)}}}`,
      400,
      'The JSON is nested deeper than 100 levels',
    ],
    ['a single bad item', '{"data": {"item": "bad"}}', 422, 'data.item: not a picture'],
    ['a single Request without item', '{"data": {}}', 400, 'data.item: expected string, received undefined'],
    ['bad items only', '{"instances": ["bad", "damaged"]}', 422, 'instances[0]: not a picture'],
    [
      'an unforeseen failure',
      '{"instances": ["buggy"]}',
      500,
      'instances[0]: Internal error; the log has the details under the request id ',
    ],
    [
      'too many items',
      '{"multi_data": [1,2,3,4,5]}',
      413,
      'The request holds 5 items, more than the limit of 4 (--max_items)',
    ],
  ])('refuses %s', async (_, sent, status, message) => {
    const answer = await predict(await serve(), sent, { 'content-type': 'application/json' });
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: expect.stringContaining(message) });
  });

  it.each([
    ['multipart/form-data', 'The multipart form cannot be read: Multipart: Boundary not found'],
    ['multipart/form-data; boundary=x', 'The multipart form'],
  ])('refuses a broken form of type %s', async (contentType, message) => {
    const answer = await predict(await serve(), '--y\r\n', { 'content-type': contentType });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: expect.stringContaining(message) });
  });

  it('answers a form that is cut at any byte, and serves the next request', async () => {
    const served = await serve();
    const form =
      '--x\r\nContent-Disposition: form-data; name="f"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n12345\r\n--x--\r\n';
    const headers = { 'content-type': 'Multipart/Form-Data; boundary=x' };
    for (let length = 1; length < form.length; length++) {
      const { status } = await predict(served, form.slice(0, length), headers);
      expect(length < form.length - 4 ? [400] : [200, 400]).toContain(status);
    }
    expect(await predict(served, form, headers)).toMatchObject({
      status: 200,
      body: { multi_data: [{ data: [{ score: 5 }] }] },
    });
  });

  it('refuses a form of countless fields', async () => {
    const field = '--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n\r\n';
    const answer = await predict(await serve(), `${field.repeat(200)}--x--\r\n`, {
      'content-type': 'multipart/form-data; boundary=x',
    });
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining('more than 100 fields') } });
  });

  it('refuses more files than items', async () => {
    const form = new FormData();
    for (let i = 0; i < 5; i++) form.append('f', new Blob(['x']), `${i}.jpg`);
    expect(await predict(await serve(), form)).toMatchObject({ status: 413 });
  });

  it('refuses a body over the limit, also one that grows when unpacked, and serves the next', async () => {
    const served = await serve({ maxBodyBytes: 1000 });
    const message = 'The body is larger than the limit of 1000 bytes (--max_body_bytes)';
    const large = 'x'.repeat(1001);
    expect(await predict(served, large)).toMatchObject({ status: 413, body: { error: message } });
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    expect(await predict(served, bomb, { 'content-encoding': 'gzip' })).toMatchObject({ status: 413 });
    expect(await predict(served, { instances: ['a'] })).toMatchObject({ status: 200 });
  });

  it('reads a body only when there is room for it, and turns away when too many wait', async () => {
    let letGo: () => void = () => undefined;
    let enter: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const entered = new Promise<void>((resolve) => (enter = resolve));
    const served = await serve({ maxBodyBytes: 1000, bodyBudgetBytes: 1000, onPredict: () => (enter(), gate) });
    const body = JSON.stringify({ instances: ['a'], padding: ' '.repeat(900) });
    const first = predict(served, body);
    await entered;
    const second = predict(served, body);
    const third = predict(served, body);
    const refused = await Promise.race([second, third]);
    expect(refused.status).toBe(429);
    letGo();
    expect([(await first).status, (await second).status, (await third).status].sort()).toEqual([200, 200, 429]);
  });

  it('gives the room back when clients leave in the midst of pipelined requests, or never finish their body', async () => {
    const onPredict = ([word]: readonly string[]) =>
      word === 'hang' ? new Promise<void>(() => undefined) : Promise.resolve();
    const limits = { maxBodyBytes: 1000, bodyBudgetBytes: 1000, bodyQueue: 20, receiveTimeoutMs: 200 };
    const served = await serve({ ...limits, maxInFlight: 20, onPredict });
    const { port } = new URL(served.url);
    const post = (length: number, body: string) =>
      `POST /v1/models/fake:predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${body}`;
    const hanging = '{"instances":["hang"]}';
    for (let turn = 0; turn < 5; turn++) {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
      socket.write(post(hanging.length, hanging) + post(900, '{'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      socket.destroy();
    }
    const stuck = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
    stuck.write(post(900, '{'));
    expect(await predict(served, { instances: ['a'], padding: ' '.repeat(900) })).toMatchObject({ status: 200 });
    stuck.destroy();
  });

  it('counts a compressed body as large as it may be until it is read, then as it is', async () => {
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    let inside = 0;
    const served = await serve({ maxBodyBytes: 1000, bodyBudgetBytes: 1100, onPredict: () => (inside++, gate) });
    const packed = gzipSync(Buffer.from('{"instances": ["abc"]}'));
    const both = [1, 2].map(() => predict(served, packed, { 'content-encoding': 'gzip' }));
    for (let turn = 0; inside < 2 && turn < 1000; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(inside).toBe(2);
    letGo();
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('refuses encodings it does not know and data that is not in the encoding it claims', async () => {
    const served = await serve();
    expect(await predict(served, '{}', { 'content-encoding': 'zstd' })).toMatchObject({
      status: 415,
      body: { error: 'Content-Encoding "zstd" is not accepted; gzip, deflate, br and identity are' },
    });
    expect(await predict(served, '{}', { 'content-encoding': 'gzip' })).toMatchObject({ status: 400 });
  });

  it('turns requests away with Retry-After when there is no room', async () => {
    let letGo: () => void = () => undefined;
    let enter: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const entered = new Promise<void>((resolve) => (enter = resolve));
    const served = await serve({ maxInFlight: 1, onPredict: () => (enter(), gate) });
    const first = predict(served, { instances: ['a'] });
    await entered;
    const refused = await predict(served, { instances: ['b'] });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    letGo();
    expect(await first).toMatchObject({ status: 200 });
  });
});

describe('paths and methods', () => {
  it.each([
    ['GET', '/nothing', 404, 'There is nothing at GET /nothing'],
    ['POST', '/v1/models/fake:train', 404, 'There is nothing at POST /v1/models/fake:train; did you mean :predict?'],
    ['POST', '/v1/models/other:predict', 404, 'Model with name "other" does not exist; served here: fake'],
    ['GET', '/v1/models/other', 404, 'Model with name "other" does not exist; served here: fake'],
    ['DELETE', '/v1/models/fake', 405, 'DELETE is not allowed here, only GET, HEAD'],
    ['POST', '/v1/models/fake', 405, 'POST is not allowed here, only GET, HEAD; did you mean :predict?'],
    ['OPTIONS', '/v1/models/fake:predict', 405, 'OPTIONS is not allowed here, only POST'],
    ['GET', '/v1/models/fake:predict', 405, 'GET is not allowed here, only POST'],
    ['POST', '/v1/models', 405, 'POST is not allowed here, only GET, HEAD'],
    ['PUT', '/metrics', 405, 'PUT is not allowed here, only GET, HEAD'],
    ['GET', '/v1/models/%E0%A4%A', 400, 'The path is not percent-encoded well'],
  ])('%s %s is refused with %i', async (method, path, status, message) => {
    const response = await fetch((await serve()).url + path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('allow')).toBe(/ only ([A-Z, ]+)/.exec(message)?.[1] ?? null);
    expect(await response.json()).toEqual({ error: expect.stringContaining(message) });
  });

  it('answers HEAD wherever it answers GET', async () => {
    const { url } = await serve();
    for (const path of ['/', '/metrics', '/v1/models', '/v1/models/fake', '/v2/health/live', '/v2/models/fake']) {
      const response = await fetch(url + path, { method: 'HEAD' });
      expect([path, response.status, await response.text()]).toEqual([path, 200, '']);
    }
  });
});

describe('request context', () => {
  it('echoes the client’s request id and logs one line with the stages’ times', async () => {
    const served = await serve();
    const { headers } = await predict(served, { instances: ['a', 'bad'] }, { 'x-request-id': 'abc-1' });
    expect(headers.get('x-request-id')).toBe('abc-1');
    const [line] = served.lines.filter(({ message }) => message === 'request');
    expect(line?.line).toMatchObject({
      requestId: 'abc-1',
      method: 'POST',
      path: '/v1/models/fake:predict',
      status: 200,
      items: 2,
      itemErrors: 1,
      stagesMs: { decode: expect.any(Number), predict: expect.any(Number) },
    });
  });

  it.each(['internal', 'upstream_error', 'unavailable'] as const)(
    'logs the cause of %s, which the client is not told',
    async (code) => {
      const cause = new Error('the whole story');
      const served = await serve({ onPredict: () => Promise.reject(new ServiceError(code, 'short', { cause })) });
      const { body } = await predict(served, { instances: ['a'] });
      expect(JSON.stringify(body)).not.toContain('story');
      const line = served.lines.find(({ message }) => message === 'request failed');
      expect(line).toMatchObject({ level: 'error', line: { err: cause, error: { code } } });
    },
  );

  it('makes an id when there is none, or one that is no id', async () => {
    const served = await serve();
    const { headers } = await predict(served, { instances: ['a'] }, { 'x-request-id': 'two words' });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('hands the predictor the headers of the list, and no others', async () => {
    let seen: unknown;
    const served = await serve({ onPredict: (_, { call }) => Promise.resolve(void (seen = call.headers)) });
    await predict(
      served,
      { instances: ['a'] },
      { 'x-request-id': 'r', authorization: 'Bearer t', traceparent: 'p', cookie: 'c' },
    );
    expect(seen).toEqual({ 'x-request-id': 'r', authorization: 'Bearer t', traceparent: 'p' });
  });

  it('cancels the work when the client leaves, and logs 499', async () => {
    let signal: AbortSignal | undefined;
    let enter: () => void = () => undefined;
    const entered = new Promise<void>((resolve) => (enter = resolve));
    const served = await serve({
      onPredict: (_, context) => {
        signal = context.signal;
        enter();
        return new Promise(() => undefined);
      },
    });
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
    const body = '{"instances":["a"]}';
    socket.write(`POST /v1/models/fake:predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await entered;
    const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve));
    socket.destroy();
    await aborted;
    expect(signal?.reason).toMatchObject({ code: 'cancelled' });
    expect(served.lines.find(({ message }) => message === 'request')?.line).toMatchObject({ status: 499 });
  });
});

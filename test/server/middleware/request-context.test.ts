import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { ServiceError } from '../../../src/errors.js';
import { echoModel } from '../../helpers/echo-model.js';
import { eventually } from '../../helpers/eventually.js';
import { httpCall, httpPost } from '../../helpers/http-call.js';
import { type RecordedSpan, recordingTracing } from '../../helpers/recording-tracing.js';
import { runningServers } from '../../helpers/running-servers.js';
import { serveRest } from '../../helpers/serve-rest.js';
import { serveFake, type ServedFakeSettings } from '../../helpers/served-fake.js';
import { createWaitingRoom } from '../../helpers/waiting-room.js';

const { keep, closeAll } = runningServers();
afterEach(closeAll);

const serve = (settings: ServedFakeSettings = {}) => keep(serveFake(settings));
type Served = Awaited<ReturnType<typeof serve>>;

const BODY = '{"instances":["a"]}';
const predict = ({ url }: Served, body: unknown = BODY, headers = {}) =>
  httpPost(`${url}/v1/models/fake:predict`, body, headers);

/** The one line of a request in the log, when it is there. */
async function requestLine({ lines }: Served, message = 'request'): Promise<Record<string, unknown>> {
  const found = await eventually(() => {
    const said = lines.filter((line) => line.message === message);
    return said.length > 0 ? said : undefined;
  }, `the line "${message}"`);
  expect(found).toHaveLength(1);
  return found[0]?.line ?? {};
}

/** Sends bytes of a request, and no more. */
function begin({ port }: Served, bytes: string): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.write(bytes);
  return socket;
}

const head = (length: number, more = '') =>
  `POST /v1/models/fake:predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n${more}\r\n`;

/** Has the server say that it has begun with the request. */
const EXPECT = 'Expect: 100-continue\r\n';

/** The lines of a counter or histogram that are not 0, without its name. */
async function countsOf({ metrics }: Served, name: string): Promise<string[]> {
  const text = await metrics.text();
  return text
    .split('\n')
    .flatMap((line) => (line.startsWith(`${name}{`) && !line.endsWith(' 0') ? [line.slice(name.length)] : []));
}

describe('the line of a request in the log', () => {
  it('tells of the request, its items, and its stages', async () => {
    const served = await serve();
    const { bytes } = await predict(served, '{"instances":["a","bad"]}', { 'x-request-id': 'r1' });
    expect(bytes.toString()).toContain('predictions');
    expect(await requestLine(served)).toEqual({
      requestId: 'r1',
      method: 'POST',
      path: '/v1/models/fake:predict',
      status: 200,
      ms: expect.any(Number),
      bytes: 25,
      items: 2,
      itemErrors: 1,
      stagesMs: Object.fromEntries(
        ['queue', 'decode', 'preprocess', 'predict', 'postprocess'].map((stage) => [stage, expect.any(Number)]),
      ),
    });
  });

  it('counts the items of V2, too', async () => {
    const served = await serve();
    const inputs = [{ name: 'words', datatype: 'BYTES', shape: [3], data: ['a', 'bad', 'damaged'] }];
    await httpPost(`${served.url}/v2/models/fake/infer`, { inputs });
    expect(await requestLine(served)).toMatchObject({ status: 200, items: 3, itemErrors: 2 });
  });

  it('says why a request was refused', async () => {
    const served = await serve();
    await predict(served, '{"instances":["bad"]}');
    expect(await requestLine(served)).toMatchObject({
      status: 422,
      items: 1,
      itemErrors: 1,
      error: { code: 'unprocessable', message: 'instances[0]: not a picture' },
    });
  });

  it('is an error with its cause where the fault is not the client’s', async () => {
    const cause = new Error('the whole story');
    const served = await serve({
      onPredict: () => Promise.reject(new ServiceError('upstream_error', 'short', { cause })),
    });
    await predict(served);
    expect(await requestLine(served, 'request failed')).toMatchObject({ status: 502, err: cause });
  });

  it('is none where a predictor’s refusal was handed on', async () => {
    const upstream = { status: 'INVALID_ARGUMENT', httpStatus: 400, text: 'unexpected shape' };
    const error = new ServiceError('upstream_error', 'short', { upstream, isForwarded: true });
    const served = await keep(serveRest([echoModel({ infer: () => Promise.reject(error) })]));
    await httpPost(`${served.url}/v2/models/echo/infer`, { inputs: [] });
    expect(await requestLine(served)).toMatchObject({ status: 400, error: { code: 'upstream_error' } });
  });

  it.each(['/', '/metrics', '/v2/health/ready', '/v1/models/fake', '/v2/models/fake/ready', '/v2/models/fake'])(
    'is of level debug for %s, which machines ask for',
    async (path) => {
      const served = await serve();
      await httpCall(served.url + path);
      expect(await requestLine(served, 'probe')).toMatchObject({ path, status: 200 });
      expect(served.lines.filter(({ message }) => message === 'request')).toEqual([]);
    },
  );

  it('stays of level debug while a model is not ready, which is logged when it changes', async () => {
    const served = await serve({ missingModels: () => Promise.resolve(['face_eye']) });
    await httpCall(`${served.url}/v2/health/ready`);
    expect(await requestLine(served, 'probe')).toMatchObject({ status: 503, error: { code: 'unavailable' } });
    expect(served.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'warn model is not ready',
      'debug probe',
    ]);
  });

  it('is short, whatever the path', async () => {
    const served = await serve();
    await httpCall(`${served.url}/${'x'.repeat(8000)}`);
    expect(JSON.stringify(await requestLine(served)).length).toBeLessThan(700);
  });

  it('is of level info for lists and other paths', async () => {
    const served = await serve();
    await httpCall(`${served.url}/v2/models`);
    expect(await requestLine(served)).toMatchObject({ path: '/v2/models' });
  });
});

describe('a client that leaves', () => {
  it('while it is worked for: the work is cancelled, and 499 logged', async () => {
    const room = createWaitingRoom();
    let signal: AbortSignal | undefined;
    const tracing = recordingTracing();
    const onPredict: ServedFakeSettings['onPredict'] = (_, context) => {
      ({ signal } = context);
      return room.enter();
    };
    const served = await serve({ onPredict, tracing });
    const socket = begin(served, head(BODY.length) + BODY);
    await room.holds(1);
    socket.destroy();
    expect(await requestLine(served)).toMatchObject({
      status: 499,
      error: { code: 'cancelled', message: 'The client left' },
    });
    expect(signal?.reason).toMatchObject({ code: 'cancelled', message: 'The client left' });
    expect(tracing.spans[0]?.attributes).toMatchObject({ 'http.response.status_code': 499 });
    expect(tracing.spans[0]?.ends).toMatchObject([{ code: 'cancelled' }]);
    expect(await countsOf(served, 'transformer_requests_total')).toEqual([
      '{model_name="fake",protocol="v1",status="499"} 1',
    ]);
    room.release();
  });

  it('in the midst of its body: 499 is logged', async () => {
    const served = await serve();
    const socket = begin(served, head(1000, EXPECT) + '{"instances":');
    await once(socket, 'data');
    socket.destroy();
    expect(await requestLine(served)).toMatchObject({ status: 499, error: { code: 'cancelled' } });
    expect(await countsOf(served, 'transformer_requests_total')).toEqual([
      '{model_name="fake",protocol="v1",status="499"} 1',
    ]);
  });

  it('while its body waits for room: it does not wait any more', async () => {
    const room = createWaitingRoom();
    const limits = { maxBodyBytes: 1000, bodyBudgetBytes: 1000, bodyQueue: 1 };
    const served = await serve({ ...limits, onPredict: () => room.enter() });
    const first = predict(served, BODY + ' '.repeat(900));
    await room.holds(1);
    const socket = begin(served, head(900, EXPECT));
    await once(socket, 'data');
    // Only one may wait: who comes next is turned away as long as that one does.
    expect(await predict(served, BODY + ' '.repeat(900))).toMatchObject({ status: 429 });
    served.lines.length = 0;
    socket.destroy();
    expect(await requestLine(served)).toMatchObject({ status: 499, error: { code: 'cancelled' } });
    const next = predict(served, BODY + ' '.repeat(900));
    room.release();
    expect(await first).toMatchObject({ status: 200 });
    await room.holds(1);
    room.release();
    expect(await next).toMatchObject({ status: 200 });
  });

  it('with its own side of the connection alone: it gets its answer', async () => {
    const served = await serve();
    const socket = connect({ port: served.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.end(head(BODY.length) + BODY);
    expect(await text(socket)).toContain('{"predictions":[1]}');
  });
});

describe('metrics of requests', () => {
  it('count calls by model, protocol and status, with bytes and seconds', async () => {
    const served = await serve();
    const { bytes } = await predict(served);
    await predict(served, '{"instances":["bad"]}');
    const inputs = [{ name: 'words', datatype: 'BYTES', shape: [1], data: ['a'] }];
    await httpPost(`${served.url}/v2/models/fake/infer`, { inputs });
    expect(await countsOf(served, 'transformer_requests_total')).toEqual([
      '{model_name="fake",protocol="v1",status="200"} 1',
      '{model_name="fake",protocol="v1",status="422"} 1',
      '{model_name="fake",protocol="v2",status="200"} 1',
    ]);
    expect(await countsOf(served, 'transformer_request_seconds_count')).toEqual([
      '{model_name="fake",protocol="v1"} 2',
      '{model_name="fake",protocol="v2"} 1',
    ]);
    expect((await countsOf(served, 'transformer_request_bytes_total'))[0]).toBe(`{protocol="v1"} ${BODY.length + 21}`);
    const refused = '{"error":"instances[0]: not a picture"}'.length;
    expect((await countsOf(served, 'transformer_response_bytes_total'))[0]).toBe(
      `{protocol="v1"} ${bytes.length + refused}`,
    );
  });

  it('have no labels of clients’ making, and count no paths that call no model', async () => {
    const served = await serve({ enableAdmin: true });
    for (const name of ['secret', '__proto__', 'a'.repeat(500)]) {
      await httpPost(`${served.url}/v1/models/${name}:predict`, BODY);
      await httpPost(`${served.url}/v2/models/${name}/infer`, '{}');
    }
    for (const path of [
      '/nothing',
      '/v1/models/fake:other',
      '/v2/models/fake/versions/x/infer',
      '/v2/repository/index',
    ]) {
      await httpPost(served.url + path, '{}');
    }
    for (const path of ['/', '/v2', '/v2/models/fake', '/v2/models/other', '/v1/models/fake']) {
      await httpCall(served.url + path);
    }
    expect(await countsOf(served, 'transformer_requests_total')).toEqual([
      '{model_name="",protocol="v1",status="404"} 3',
      '{model_name="",protocol="v2",status="404"} 3',
    ]);
  });
});

describe('the trace of a request', () => {
  const ofCall = ({ name, ends, children }: RecordedSpan): unknown => [name, ends, children.map(ofCall)];

  it('holds a span for each stage, each of which ends once', async () => {
    const tracing = recordingTracing();
    const served = await serve({ tracing });
    await predict(served, BODY, { 'x-request-id': 'r1' });
    await requestLine(served);
    expect(tracing.spans.map(({ attributes }) => attributes)).toEqual([
      {
        'http.request.method': 'POST',
        'http.route': '/v1/models/{name}:predict',
        'model.name': 'fake',
        'request.id': 'r1',
        'http.response.status_code': 200,
      },
    ]);
    const stages = ['decode', 'preprocess', 'predict', 'postprocess'].map((name) => [name, [undefined], []]);
    expect(tracing.spans.map(ofCall)).toEqual([['POST /v1/models/{name}:predict', [undefined], stages]]);
  });

  it('goes to the predictor’s calls within their stage', async () => {
    const tracing = recordingTracing();
    const onPredict: ServedFakeSettings['onPredict'] = async (_, { call }) => call.span?.child('infer').end();
    const served = await serve({ tracing, onPredict });
    await predict(served);
    const stages = tracing.spans[0]?.children ?? [];
    expect(stages.find(({ name }) => name === 'predict')?.children.map(ofCall)).toEqual([['infer', [undefined], []]]);
  });

  it('tells of errors: of the stage, and of the request', async () => {
    const tracing = recordingTracing();
    const error = new ServiceError('unavailable', 'no predictor');
    const served = await serve({ tracing, onPredict: () => Promise.reject(error) });
    await predict(served);
    await requestLine(served, 'request failed');
    expect(tracing.spans.map(ofCall)).toEqual([
      [
        'POST /v1/models/{name}:predict',
        [error],
        [
          ['decode', [undefined], []],
          ['preprocess', [undefined], []],
          ['predict', [error], []],
        ],
      ],
    ]);
    expect(tracing.spans[0]?.attributes).toMatchObject({ 'http.response.status_code': 503 });
  });

  it('begins for unknown models, under no name, and not for what calls none', async () => {
    const tracing = recordingTracing();
    const served = await serve({ tracing });
    await httpPost(`${served.url}/v2/models/other/infer`, '{}', { 'x-request-id': 'r1' });
    await httpCall(`${served.url}/v2/models/fake`);
    await httpCall(`${served.url}/v2/health/ready`);
    expect(tracing.spans).toMatchObject([
      {
        name: 'POST /v2/models/{name}/infer',
        attributes: {
          'http.request.method': 'POST',
          'http.route': '/v2/models/{name}/infer',
          'model.name': '',
          'request.id': 'r1',
          'http.response.status_code': 404,
        },
        ends: [{ code: 'not_found' }],
      },
    ]);
  });
});

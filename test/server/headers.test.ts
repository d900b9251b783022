import { ServiceError } from '../../src/errors.js';
import { echoModel, type EchoModel } from '../helpers/echo-model.js';
import { eventually } from '../helpers/eventually.js';
import { httpPost } from '../helpers/http-call.js';
import { runningServers } from '../helpers/running-servers.js';
import { type RestSettings, serveRest } from '../helpers/serve-rest.js';
import { fakeModel, type ServedFakeSettings } from '../helpers/served-fake.js';

const { keep, closeAll } = runningServers();
afterEach(closeAll);

/** Every way to ask a model that hands requests on. */
const WAYS = [
  ['V1', '/v1/models/echo:predict', '{"instances":[]}'],
  ['V1 with tensors', '/v1/models/echo:predict', '{"inputs":[]}'],
  ['V2', '/v2/models/echo/infer', '{"inputs":[]}'],
] as const;

const serveEcho = async (changes: Parameters<typeof echoModel>[0] = {}, settings: RestSettings = {}) => {
  const model = echoModel(changes);
  return { model, ...(await keep(serveRest([model], settings))) };
};

/** A model that says which headers its predictor answered with. */
function answering(...answers: readonly Record<string, string>[]): Partial<EchoModel> {
  const tell: EchoModel['v1'] = async (_verb, _body, { onResponseHeaders }) => {
    for (const headers of answers) onResponseHeaders?.(new Map(Object.entries(headers)));
    return {};
  };
  return {
    v1: tell,
    infer: async (request, call) => {
      await tell('predict', undefined, call);
      return { outputs: request.inputs };
    },
  };
}

describe('a client’s headers', () => {
  it.each(WAYS)('go on to the predictor as the list has it: %s', async (_, path, body) => {
    const { url, model } = await serveEcho({}, { toPredictor: ['x-exact', 'x-my-*', '/^x-b3-/'] });
    await httpPost(url + path, body, {
      'x-exact': 'a',
      'X-My-One': 'b',
      'x-my-two': ['c', 'd'],
      'x-b3-traceid': 'e',
      'x-exactly': 'no',
      'x-request-id': 'r1',
      'x-my-hop': 'no',
      connection: 'close, x-my-hop',
      cookie: 'no',
      authorization: 'no',
    });
    expect(model.calls[0]?.headers).toEqual({
      'x-exact': 'a',
      'x-my-one': 'b',
      'x-my-two': 'c, d',
      'x-b3-traceid': 'e',
      'x-request-id': 'r1',
    });
  });

  it('never go on that belong to the connection or the message, whatever the list says', async () => {
    const { url, model } = await serveEcho({}, { toPredictor: ['*'] });
    await httpPost(`${url}/v2/models/echo/infer`, '{"inputs":[]}', {
      te: 'trailers',
      cookie: 'a=b',
      'content-type': 'application/json',
      'proxy-authorization': 'Basic x',
      'grpc-timeout': '1S',
      'x-request-id': 'r1',
      'user-agent': 'test',
    });
    expect(model.calls[0]?.headers).toEqual({ 'x-request-id': 'r1', 'user-agent': 'test' });
  });

  it('that come several times under one name count as one value', async () => {
    const { url, model } = await serveEcho();
    await httpPost(`${url}/v2/models/echo/infer`, '{"inputs":[]}', { 'x-request-id': ['r1', 'r2'] });
    expect(model.calls[0]?.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const answer = await httpPost(`${url}/v2/models/echo/infer`, '{"inputs":[]}', {
      'x-request-timeout-ms': ['5', '6'],
    });
    expect(answer.status).toBe(400);
  });
});

describe('a predictor’s headers', () => {
  it.each(WAYS)('go back to the client as the list has it, of several answers the last: %s', async (_, path, body) => {
    const first = { 'x-model-a': '1', 'x-model-b': '1', 'set-cookie': 'no', server: 'triton' };
    const second = { 'x-model-a': '2', 'content-type': 'text/html', 'content-length': '99999' };
    const { url } = await serveEcho(answering(first, second), {
      toClient: ['x-*', 'set-cookie', 'content-type', 'server'],
    });
    const { status, headers, bytes } = await httpPost(url + path, body);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'x-model-a': '2', 'x-model-b': '1', 'content-type': 'application/json' });
    expect(headers['content-length']).toBe(String(bytes.length));
    for (const name of ['set-cookie', 'server']) expect(headers).not.toHaveProperty([name]);
  });

  it.each(WAYS)(
    'do not replace our own, and are left out where HTTP has no place for them: %s',
    async (_, path, body) => {
      const odd = {
        'x-request-id': 'theirs',
        'x-break': 'a\r\nb: c',
        'x-control': '\u0001',
        'x-wide': '€',
        'x bad': '1',
        '': '1',
      };
      const { url } = await serveEcho(answering({ ...odd, 'x-fine': 'é' }), { toClient: ['*'] });
      const { status, headers } = await httpPost(url + path, body, { 'x-request-id': 'ours' });
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'x-request-id': 'ours', 'x-fine': 'é' });
      for (const name of ['x-break', 'x-control', 'x-wide', 'x bad', 'b']) expect(headers).not.toHaveProperty([name]);
    },
  );

  it('go back with events, too', async () => {
    const { url } = await serveEcho(answering({ 'x-model-a': '1', 'ce-id': 'theirs' }), { toClient: ['*'] });
    const event = { specversion: '1.0', id: 'i', source: 's', type: 't', data: { instances: [] } };
    expect((await httpPost(`${url}/v1/models/echo:predict`, event)).headers).toMatchObject({ 'x-model-a': '1' });
  });
});

describe('x-request-timeout-ms', () => {
  const inputs = [{ name: 'words', datatype: 'BYTES', shape: [1], data: ['a'] }];
  const BODIES = [
    ['/v1/models/fake:predict', { instances: ['a'] }],
    ['/v1/models/fake:explain', { instances: ['a'] }],
    ['/v2/models/fake/infer', { inputs }],
  ] as const;

  async function serveSlow(settings: ServedFakeSettings = {}) {
    const signals: AbortSignal[] = [];
    const hang = (_: unknown, { signal }: { signal: AbortSignal }) => {
      signals.push(signal);
      return new Promise<void>(() => undefined);
    };
    const served = await keep(serveRest([fakeModel({ ...settings, onPredict: hang, onExplain: hang })], settings));
    return { ...served, signals };
  }

  it.each(BODIES)('ends a call that takes longer, and its work: %s', async (path, body) => {
    const { url, signals } = await serveSlow();
    const answer = await httpPost(url + path, body, { 'x-request-timeout-ms': '100' });
    expect(answer.status).toBe(504);
    expect(answer.json()).toEqual({
      error: expect.stringMatching(/^The request took longer than its limit of \d{1,3} ms$/),
    });
    expect(signals).toHaveLength(1);
    expect(signals[0]?.reason).toMatchObject({ code: 'deadline_exceeded' });
  });

  it.each(BODIES)('of 0 ends it at once: %s', async (path, body) => {
    const { url } = await serveSlow();
    const answer = await httpPost(url + path, body, { 'x-request-timeout-ms': '0' });
    expect(answer.status).toBe(504);
    expect(answer.json()).toEqual({ error: 'The request took longer than its limit of 0 ms' });
  });

  it('does not lengthen the service’s own limit', async () => {
    const { url } = await serveSlow({ requestTimeoutMs: 20 });
    const answer = await httpPost(`${url}/v2/models/fake/infer`, { inputs }, { 'x-request-timeout-ms': '60000' });
    expect(answer.status).toBe(504);
    expect(answer.json()).toEqual({ error: 'The request took longer than its limit of 20 ms' });
  });

  it('lets a call be that is faster', async () => {
    const { url } = await keep(serveRest([fakeModel()]));
    const headers = { 'x-request-timeout-ms': '30000.5' };
    expect(await httpPost(`${url}/v2/models/fake/infer`, { inputs }, headers)).toMatchObject({ status: 200 });
  });

  it.each(BODIES)('is refused when it is no number, before the body is read: %s', async (path) => {
    const { url } = await keep(serveRest([fakeModel()]));
    const headers = { 'x-request-timeout-ms': 'soon', 'content-length': 90_000 };
    const answer = await httpPost(url + path, '{', headers);
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ error: 'x-request-timeout-ms must be a number of milliseconds, such as 2500' });
  });

  it('holds while a body waits for room', async () => {
    const { url, signals } = await serveSlow({ maxBodyBytes: 1000, bodyBudgetBytes: 1000 });
    const padded = JSON.stringify({ inputs }) + ' '.repeat(900);
    const first = httpPost(`${url}/v2/models/fake/infer`, padded, { 'x-request-timeout-ms': '400' });
    await eventually(() => signals[0], 'the first call');
    const second = await httpPost(`${url}/v2/models/fake/infer`, padded, { 'x-request-timeout-ms': '50' });
    expect(second.status).toBe(504);
    expect(second.json()).toEqual({
      error: expect.stringMatching(/^Waiting for room took longer than its limit of \d{1,2} ms$/),
    });
    expect(await first).toMatchObject({ status: 504 });
  });
});

describe('x-request-id', () => {
  it('comes back with every answer, errors too', async () => {
    const infer = () => Promise.reject(new ServiceError('unavailable', 'no'));
    const { url } = await serveEcho({ infer });
    for (const path of ['/nothing', '/v2/models/echo/infer', '/v2/models/other/infer', '/v2/models']) {
      const { headers } = await httpPost(url + path, '{"inputs":[]}', { 'x-request-id': 'r1' });
      expect(headers['x-request-id']).toBe('r1');
    }
  });
});

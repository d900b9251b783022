import { ServiceError } from '../../../src/errors.js';
import type { RequestModel, ServedModel } from '../../../src/transformers/served-model.js';
import { echoModel } from '../../helpers/echo-model.js';
import { httpCall, httpPost } from '../../helpers/http-call.js';
import { runningServers } from '../../helpers/running-servers.js';
import { serveRest } from '../../helpers/serve-rest.js';
import { fakeModel } from '../../helpers/served-fake.js';

const { keep, closeAll } = runningServers();
afterEach(closeAll);

const serve = (
  models: readonly ServedModel[] = [fakeModel({ name: 'a' }), fakeModel({ name: 'b' })],
  enableAdmin = true,
) => keep(serveRest(models, { enableAdmin }));

/** A model whose predictor loads and unloads, or fails to. */
function loadable(fail?: Error) {
  const asked: unknown[] = [];
  const ask =
    (action: string): NonNullable<RequestModel['repository']>['load'] =>
    async (parameters, { requestId, headers, timeoutMs }) => {
      asked.push({ action, parameters, requestId, headers, timeoutMs });
      if (fail !== undefined) throw fail;
    };
  return { asked, model: echoModel({ repository: { load: ask('load'), unload: ask('unload') } }) };
}

describe('POST /v2/repository/index', () => {
  const READY = { name: 'a', version: '1', state: 'READY', reason: '' };
  const NOT_READY = { name: 'b', version: '1', state: 'UNAVAILABLE', reason: 'the predictor has not ready: m' };
  const models = () => [
    fakeModel({ name: 'a' }),
    fakeModel({ name: 'b', missingModels: () => Promise.resolve(['m']) }),
    fakeModel({ name: 'c' }),
  ];

  it.each([
    ['nothing', '', true],
    ['an empty object', '{}', true],
    ['all', '{"ready":false}', true],
    ['those that are ready', '{"ready":true}', false],
  ])('lists the models when it is asked for %s', async (_, body, isAll) => {
    const { url } = await serve(models());
    await httpPost(`${url}/v2/repository/models/c/unload`, '');
    const answer = await httpPost(`${url}/v2/repository/index`, body);
    expect(answer.status).toBe(200);
    const unloaded = { name: 'c', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' };
    expect(answer.json()).toEqual(isAll ? [READY, NOT_READY, unloaded] : [READY]);
  });

  it.each([
    ['{"ready":1}', 'ready: expected boolean, received number'],
    ['[]', 'The body is JSON, but no object'],
    ['{', 'The body is malformed JSON'],
  ])('refuses %s', async (body, message) => {
    const answer = await httpPost(`${(await serve()).url}/v2/repository/index`, body);
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ error: expect.stringContaining(message) });
  });
});

describe('POST /v2/repository/models/{name}/load and …/unload', () => {
  it('take a model out of everything that is asked, and put it back', async () => {
    const { url } = await serve();
    const unloaded = await httpPost(`${url}/v2/repository/models/b/unload`, {
      parameters: { unload_dependents: true },
    });
    expect([unloaded.status, unloaded.json()]).toEqual([200, { name: 'b', unload: true }]);

    for (const path of ['/v1/models', '/v2/models']) {
      expect((await httpCall(url + path)).json()).toEqual({ models: ['a'] });
    }
    const error = { error: 'Model with name "b" is unloaded' };
    for (const answer of [
      await httpCall(`${url}/v1/models/b`),
      await httpCall(`${url}/v2/models/b`),
      await httpCall(`${url}/v2/models/b/ready`),
      await httpPost(`${url}/v1/models/b:predict`, { instances: ['x'] }),
      await httpPost(`${url}/v2/models/b/infer`, { inputs: [] }),
    ]) {
      expect([answer.status, answer.json()]).toEqual([404, error]);
    }
    expect(await httpCall(`${url}/v2/health/ready`)).toMatchObject({ status: 200 });
    expect(await httpPost(`${url}/v1/models/a:predict`, { instances: ['x'] })).toMatchObject({ status: 200 });

    const loaded = await httpPost(`${url}/v2/repository/models/b/load`, '');
    expect([loaded.status, loaded.json()]).toEqual([200, { name: 'b', load: true }]);
    expect(await httpPost(`${url}/v1/models/b:predict`, { instances: ['x'] })).toMatchObject({ status: 200 });
  });

  it('count a model that is unloaded neither for nor against being ready', async () => {
    const asleep = fakeModel({ name: 'asleep', missingModels: () => Promise.resolve(['m']) });
    const { url } = await serve([fakeModel({ name: 'a' }), asleep]);
    expect(await httpCall(`${url}/v2/health/ready`)).toMatchObject({ status: 503 });
    await httpPost(`${url}/v2/repository/models/asleep/unload`, '');
    expect(await httpCall(`${url}/v2/health/ready`)).toMatchObject({ status: 200 });
  });

  it('let calls end that are under way', async () => {
    let letGo: () => void = () => undefined;
    let enter: () => void = () => undefined;
    const entered = new Promise<void>((resolve) => (enter = resolve));
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const { url } = await serve([fakeModel({ name: 'a', onPredict: () => (enter(), gate) })]);
    const underWay = httpPost(`${url}/v1/models/a:predict`, { instances: ['x'] });
    await entered;
    expect(await httpPost(`${url}/v2/repository/models/a/unload`, '')).toMatchObject({ status: 200 });
    letGo();
    expect((await underWay).json()).toEqual({ predictions: [1] });
  });

  it('have the predictor do so where requests are handed on, with the parameters, headers and limit', async () => {
    const { model, asked } = loadable();
    const { url } = await serve([model]);
    const parameters = { config: '{"max_batch_size":8}', 'file:1/model.onnx': 'AAEC', number: 1.5, flag: true };
    const headers = { 'x-request-id': 'r1', authorization: 'Bearer t', 'x-request-timeout-ms': '5000' };
    await httpPost(`${url}/v2/repository/models/echo/load`, { parameters }, headers);
    await httpPost(`${url}/v2/repository/models/echo/unload`, { parameters: null }, headers);
    const call = { requestId: 'r1', headers: { 'x-request-id': 'r1', authorization: 'Bearer t' } };
    expect(asked).toEqual([
      { action: 'load', parameters, ...call, timeoutMs: expect.any(Number) },
      { action: 'unload', parameters: {}, ...call, timeoutMs: expect.any(Number) },
    ]);
  });

  it('tell what the predictor says against it, and leave the model as it is', async () => {
    const { model } = loadable(new ServiceError('upstream_error', 'The predictor answered with an error'));
    const { url } = await serve([model]);
    const answer = await httpPost(`${url}/v2/repository/models/echo/unload`, '');
    expect([answer.status, answer.json()]).toEqual([502, { error: 'The predictor answered with an error' }]);
    expect((await httpCall(`${url}/v2/models`)).json()).toEqual({ models: ['echo'] });
  });

  it.each([
    ['models/other/load', '', 404, 'Model with name "other" does not exist; served here: a, b'],
    ['models/other/unload', '', 404, 'Model with name "other" does not exist; served here: a, b'],
    ['models/a/load', '{"parameters":{"a":[1]}}', 400, 'parameters.a: '],
    ['models/a/load', '{"parameters":[]}', 400, 'parameters: '],
    ['models/a/load', 'nonsense', 400, 'The body is malformed JSON'],
    ['models/a/delete', '', 404, 'There is nothing at POST /v2/repository/models/a/delete'],
    ['models/a', '', 404, 'There is nothing at POST /v2/repository/models/a'],
  ])('refuse %s of %s', async (path, body, status, message) => {
    const answer = await httpPost(`${(await serve()).url}/v2/repository/${path}`, body);
    expect(answer.status).toBe(status);
    expect(answer.json()).toEqual({ error: expect.stringContaining(message) });
  });
});

describe('the repository of a service without administration', () => {
  it.each(['index', 'models/a/load', 'models/a/unload', 'models/other/load'])('is closed: %s', async (path) => {
    const { url } = await serve(undefined, false);
    const answer = await httpPost(`${url}/v2/repository/${path}`, '{"parameters":7', { 'content-length': 50_000_000 });
    expect(answer.status).toBe(403);
    expect(answer.json()).toEqual({
      error: 'Models cannot be listed, loaded and unloaded here: the service runs without --enable_admin',
    });
    expect((await httpCall(`${url}/v2/models`)).json()).toEqual({ models: ['a', 'b'] });
  });

  it('knows no other paths', async () => {
    const { url } = await serve(undefined, false);
    expect(await httpPost(`${url}/v2/repository/models/a/delete`, '')).toMatchObject({ status: 404 });
  });
});

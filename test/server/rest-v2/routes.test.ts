import { ServiceError } from '../../../src/errors.js';
import { echoModel } from '../../helpers/echo-model.js';
import { httpCall } from '../../helpers/http-call.js';
import { runningServers } from '../../helpers/running-servers.js';
import { serveRest } from '../../helpers/serve-rest.js';
import { fakeModel } from '../../helpers/served-fake.js';

const { keep, closeAll } = runningServers();
afterEach(closeAll);

const FAKE_METADATA = {
  name: 'fake',
  versions: ['1'],
  platform: 'kserve_transformer',
  inputs: [{ name: 'words', datatype: 'BYTES', shape: [-1] }],
  outputs: [
    { name: 'length', datatype: 'FP32', shape: [-1] },
    { name: 'response', datatype: 'BYTES', shape: [-1] },
  ],
};

const ECHO_TENSOR = { name: 'input', datatype: 'FP32', shape: [-1, 2] };
const ECHO_METADATA = { name: 'echo', platform: 'onnxruntime_onnx', inputs: [ECHO_TENSOR], outputs: [ECHO_TENSOR] };

describe('the Open Inference Protocol’s GET routes', () => {
  it.each([
    ['/v2', { name: 'kserve-transformer', version: '1.2.3', extensions: ['binary_tensor_data'] }],
    ['/v2/', { name: 'kserve-transformer', version: '1.2.3', extensions: ['binary_tensor_data'] }],
    ['/v2/health/live', { live: true }],
    ['/v2/health/ready', { ready: true }],
    ['/v2/models', { models: ['fake', 'echo'] }],
    ['/v2/models/fake', FAKE_METADATA],
    ['/v2/models/fake/versions/1', FAKE_METADATA],
    ['/v2/models/echo', { ...ECHO_METADATA, versions: ['1', '3'] }],
    ['/v2/models/echo/versions/3', { ...ECHO_METADATA, versions: ['3'] }],
    ['/v2/models/fake/ready', { name: 'fake', ready: true }],
    ['/v2/models/fake/versions/1/ready', { name: 'fake', ready: true }],
    ['/v2/models/echo/versions/3/ready', { name: 'echo', ready: true }],
  ])('answer %s', async (path, body) => {
    const { url } = await keep(serveRest([fakeModel(), echoModel()]));
    const answer = await httpCall(url + path);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json()).toEqual(body);
  });

  it.each([
    ['/v2/models/other', 404, 'Model with name "other" does not exist; served here: fake, echo'],
    ['/v2/models/other/ready', 404, 'Model with name "other" does not exist; served here: fake, echo'],
    ['/v2/models/other/versions/1/ready', 404, 'Model with name "other" does not exist; served here: fake, echo'],
    ['/v2/models/__proto__', 404, 'Model with name "__proto__" does not exist; served here: fake, echo'],
    ['/v2/models/fake/versions/2', 404, 'Model with name "fake" has no version 2, only 1'],
    ['/v2/models/fake/versions/2/ready', 404, 'Model with name "fake" has no version 2, only 1'],
    ['/v2/models/echo/versions/2/ready', 503, 'Model with name "echo" is not ready in version 2'],
    ['/v2/models/fake/versions/one', 404, 'A version in a path must be digits'],
    ['/v2/models/fake/versions/1.0/ready', 404, 'A version in a path must be digits'],
    ['/v2/models/fake/versions/-1', 404, 'A version in a path must be digits'],
    ['/v2/models/fake/versions', 404, 'There is nothing at GET /v2/models/fake/versions'],
    ['/v2/models/fake/stats', 404, 'There is nothing at GET /v2/models/fake/stats'],
    ['/v2/other', 404, 'There is nothing at GET /v2/other'],
    ['/v2/models/%ff', 400, 'The path is not percent-encoded well'],
  ])('refuse %s with %i', async (path, status, error) => {
    const { url } = await keep(serveRest([fakeModel(), echoModel()]));
    const answer = await httpCall(url + path);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json()).toEqual({ error });
  });

  it('keeps messages short, whatever the path', async () => {
    const { url } = await keep(serveRest([fakeModel()]));
    for (const path of [`/v2/models/${'m'.repeat(5000)}`, `/v2/models/fake/versions/${'9'.repeat(5000)}`]) {
      const answer = await httpCall(url + path);
      expect(answer.status).toBe(404);
      expect(answer.bytes.length).toBeLessThan(200);
    }
  });

  it('hand metadata calls their headers and the time that is left, and refuse a time that is none', async () => {
    const seen: unknown[] = [];
    const model = echoModel();
    const metadata: typeof model.metadata = (version, call) => {
      seen.push([version, call.headers, call.timeoutMs]);
      return model.metadata(version, call);
    };
    const { url } = await keep(serveRest([{ ...model, metadata }]));
    const headers = { 'x-request-id': 'r1', authorization: 'Bearer t', 'x-request-timeout-ms': '5000' };
    expect(await httpCall(`${url}/v2/models/echo`, { headers })).toMatchObject({ status: 200 });
    expect(seen).toEqual([[undefined, { 'x-request-id': 'r1', authorization: 'Bearer t' }, expect.any(Number)]]);

    const answer = await httpCall(`${url}/v2/models/echo`, { headers: { 'x-request-timeout-ms': 'soon' } });
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({ error: 'x-request-timeout-ms must be a number of milliseconds, such as 2500' });
  });

  it('tell why metadata cannot be had', async () => {
    const metadata = () => Promise.reject(new ServiceError('unavailable', 'The predictor cannot be reached'));
    const { url } = await keep(serveRest([echoModel({ metadata })]));
    const answer = await httpCall(`${url}/v2/models/echo`);
    expect(answer.status).toBe(503);
    expect(answer.json()).toEqual({ error: 'The predictor cannot be reached' });
  });

  it('say of a model that is not ready why', async () => {
    const model = fakeModel({ missingModels: () => Promise.resolve(['face_eye']) });
    const { url } = await keep(serveRest([model]));
    for (const path of ['/v2/models/fake/ready', '/v2/models/fake/versions/1/ready', '/v2/health/ready']) {
      const answer = await httpCall(url + path);
      expect(answer.status).toBe(503);
      expect(answer.json()).toEqual({
        error: 'Model with name "fake" is not ready: the predictor has not ready: face_eye',
      });
    }
    expect(await httpCall(`${url}/v2/models/fake`)).toMatchObject({ status: 200 });
  });

  it.each(['/', '/v2', '/v2/health/ready', '/v2/models/fake', '/v1/models', '/v1/models/fake', '/metrics'])(
    'answer HEAD %s as GET, without a body',
    async (path) => {
      const { url } = await keep(serveRest([fakeModel()]));
      const answer = await httpCall(url + path, { method: 'HEAD' });
      expect(answer.status).toBe(200);
      expect(Number(answer.headers['content-length'])).toBeGreaterThan(0);
      expect(answer.bytes).toHaveLength(0);
    },
  );

  it.each([
    ['POST', '/', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
    ['DELETE', '/v2', 'GET, HEAD'],
    ['POST', '/v2/models', 'GET, HEAD'],
    ['POST', '/v2/health/live', 'GET, HEAD'],
    ['PUT', '/v2/health/ready', 'GET, HEAD'],
    ['POST', '/v2/models/fake', 'GET, HEAD'],
    ['OPTIONS', '/v2/models/fake/versions/1', 'GET, HEAD'],
    ['PATCH', '/v2/models/fake/ready', 'GET, HEAD'],
    ['POST', '/v2/models/fake/versions/1/ready', 'GET, HEAD'],
    ['GET', '/v2/models/fake/infer', 'POST'],
    ['HEAD', '/v2/models/fake/infer', 'POST'],
    ['PUT', '/v2/models/fake/versions/1/infer', 'POST'],
    ['POST', '/v1/models', 'GET, HEAD'],
    ['DELETE', '/v1/models/fake', 'GET, HEAD'],
    ['GET', '/v1/models/fake:predict', 'POST'],
    ['PUT', '/v1/models/fake:explain', 'POST'],
    ['PUT', '/v1/models/fake%3Apredict', 'POST'],
    ['GET', '/v2/repository/index', 'POST'],
    ['GET', '/v2/repository/models/fake/load', 'POST'],
    ['DELETE', '/v2/repository/models/fake/unload', 'POST'],
  ])('%s %s is not allowed, and %s is', async (method, path, allow) => {
    const { url } = await keep(serveRest([fakeModel()], { enableAdmin: true }));
    const answer = await httpCall(url + path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
    if (method !== 'HEAD') expect(answer.json()).toEqual({ error: `${method} is not allowed here, only ${allow}` });
  });
});

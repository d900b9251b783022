import { type ErrorCode, ServiceError, type UpstreamStatus } from '../../../src/errors.js';
import { echoModel } from '../../helpers/echo-model.js';
import { httpCall, httpPost } from '../../helpers/http-call.js';
import { runningServers } from '../../helpers/running-servers.js';
import { serveRest } from '../../helpers/serve-rest.js';
import { fakeModel } from '../../helpers/served-fake.js';

const { keep, closeAll } = runningServers();
afterEach(closeAll);

/** Every code, and its status on REST. */
const STATUSES: Readonly<Record<ErrorCode, number>> = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  resource_exhausted: 429,
  cancelled: 499,
  internal: 500,
  unimplemented: 501,
  upstream_error: 502,
  unavailable: 503,
  deadline_exceeded: 504,
};

/** Has a model's call fail, and asks it over V1 and over V2. */
async function answersTo(error: unknown) {
  const onPredict = async () => {
    throw error;
  };
  const { url, lines } = await keep(serveRest([fakeModel({ onPredict })]));
  const headers = { 'x-request-id': 'r1' };
  const inputs = [{ name: 'words', datatype: 'BYTES', shape: [1], data: ['a'] }];
  return {
    lines,
    v1: await httpPost(`${url}/v1/models/fake:predict`, { instances: ['a'] }, headers),
    v2: await httpPost(`${url}/v2/models/fake/infer`, { inputs }, headers),
  };
}

/** Has a model that hands requests on fail with what its predictor said. */
async function forwarded(upstream: UpstreamStatus | undefined) {
  const error = new ServiceError('upstream_error', 'our words', { upstream, isForwarded: true });
  const { url } = await keep(
    serveRest([echoModel({ infer: () => Promise.reject(error), v1: () => Promise.reject(error) })]),
  );
  return {
    v1: await httpPost(`${url}/v1/models/echo:predict`, { instances: [] }),
    v2: await httpPost(`${url}/v2/models/echo/infer`, { inputs: [] }),
  };
}

describe('errors over REST', () => {
  it.each(Object.entries(STATUSES) as [ErrorCode, number][])('answers %s with %i', async (code, status) => {
    const { v1, v2 } = await answersTo(new ServiceError(code, 'what is wrong', { cause: new Error('secret') }));
    const message = code === 'internal' ? 'what is wrong r1' : 'what is wrong';
    for (const answer of [v1, v2]) {
      expect(answer.status).toBe(status);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(answer.headers['content-length']).toBe(String(answer.bytes.length));
      expect(answer.headers['x-request-id']).toBe('r1');
      expect(answer.headers['retry-after']).toBe(status === 429 ? '1' : undefined);
      expect(answer.json()).toEqual({ error: message });
    }
  });

  it.each([
    [new TypeError('secret of /opt/app/dist/index.js')],
    ['a thrown secret'],
    [{ status: 404, message: 'secret' }],
  ])('hides %p, which nobody foresaw, and logs it under the request id', async (thrown) => {
    const { v1, v2, lines } = await answersTo(thrown);
    for (const answer of [v1, v2]) {
      expect(answer.status).toBe(500);
      expect(answer.json()).toEqual({ error: 'Internal error; the log has the details under the request id r1' });
      expect(JSON.stringify(answer.headers)).not.toContain('secret');
    }
    const failures = lines.filter(({ level }) => level === 'error');
    expect(failures).toHaveLength(2);
    for (const { line } of failures) expect(line).toMatchObject({ requestId: 'r1', err: thrown, status: 500 });
  });

  it.each([
    ['its HTTP status', { status: 'NOT_FOUND', httpStatus: 404, text: 'no such model' }, 404, 'no such model'],
    ['an odd HTTP status', { status: 'UNKNOWN', httpStatus: 418, text: 'a teapot' }, 418, 'a teapot'],
    ['that it is overloaded', { status: 'UNKNOWN', httpStatus: 429, text: 'slow down' }, 429, 'slow down'],
    ['its gRPC status', { status: 'INVALID_ARGUMENT', text: 'unexpected shape' }, 400, 'unexpected shape'],
    ['its gRPC status', { status: 'ABORTED', text: 'aborted' }, 409, 'aborted'],
    ['a redirect', { status: 'UNKNOWN', httpStatus: 302, text: 'elsewhere' }, 400, 'elsewhere'],
    ['that all is well', { status: 'OK', httpStatus: 200, text: 'well' }, 502, 'well'],
    ['an unknown status', { status: 'NOVEL', text: 'new' }, 502, 'new'],
    ['nothing but its status', { status: 'INTERNAL', httpStatus: 500, text: '' }, 500, 'our words'],
    ['nothing', undefined, 502, 'our words'],
  ])('hands on what a predictor said: %s', async (_, upstream, status, error) => {
    const { v1, v2 } = await forwarded(upstream);
    for (const answer of [v1, v2]) {
      expect(answer.status).toBe(status);
      expect(answer.json()).toEqual({ error });
      expect(answer.headers['retry-after']).toBe(status === 429 ? '1' : undefined);
      expect(answer.headers).not.toHaveProperty('location');
    }
  });

  it('answers paths that it does not know, whatever they are', async () => {
    const { url } = await keep(serveRest([fakeModel()]));
    for (const [path, status, error] of [
      ['/nothing', 404, 'There is nothing at GET /nothing'],
      [`/${'x'.repeat(4000)}`, 404, `There is nothing at GET /${'x'.repeat(79)}…`],
      ['/%c3%28', 404, 'There is nothing at GET /%c3%28'],
      ['/v1/models/%c3%28', 400, 'The path is not percent-encoded well'],
      ['/v1', 404, 'There is nothing at GET /v1'],
      ['/v2/../etc/passwd', 404, 'There is nothing at GET /etc/passwd'],
    ] as const) {
      const answer = await httpCall(url + path);
      expect([path, answer.status, answer.json()]).toEqual([path, status, { error }]);
    }
  });
});

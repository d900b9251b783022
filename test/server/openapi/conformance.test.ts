import { ServiceError } from '../../../src/errors.js';
import type { OpenApiDocument } from '../../../src/server/openapi/open-api-document.js';
import { operationsOf, resolveAnswer, validatorOf } from '../../helpers/described-models.js';
import { serveFake, type ServedFakeSettings } from '../../helpers/served-fake.js';

type Served = Awaited<ReturnType<typeof serveFake>>;
const running: Served[] = [];

async function serve(settings?: ServedFakeSettings) {
  const served = await serveFake(settings);
  running.push(served);
  const document = (await (await fetch(`${served.url}/openapi.json`)).json()) as OpenApiDocument;
  return { ...served, document };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((served) => served.close()));
});

/** A route of Express: its paths and methods. */
interface RouteLayer {
  readonly route?: { readonly path: string | readonly string[]; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle?: { readonly stack?: readonly RouteLayer[] };
}

/** What the paths of Express call their parameters, and what the description has in their place. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  ':name': ['fake'],
  ':version': ['{version}'],
  ':target': ['fake:predict', 'fake:explain'],
  ':action': ['load', 'unload'],
};

/** Files of the page, which are none of the API's business; the path with the slash leads to the one without. */
const FILES = '/docs/';

/** Every route for GET or POST, as `get /v1/models/fake`. */
function routesOf({ stack = [] }: { stack?: readonly RouteLayer[] }): string[] {
  return stack.flatMap(({ route, handle }) => [
    ...(route === undefined ? [] : methodsOf(route)),
    ...routesOf(handle ?? {}),
  ]);
}

function methodsOf({ path, methods }: NonNullable<RouteLayer['route']>): string[] {
  return ['get', 'post']
    .filter((method) => methods[method])
    .flatMap((method) => [path].flat().flatMap((each) => filledIn(each).map((filled) => `${method} ${filled}`)));
}

function filledIn(path: string): string[] {
  const [parameter = ''] = /(?<=\/):[a-z]+/.exec(path) ?? [];
  const values = PARAMETERS[parameter];
  return values === undefined ? [path] : values.flatMap((value) => filledIn(path.replace(parameter, value)));
}

/** Why an answer is not as the description says; undefined when it is. */
async function problemWith(answer: Response, asked: { document: OpenApiDocument; method: string; path: string }) {
  const { document, method, path } = asked;
  const template = path.replace(/versions\/[^/]+/, 'versions/{version}');
  const responses = document.paths[template]?.[method === 'POST' ? 'post' : 'get']?.responses;
  const described = responses?.[answer.status];
  if (described === undefined) return `${method} ${template} does not say that it answers ${answer.status}`;
  const { content = {} } = resolveAnswer(described, document) ?? {};
  const [type = ''] = (answer.headers.get('content-type') ?? '').split(';');
  const media = content[type];
  if (media === undefined) return `${method} ${template} does not say that it answers ${type}`;
  if (type !== 'application/json') return undefined;
  return validatorOf(document, media.schema).safeParse(await answer.json()).error?.issues[0]?.message;
}

const INPUTS = { inputs: [{ name: 'words', shape: [1], datatype: 'BYTES', data: ['a'] }] };
const EVENT = { specversion: '1.0', id: '1', source: '/a', type: 'b', data: { instances: ['a'] } };
const failing = (code: ConstructorParameters<typeof ServiceError>[0]) => ({
  onPredict: () => Promise.reject(new ServiceError(code, 'no')),
});

describe('the description of the API', () => {
  it('has every route, and no others', async () => {
    const { app, document } = await serve();
    const described = operationsOf(document).map(({ method, path }) => `${method} ${path}`);
    const routes = new Set(routesOf(app.routes.router as unknown as { stack?: readonly RouteLayer[] }));
    expect([...routes].filter((route) => !route.includes(FILES)).sort()).toEqual(described.sort());
  });

  it('tells the methods that each path has', async () => {
    const { url, document } = await serve();
    for (const [path, item] of Object.entries(document.paths)) {
      const answer = await fetch(url + path.replace('{version}', '1'), { method: 'DELETE' });
      const methods = 'get' in item ? 'GET, HEAD' : 'POST';
      expect([path, answer.status, answer.headers.get('allow')]).toEqual([path, 405, methods]);
    }
  });

  const PREDICT = '/v1/models/fake:predict';
  const INFER = '/v2/models/fake/infer';
  const BINARY = { ...INPUTS, parameters: { binary_data_output: true } };
  it.each<{ path: string; status: number; body?: object; headers?: Record<string, string> }>([
    { path: '/', status: 200 },
    { path: '/metrics', status: 200 },
    { path: '/openapi.json', status: 200 },
    { path: '/docs', status: 200 },
    { path: '/v1/models', status: 200 },
    { path: '/v1/models/fake', status: 200 },
    { path: '/v2', status: 200 },
    { path: '/v2/health/live', status: 200 },
    { path: '/v2/health/ready', status: 200 },
    { path: '/v2/models', status: 200 },
    { path: '/v2/models/fake', status: 200 },
    { path: '/v2/models/fake/ready', status: 200 },
    { path: '/v2/models/fake/versions/1', status: 200 },
    { path: '/v2/models/fake/versions/2', status: 404 },
    { path: '/v2/models/fake/versions/1/ready', status: 200 },
    { path: PREDICT, status: 200, body: { instances: ['a', 7] } },
    { path: PREDICT, status: 200, body: { multi_data: [{ data: { item: 'a' } }, { data: { item: 'bad' } }] } },
    { path: PREDICT, status: 200, body: { data: { item: 'a' } } },
    { path: PREDICT, status: 200, body: INPUTS },
    { path: PREDICT, status: 200, body: BINARY },
    { path: PREDICT, status: 400, body: { instances: 7 } },
    { path: PREDICT, status: 413, body: { instances: [1, 2, 3, 4, 5] } },
    { path: PREDICT, status: 422, body: { instances: ['bad'] } },
    { path: '/v1/models/fake:explain', status: 200, body: { instances: ['a'] } },
    { path: INFER, status: 200, body: INPUTS },
    { path: INFER, status: 200, body: BINARY },
    { path: INFER, status: 400, body: { inputs: [] } },
    { path: '/v2/models/fake/versions/1/infer', status: 200, body: INPUTS },
    { path: '/v2/models/fake/versions/2/infer', status: 404, body: INPUTS },
    { path: '/v2/repository/index', status: 200, body: { ready: true } },
    { path: '/v2/repository/index', status: 400, body: { ready: 'yes' } },
    { path: '/v2/repository/models/fake/load', status: 200, body: {} },
    { path: '/v2/repository/models/fake/unload', status: 200, body: { parameters: null } },
    { path: PREDICT, status: 200, body: EVENT, headers: { 'content-type': 'application/cloudevents+json' } },
    { path: PREDICT, status: 415, body: {}, headers: { 'content-encoding': 'zstd' } },
  ])('is kept by $path, which answers $status', async ({ path, status, body, headers }) => {
    const { url, document } = await serve({ enableAdmin: true });
    const method = body === undefined ? 'GET' : 'POST';
    const answer = await fetch(url + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(headers !== undefined && { headers }),
    });
    expect(answer.status).toBe(status);
    expect(await problemWith(answer, { document, method, path })).toBeUndefined();
  });

  it.each([
    [403, 'permission_denied'],
    [429, 'resource_exhausted'],
    [500, 'internal'],
    [502, 'upstream_error'],
    [503, 'unavailable'],
    [504, 'deadline_exceeded'],
  ] as const)('is kept when the model answers %i', async (status, code) => {
    const { url, document } = await serve(failing(code));
    for (const path of ['/v1/models/fake:predict', '/v2/models/fake/infer']) {
      const answer = await fetch(url + path, { method: 'POST', body: JSON.stringify(INPUTS) });
      expect(answer.status).toBe(status);
      expect(await problemWith(answer, { document, method: 'POST', path })).toBeUndefined();
    }
  });

  it('is kept by models that are unloaded or not ready', async () => {
    const { url, document, dataPlane } = await serve({ missingModels: () => Promise.resolve(['a']) });
    for (const path of ['/v2/health/ready', '/v1/models/fake', '/v2/models/fake/ready']) {
      const answer = await fetch(url + path);
      expect(answer.status).toBe(503);
      expect(await problemWith(answer, { document, method: 'GET', path })).toBeUndefined();
    }
    await dataPlane.unload('fake', {}, {} as never);
    for (const path of ['/v1/models/fake', '/v2/models/fake', '/v2/models/fake/ready']) {
      const answer = await fetch(url + path);
      expect(answer.status).toBe(404);
      expect(await problemWith(answer, { document, method: 'GET', path })).toBeUndefined();
    }
  });

  it('says that administration may be refused', async () => {
    const { url, document } = await serve();
    for (const path of ['/v2/repository/index', '/v2/repository/models/fake/load']) {
      const answer = await fetch(url + path, { method: 'POST' });
      expect(answer.status).toBe(403);
      expect(await problemWith(answer, { document, method: 'POST', path })).toBeUndefined();
    }
  });
});

import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { serveFake, type ServedFakeSettings } from '../helpers/served-fake.js';

type Served = Awaited<ReturnType<typeof serveFake>>;
const running: Served[] = [];

async function serve(settings?: ServedFakeSettings): Promise<string> {
  const served = await serveFake(settings);
  running.push(served);
  return served.url;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((served) => served.close()));
});

/** The answer to who has something already. With fetch() one cannot ask: it adds that no cache is to answer. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      resolve(response.resume().statusCode);
    }).on('error', reject);
  });
}

describe('GET /openapi.json', () => {
  it('answers the description of what is served', async () => {
    const response = await fetch(`${await serve()}/openapi.json`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.json()).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'kserve-transformer', version: '1.2.3' },
      paths: { '/v1/models/fake:predict': {} },
    });
  });

  it('sends it again only when it has changed', async () => {
    const url = `${await serve()}/openapi.json`;
    const etag = (await fetch(url)).headers.get('etag') ?? '';
    expect(await statusOf(url, { 'if-none-match': etag })).toBe(304);
    expect(await statusOf(url, { 'if-none-match': '"other"' })).toBe(200);
    expect(await statusOf(`${await serve({ enableDocs: false })}/openapi.json`, { 'if-none-match': etag })).toBe(200);
  });

  it('tells its length to HEAD', async () => {
    const url = `${await serve()}/openapi.json`;
    const { byteLength } = await (await fetch(url)).arrayBuffer();
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(byteLength)]);
  });

  it('keeps describing a model that is unloaded, since it may come back', async () => {
    const served = await serveFake();
    running.push(served);
    await served.dataPlane.unload('fake', {}, {} as never);
    const document = (await (await fetch(`${served.url}/openapi.json`)).json()) as { paths: object };
    expect(document.paths).toHaveProperty(['/v1/models/fake:predict']);
  });
});

describe('GET /docs', () => {
  it('is a page of addresses that there are, relative to its own', async () => {
    const url = `${await serve()}/docs`;
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const page = await response.text();
    const addresses = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
    expect(addresses).toEqual([
      'docs/favicon-32x32.png',
      'docs/swagger-ui.css',
      'docs/swagger-ui-bundle.js',
      'docs/start.js',
    ]);
    for (const address of addresses) expect((await fetch(new URL(address, url))).status).toBe(200);
  });

  it('lets the page load nothing from elsewhere, and holds no script that the policy would not run', async () => {
    const response = await fetch(`${await serve()}/docs`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).not.toMatch(/https?:|unsafe/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).not.toMatch(/<script(?![^>]*src=)|\son[a-z]+=/);
  });

  it('serves Swagger UI’s own files, to be kept for a day', async () => {
    const response = await fetch(`${await serve()}/docs/swagger-ui.css`);
    const root = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
    expect(await response.text()).toBe(readFileSync(path.join(root, 'swagger-ui.css'), 'utf8'));
    expect(response.headers.get('cache-control')).toBe('public, max-age=86400');
    expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(await statusOf(response.url, { 'if-none-match': response.headers.get('etag') ?? '' })).toBe(304);
  });

  it('leads from the path with a slash to the one without, behind any prefix', async () => {
    const response = await fetch(`${await serve()}/docs/`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([308, '../docs']);
  });

  it.each([
    '/docs/package.json',
    '/docs/..%2f..%2fpackage.json',
    '/docs/SWAGGER-UI.css',
    '/docs/swagger-ui.css/',
    '/openapi.json/',
  ])('has nothing at %s', async (address) => {
    const response = await fetch((await serve()) + address);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: `There is nothing at GET ${address}` });
  });

  it.each(['/docs', '/docs/start.js', '/docs/swagger-ui.css', '/openapi.json'])(
    'allows %s to be read only',
    async (address) => {
      const response = await fetch((await serve()) + address, { method: 'POST' });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    },
  );

  it('is not there where it is switched off, but the description is', async () => {
    const url = await serve({ enableDocs: false });
    for (const address of ['/docs', '/docs/', '/docs/swagger-ui.css']) {
      expect((await fetch(url + address)).status).toBe(404);
    }
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    expect(document.paths).not.toHaveProperty(['/docs']);
  });
});

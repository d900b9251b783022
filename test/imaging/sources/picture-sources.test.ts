import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPictureSources } from '../../../src/imaging/sources/picture-sources.js';
import { type OwnServer, serveHttp } from '../../helpers/own-server.js';
import { requestPictures } from '../../helpers/picture-sources.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';

describe('createPictureSources()', () => {
  let folder: string;
  let server: OwnServer;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'pictures-'));
    writeFileSync(path.join(folder, 'a.png'), 'from the folder');
    writeFileSync(path.join(folder, 'empty.png'), '');
    server = await serveHttp((_, response) => response.end('from the server'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server.close();
  });

  const create = (maxBytes = 1000) =>
    createPictureSources({
      remote: { allowedHosts: ['127.0.0.1'], timeoutMs: 5000 },
      local: { folder },
      maxBytes,
    });
  const text = async (value: unknown, sources = create(), { signal } = new AbortController()) =>
    Buffer.from(await sources.bytes(value, { signal })).toString();

  it('gives what the request itself holds', async () => {
    expect(await text(Buffer.from('bytes'))).toBe('bytes');
    expect(await text('aGVsbG8=')).toBe('hello');
    expect(await text({ image: { b64: 'aGVsbG8=' } })).toBe('hello');
  });

  it('fetches by URL and by path, also from one of V1’s objects', async () => {
    const url = `http://127.0.0.1:${server.port}/a.png`;
    expect(await text(url)).toBe('from the server');
    expect(await text({ data: ` ${url} ` })).toBe('from the server');
    expect(await text('path:a.png')).toBe('from the folder');
    expect(await text({ b64: 'path: a.png' })).toBe('from the folder');
  });

  it('refuses an empty file', async () => {
    expect(await serviceErrorOf(text('path:empty.png'))).toMatchObject({ code: 'unprocessable' });
  });

  it('bounds what one request may have fetched, and not what several may', async () => {
    const sources = create(40);
    const request = new AbortController();
    await text('path:a.png', sources, request);
    await text(`http://127.0.0.1:${server.port}/`, sources, request);
    expect(await serviceErrorOf(text('path:a.png', sources, request))).toMatchObject({
      code: 'payload_too_large',
      message: 'the file has 15 bytes, more than the limit of 10 bytes (--max_body_bytes)',
    });
    expect(await text('path:a.png', sources)).toBe('from the folder');
  });

  it.each([
    ['http://127.0.0.1:1/', 'pictures by URL are not allowed here'],
    ['path:a.png', 'pictures by path are not allowed here'],
  ])('refuses %s unless it is allowed', async (value, message) => {
    expect(await serviceErrorOf(text(value, requestPictures))).toMatchObject({ code: 'permission_denied', message });
  });
});

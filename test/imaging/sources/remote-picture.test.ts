import type { RequestListener } from 'node:http';
import { fetchRemotePicture, type RemotePictureOptions } from '../../../src/imaging/sources/remote-picture.js';
import { type OwnServer, serveHttp } from '../../helpers/own-server.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';

const OPTIONS: RemotePictureOptions = { allowedHosts: ['127.0.0.1'], maxBytes: 1000, timeoutMs: 5000 };
const { signal } = new AbortController();

describe('fetchRemotePicture()', () => {
  const servers: OwnServer[] = [];
  const serve = async (listener: RequestListener) => {
    const server = await serveHttp(listener);
    servers.push(server);
    return `http://127.0.0.1:${server.port}`;
  };
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  const fetchWith = (url: string, changes: Partial<RemotePictureOptions> = {}) =>
    fetchRemotePicture(url, { ...OPTIONS, ...changes }, signal);

  it('gives the body, and sends nothing of a client’s along', async () => {
    let received: unknown;
    const url = await serve(({ headers }, response) => {
      received = headers;
      response.end('bytes');
    });
    expect(Buffer.from(await fetchWith(`${url}/face.jpg`)).toString()).toBe('bytes');
    expect(Object.keys(received as object).sort()).toEqual(['accept', 'connection', 'host', 'user-agent']);
  });

  it('follows a server that sends it on, three times at most', async () => {
    const url = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('there');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    expect(Buffer.from(await fetchWith(`${url}/3`)).toString()).toBe('there');
    expect(await serviceErrorOf(fetchWith(`${url}/4`))).toMatchObject({
      code: 'unprocessable',
      message: 'the picture could not be fetched: its server sent us on more than 3 times',
    });
  });

  it.each([
    ['http://127.0.0.1:1/'],
    ['http://2130706433/'],
    ['http://0x7f.1/'],
    ['http://[::1]:1/'],
    ['http://[::ffff:127.0.0.1]/'],
    ['http://169.254.169.254/latest/meta-data/'],
    ['http://localhost:1/'],
    ['https://localhost:1/'],
  ])('refuses %s where no host is listed', async (url) => {
    expect(await serviceErrorOf(fetchWith(url, { allowedHosts: [] }))).toMatchObject({
      code: 'permission_denied',
      message: 'pictures from this host are not allowed here',
    });
  });

  it.each([
    ['http://other.example/', ['good.example']],
    ['http://evilgood.example/', ['*.good.example']],
    ['http://good.example.evil.test/', ['good.example', '*.good.example']],
  ])('refuses %s where %j are listed', async (url, allowedHosts) => {
    expect((await serviceErrorOf(fetchWith(url, { allowedHosts }))).code).toBe('permission_denied');
  });

  it('refuses a server that sends it on to a host that is not allowed', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end());
    expect((await serviceErrorOf(fetchWith(url))).code).toBe('permission_denied');
  });

  it.each([
    ['file:///etc/passwd', 'the picture’s URL is not one of http or https'],
    ['ftp://127.0.0.1/', 'the picture’s URL is not one of http or https'],
    ['http://', 'the picture’s URL is not one of http or https'],
    ['http://user:secret@127.0.0.1/', 'the picture’s URL must not hold a name and a password'],
  ])('refuses %s', async (url, message) => {
    expect(await serviceErrorOf(fetchWith(url))).toMatchObject({ code: 'invalid_argument', message });
  });

  it('refuses a body over the limit, by its length and while it is read', async () => {
    const declared = await serve((_, response) => response.end(Buffer.alloc(1001)));
    const chunked = await serve((_, response) => {
      response.write(Buffer.alloc(600));
      response.end(Buffer.alloc(600));
    });
    for (const url of [declared, chunked]) {
      expect(await serviceErrorOf(fetchWith(url))).toMatchObject({
        code: 'payload_too_large',
        message: 'the picture behind the URL has more than 1000 bytes (--max_body_bytes)',
      });
    }
  });

  it('tells of a status that is no success, and of a server that breaks off or is not there', async () => {
    const missing = await serve((_, response) => response.writeHead(404).end());
    expect((await serviceErrorOf(fetchWith(missing))).message).toBe(
      'the picture could not be fetched: its server answered with status 404',
    );
    const broken = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('some', () => response.destroy());
    });
    for (const url of [broken, 'http://127.0.0.1:1/']) {
      expect((await serviceErrorOf(fetchWith(url))).message).toBe(
        'the picture could not be fetched: its server could not be reached, or broke off',
      );
    }
  });

  it('gives up in time', async () => {
    const url = await serve(() => undefined);
    expect((await serviceErrorOf(fetchWith(url, { timeoutMs: 50 }))).message).toBe(
      'the picture could not be fetched: its server did not answer in time',
    );
  });
});

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { serveHttp } from '../helpers/own-server.js';
import { type ChangingFiles, changingFiles } from '../helpers/changing-files.js';
import { PREDICT } from '../helpers/face-bodies.js';
import { type FakeTriton, startFakeTriton } from '../helpers/fake-triton.js';
import { SCORE_MODEL, scoreModel, SIMPLE_CHAIN, TINY_REQUEST } from '../helpers/score-model.js';
import { type RunningService, runService, startService } from '../helpers/start-service.js';
import { tlsFile, tlsPem } from '../helpers/tls-files.js';

const TLS_FLAGS = ['--ssl_certfile', tlsFile('server.pem'), '--ssl_keyfile', tlsFile('server-key.pem')];

let triton: FakeTriton;
let service: RunningService | undefined;
beforeEach(async () => {
  triton = await startFakeTriton();
  triton.models.set(SCORE_MODEL, scoreModel(0.5));
});
afterEach(async () => {
  await service?.kill();
  service = undefined;
  await triton.close();
});

async function start(...flags: string[]): Promise<RunningService> {
  service = await startService([...SIMPLE_CHAIN, '--predictor_host', triton.httpAddress, ...flags]);
  await service.line(({ msg }) => msg === 'model is ready');
  return service;
}

describe('TLS', () => {
  async function ask(url: string, body?: unknown) {
    const asked = request(url.replace('http:', 'https:'), {
      method: body === undefined ? 'GET' : 'POST',
      ca: tlsPem('ca.pem'),
      servername: 'triton.test',
      agent: false,
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: response.statusCode, body: await json(response) };
  }

  it('is spoken with the given certificate, and nothing else then', async () => {
    const running = await start(...TLS_FLAGS);
    const { url } = running;
    expect(await ask(`${url}/v2/health/ready`)).toEqual({ status: 200, body: { ready: true } });
    expect(await ask(url + PREDICT, TINY_REQUEST)).toMatchObject({
      status: 200,
      body: { multi_data: [{ data: [{ score: 0.5 }] }] },
    });
    await expect(fetch(url)).rejects.toThrow();
    expect(await running.stop()).toBe(0);
  });

  it('keeps the service from starting when key and certificate do not belong together', async () => {
    const flags = ['--ssl_certfile', tlsFile('server.pem'), '--ssl_keyfile', tlsFile('client-key.pem')];
    const { code, errors } = await runService(['--http_port', '0', ...flags]);
    expect(code).toBe(1);
    expect(errors).toContain('not started: --ssl_keyfile is not the key of the certificate in --ssl_certfile');
  });

  it('is spoken to a predictor without a scheme, if that is asked for', async () => {
    const asked: boolean[] = [];
    const tls = { cert: tlsPem('server.pem'), key: tlsPem('server-key.pem') };
    const predictor = await serveHttp(
      ({ socket }, response) => {
        asked.push('encrypted' in socket);
        response.end();
      },
      { tls },
    );
    try {
      const flags = ['--predictor_host', `localhost:${predictor.port}`, '--predictor_use_ssl'];
      service = await startService([...SIMPLE_CHAIN, ...flags], { NODE_EXTRA_CA_CERTS: tlsFile('ca.pem') });
      await service.line(({ msg }) => msg === 'model is ready');
      expect(new Set(asked)).toEqual(new Set([true]));
    } finally {
      await predictor.close();
    }
  });
});

describe('bearer tokens', () => {
  let files: ChangingFiles;
  let tokens: string;
  beforeEach(() => {
    files = changingFiles();
    tokens = files.write('tokens', 'first-token\nsecond-token # next\n');
  });
  afterEach(() => files.clear());
  const authorization = (token: string) => ({ authorization: `Bearer ${token}` });

  it('are asked for wherever work is done, and not for probes and metrics', async () => {
    const running = await start('--bearer_token_file', tokens);
    for (const path of ['/', '/v2/health/live', '/v2/health/ready', '/metrics', '/v1/models/facequality']) {
      expect([path, (await fetch(running.url + path)).status]).toEqual([path, 200]);
    }
    for (const path of ['/v1/models', '/v2', '/v2/models/facequality', '/nowhere']) {
      const refused = await fetch(running.url + path);
      expect([path, refused.status, refused.headers.get('www-authenticate')]).toEqual([path, 401, 'Bearer']);
    }
    expect(await running.post(PREDICT, TINY_REQUEST)).toEqual({
      status: 401,
      body: { error: 'Expected the header Authorization: Bearer <token>' },
    });
    expect(await running.post(PREDICT, TINY_REQUEST, authorization('third-token'))).toEqual({
      status: 401,
      body: { error: 'The bearer token is not accepted' },
    });
    for (const token of ['first-token', 'second-token'])
      expect((await running.post(PREDICT, TINY_REQUEST, authorization(token))).status).toBe(200);
    expect(triton.seen).toHaveLength(2);
  });

  it.each([
    ['stay with the service', [], undefined],
    [
      'go on to the predictor where they are asked for by name',
      ['--forward_headers=authorization'],
      'Bearer first-token',
    ],
  ])('%s', async (_, flags, seen) => {
    const running = await start('--bearer_token_file', tokens, ...flags);
    expect((await running.post(PREDICT, TINY_REQUEST, authorization('first-token'))).status).toBe(200);
    expect(triton.seen.map(({ headers }) => headers['authorization'])).toEqual([seen]);
    expect(JSON.stringify(running.lines)).not.toContain('first-token');
  });

  it('of the client go on to the predictor where the service has none of its own', async () => {
    const running = await start();
    await running.post(PREDICT, TINY_REQUEST, authorization('theirs'));
    expect(triton.seen.map(({ headers }) => headers['authorization'])).toEqual(['Bearer theirs']);
  });

  it('keep the service from starting when there is none in the file', async () => {
    const { code, errors } = await runService(['--http_port=0', '--bearer_token_file', files.write('none', '\n')]);
    expect(code).toBe(1);
    expect(errors).toContain('not started: --bearer_token_file holds no token');
  });
});

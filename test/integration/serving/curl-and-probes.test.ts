import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { MultiResponse } from 'common-data-type';
import { multiRequest, sampleFace, SIXTEEN_PICTURES } from '../../helpers/face-bodies.js';
import { expectClose, PICTURE, plainScore, serve, type Serving } from './serve.js';

/** What an ingress routes by. */
const HOST = 'facequality.default.example.com';

const PREDICT = '/v1/models/facequality:predict';
const INFER = '/v2/models/facequality/infer';

let service: Serving;
let score: number;
let folder: string;

beforeAll(async () => {
  service = await serve();
  score = await plainScore(service);
  folder = await mkdtemp(path.join(tmpdir(), 'curl-'));
  const b64 = sampleFace(PICTURE).toString('base64');
  const input = JSON.stringify({ instances: [{ image: { b64 } }] });
  const image = { name: 'image', shape: [1], datatype: 'BYTES', data: [b64] };
  await Promise.all([
    writeFile(path.join(folder, 'input.json'), input),
    writeFile(path.join(folder, 'input.json.gz'), gzipSync(input)),
    writeFile(path.join(folder, 'input-v2.json'), JSON.stringify({ inputs: [image] })),
    writeFile(path.join(folder, 'sixteen.json'), JSON.stringify(multiRequest(SIXTEEN_PICTURES))),
    writeFile(path.join(folder, 'picture.png'), sampleFace(PICTURE)),
  ]);
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs curl as its user does, in the folder of the files. */
async function curl(...args: readonly string[]): Promise<{ status: number; type: string; body: unknown }> {
  const shown = ['--silent', '--show-error', '--max-time', '60', '--write-out', '\n%{http_code} %{content_type}'];
  const output = await new Promise<string>((resolve, reject) => {
    execFile('curl', [...shown, ...args], { cwd: folder }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new Error(error.message));
    });
  });
  const end = output.lastIndexOf('\n');
  const [status = '', ...type] = output.slice(end + 1).split(' ');
  return { status: Number(status), type: type.join(' '), body: JSON.parse(output.slice(0, end)) };
}

describe("curl, as KServe's documentation has it", () => {
  const JSON_TYPE = ['-H', 'Content-Type: application/json'];

  it.each([
    ['with its content type', [...JSON_TYPE, '-d', '@./input.json']],
    ['with plain -d, which says it were a form', ['-d', '@./input.json']],
    ['with no content type at all', ['-H', 'Content-Type:', '-d', '@./input.json']],
    ['with a charset', ['-H', 'Content-Type: application/json; charset=utf-8', '-d', '@./input.json']],
    ['compressed', [...JSON_TYPE, '-H', 'Content-Encoding: gzip', '--data-binary', '@./input.json.gz']],
    ['in chunks', [...JSON_TYPE, '-H', 'Transfer-Encoding: chunked', '-d', '@./input.json']],
    ['by HTTP/1.0', [...JSON_TYPE, '--http1.0', '-d', '@./input.json']],
    ['after asking whether it may', [...JSON_TYPE, '-H', 'Expect: 100-continue', '-d', '@./input.json']],
    ['with leave to compress the answer', [...JSON_TYPE, '--compressed', '-d', '@./input.json']],
  ])('gets a prediction of V1 %s', async (_, args) => {
    const answer = await curl('-H', `Host: ${HOST}`, ...args, service.url + PREDICT);
    expect(answer).toMatchObject({ status: 200, type: 'application/json' });
    const { predictions } = answer.body as { predictions: { score: number }[][] };
    expectClose(predictions[0]?.[0]?.score, score);
  });

  it('gets one where the colon is escaped', async () => {
    const url = `${service.url}/v1/models/facequality%3Apredict`;
    const { status, body } = await curl('-H', `Host: ${HOST}`, ...JSON_TYPE, '-d', '@./input.json', url);
    expect(status).toBe(200);
    expect(body).toHaveProperty('predictions');
  });

  it('gets an explanation', async () => {
    const url = `${service.url}/v1/models/facequality:explain`;
    const { status, body } = await curl('-H', `Host: ${HOST}`, ...JSON_TYPE, '-d', '@./input.json', url);
    expect(status).toBe(200);
    expect(body).toHaveProperty('explanations');
  });

  it('gets outputs of V2', async () => {
    const answer = await curl('-H', `Host: ${HOST}`, ...JSON_TYPE, '-d', '@./input-v2.json', service.url + INFER);
    expect(answer).toMatchObject({ status: 200, type: 'application/json' });
    const { outputs } = answer.body as { outputs: { name: string; data: unknown[] }[] };
    expectClose(outputs.find(({ name }) => name === 'face_quality_score')?.data[0], score);
  });

  it('sends several megabytes', async () => {
    const { status, body } = await curl(...JSON_TYPE, '-d', '@./sixteen.json', service.url + PREDICT);
    expect(status).toBe(200);
    expect((body as MultiResponse).multi_data).toHaveLength(SIXTEEN_PICTURES.length);
  });

  it.each([
    ['the picture itself', ['--data-binary', '@./picture.png']],
    ['the picture under its own type', ['-H', 'Content-Type: image/png', '--data-binary', '@./picture.png']],
    ['a form with the picture', ['-F', 'file=@./picture.png']],
    ['a form whose file is named in other letters', ['-F', 'file=@./picture.png;filename=Gesicht ä.png']],
  ])('sends %s', async (_, args) => {
    const { status, body } = await curl(...args, service.url + PREDICT);
    expect(status).toBe(200);
    expectClose((body as MultiResponse).multi_data[0]?.data[0]?.score, score);
  });

  it.each([
    ['an unknown model', ['-d', '@./input.json'], '/v1/models/no_such_model:predict', 404],
    ['a method that is not allowed', ['-X', 'DELETE'], PREDICT, 405],
    ['nothing', ['-X', 'POST'], PREDICT, 400],
    ['what is no JSON', ['-d', '{"instances":['], PREDICT, 400],
    ['an unknown encoding', ['-H', 'Content-Encoding: zstd', '-d', '@./input.json'], PREDICT, 415],
  ])('is told what is wrong with %s', async (_, args, at, status) => {
    const answer = await curl(...args, service.url + at);
    expect(answer).toMatchObject({ status, type: 'application/json', body: { error: expect.any(String) } });
  });
});

describe("a kubelet's probes", () => {
  it.each(['/v2/health/live', '/v2/health/ready', '/', '/v1/models/facequality', '/v2/models/facequality/ready'])(
    'are answered at %s, and their connection is closed',
    async (at) => {
      const { statusCode, headers, isClosed } = await probe(at);
      expect(statusCode).toBe(200);
      expect(headers.connection).toBe('close');
      expect(isClosed).toBe(true);
    },
  );

  it('leave nothing in the log', async () => {
    const before = service.lines.length;
    await probe('/v2/health/ready');
    await service.post('/v1/models/facequality:predict', {});
    await service.line(({ path }) => path === PREDICT);
    expect(service.lines.slice(before).filter(({ path }) => path === '/v2/health/ready')).toEqual([]);
  });

  it.each(['http', 'grpc'] as const)('may only connect, to the port of %s', async (protocol) => {
    const [host = '', port] = service.address[protocol].split(':');
    for (let count = 0; count < 3; count++) {
      const socket = connect(Number(port), host);
      await once(socket, 'connect');
      socket.destroy();
    }
    expect((await probe('/v2/health/live')).statusCode).toBe(200);
  });
});

/** Asks as a kubelet does: on a connection of its own, which the server is to close. */
async function probe(at: string) {
  const headers = { 'user-agent': 'kube-probe/1.30', accept: '*/*', connection: 'close' };
  const request = http.get(service.url + at, { headers, agent: new http.Agent({ keepAlive: false }) });
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const ended = once(response.socket, 'close');
  response.resume();
  await once(response, 'end');
  await ended;
  return { statusCode: response.statusCode, headers: response.headers, isClosed: response.socket.destroyed };
}

import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { json } from 'node:stream/consumers';
import { multiRequest, PREDICT } from '../helpers/face-bodies.js';
import { type FakeTriton, startFakeTriton } from '../helpers/fake-triton.js';
import { createGate, SCORE_MODEL, scoreModel, SIMPLE_CHAIN, TINY_REQUEST } from '../helpers/score-model.js';
import { type RunningService, runService, startService } from '../helpers/start-service.js';

describe('starting', () => {
  it("takes the start line of KServe's controller, under any model name", async () => {
    const flags = [
      '--model_name',
      'my-faces',
      '--predictor_host',
      'embedded',
      '--workers',
      '4',
      '--transformer=facequality',
    ];
    const service = await startService(flags);
    try {
      await service.untilReady();
      expect(await (await fetch(`${service.url}/v1/models`)).json()).toEqual({ models: ['my-faces'] });
      expect((await service.post('/v1/models/my-faces:predict', multiRequest(['base_q92.jpg']))).status).toBe(200);
      expect(service.lines).toContainEqual(
        expect.objectContaining({
          level: 'warn',
          msg: 'flag --workers is passed over: one process uses every core; more of the service is more replicas',
        }),
      );
    } finally {
      await service.stop();
    }
  });

  it('takes options from the environment', async () => {
    const service = await startService([], { MODEL_NAME: 'named', TRANSFORMER: 'facequality', MAX_ITEMS: '1' });
    try {
      await service.untilReady();
      const { status } = await service.post('/v1/models/named:predict', multiRequest(['base_q92.jpg', 'base_q92.jpg']));
      expect(status).toBe(413);
    } finally {
      await service.stop();
    }
  });

  it('starts without its predictor, and answers 503 with the reason', async () => {
    const service = await startService(['--predictor_host', '127.0.0.1:1']);
    try {
      expect((await fetch(`${service.url}/v2/health/live`)).status).toBe(200);
      expect((await fetch(`${service.url}/v2/health/ready`)).status).toBe(503);
      const { status, body } = await service.post(PREDICT, multiRequest(['base_q92.jpg']));
      expect(status).toBe(503);
      expect(body).toEqual({ error: expect.stringContaining('the predictor has no face_detect') });
    } finally {
      await service.stop();
    }
  });

  it('tells all problems at once and exits with 1 before listening', async () => {
    const { code, errors } = await runService(['--http_port', 'x', '--max_items=0', '--transformer', 'nothing']);
    expect(code).toBe(1);
    expect(errors.split('\n')).toEqual([
      '--http_port expects a whole number from 0 to 65535, received "x"',
      '--max_items expects a whole number from 1 to 1000000, received "0"',
      expect.stringContaining('--transformer: there is no transformer "nothing"; the names are facequality'),
      'Not started; --help lists every option.',
      '',
    ]);
  });

  it.each([
    [['--transformer', 'nothing'], 'the names are facequality'],
    [['--predictor_host', 'ftp://host'], 'the scheme must be one of http, https, grpc, grpcs'],
    [['--predictor_host', 'grpc://h:1', '--predictor_protocol', 'v2'], 'its scheme means the protocol grpc-v2'],
  ])('refuses %j', async (flags, message) => {
    const { code, errors } = await runService(['--http_port', '0', ...flags]);
    expect(code).toBe(1);
    expect(errors).toContain(message);
  });

  it('says when its port is taken', async () => {
    const server = createServer().listen(0);
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { code, errors } = await runService(['--http_port', String(port), '--predictor_host', 'h:1']);
    server.close();
    expect(code).toBe(1);
    expect(errors).toContain('EADDRINUSE');
  });

  it('prints its options and its version', async () => {
    const help = await runService(['--help']);
    expect(help.code).toBe(0);
    expect(help.output).toContain('--facequality_chain');
    expect(help.output).toContain('--predictor_host');
    expect((await runService(['--version'])).output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('stopping', () => {
  it('answers what it has begun, then ends with 0 and accepts nothing more', async () => {
    const service = await startService();
    try {
      await service.untilReady();
      const body = multiRequest(['base_q92.jpg', 'two_faces.jpg']);
      const posts = await Promise.all(Array.from({ length: 8 }, () => beginPost(service.url + PREDICT)));
      await Promise.all(posts.map((post) => post.send(body)));
      const code = service.stop();
      expect(await Promise.all(posts.map(({ status }) => status))).toEqual(Array(8).fill(200));
      expect(await code).toBe(0);
      await expect(fetch(service.url)).rejects.toThrow();
      expect(service.lines.at(-1)).toMatchObject({ msg: 'stopped' });
    } finally {
      await service.kill();
    }
  });

  it('ends at once on a second signal', async () => {
    const service = await startService(['--shutdown_grace_seconds', '60']);
    try {
      await service.untilReady();
      const post = await beginPost(service.url + PREDICT);
      await post.send(multiRequest(Array(60).fill('two_faces.jpg') as string[]));
      void service.stop();
      await service.line(({ msg }) => msg === 'stopping');
      // 1, or an abort when a model is running just then.
      expect(await service.stop()).not.toBe(0);
      await expect(post.status).rejects.toThrow(/hang up|ECONNRESET/);
    } finally {
      await service.kill();
    }
  });
});

describe('stopping a service whose predictor takes its time', () => {
  let triton: FakeTriton;
  let gate: ReturnType<typeof createGate>;
  let service: RunningService;
  beforeEach(async () => {
    triton = await startFakeTriton();
    gate = createGate();
    triton.models.set(SCORE_MODEL, scoreModel(0.5, gate.enter));
  });
  afterEach(async () => {
    await service.kill();
    await triton.close();
  });

  async function start(...flags: readonly string[]): Promise<void> {
    service = await startService([...SIMPLE_CHAIN, '--predictor_host', triton.httpAddress, ...flags]);
    await service.untilReady();
  }
  const ready = () => fetch(`${service.url}/v2/health/ready`);
  /** So long that a test which waits for its end fails. */
  const LONG_DELAY = '--shutdown_delay_seconds=600';

  it('says that it is not ready and serves on, until the delay is over', async () => {
    await start(LONG_DELAY);
    const agent = new Agent({ keepAlive: true });
    await json(await answerTo(get(service.url, { agent })));
    void service.stop();
    await service.line(({ msg }) => msg === 'stopping');
    const answer = await ready();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ error: 'The server is stopping' });
    expect((await fetch(`${service.url}/v2/health/live`)).status).toBe(200);
    const again = get(service.url, { agent });
    const kept = await answerTo(again);
    expect(again.reusedSocket).toBe(true);
    expect(kept.headers.connection).toBe('close');
    expect(await json(kept)).toEqual({ status: 'alive' });
    gate.open();
    expect((await service.post(PREDICT, TINY_REQUEST)).status).toBe(200);
    expect(service.lines.map(({ msg }) => msg)).not.toContain('draining');
    agent.destroy();
  });

  it('ends at once on a second signal during the delay, too', async () => {
    await start(LONG_DELAY);
    void service.stop();
    await service.line(({ msg }) => msg === 'stopping');
    expect(await service.stop()).toBe(1);
  });

  it('does not wait for the delay after Ctrl-C', async () => {
    await start(LONG_DELAY);
    expect(await service.stop('SIGINT')).toBe(0);
  });

  it('goes through its stages in order, and closes the predictor after the last answer', async () => {
    await start('--shutdown_delay_seconds', '0.2');
    const post = await beginPost(service.url + PREDICT);
    await post.send(TINY_REQUEST);
    await gate.holds(1);
    const ended = service.stop();
    expect(await service.line(({ msg }) => msg === 'draining')).toMatchObject({ requests: 1 });
    await expect(ready()).rejects.toThrow();
    gate.open();
    expect(await post.status).toBe(200);
    expect(await ended).toBe(0);
    const stages = service.lines.map(({ msg }) => String(msg)).filter((msg) => /stopping|draining|stopped/.test(msg));
    expect(stages).toEqual(['stopping', 'draining', 'stopped']);
  });

  it('cuts off what is not answered in time, says how many, and still ends with 0', async () => {
    await start('--shutdown_grace_seconds', '0.1');
    const post = await beginPost(service.url + PREDICT);
    await post.send(TINY_REQUEST);
    await gate.holds(1);
    expect(await service.stop()).toBe(0);
    await expect(post.status).rejects.toThrow(/hang up|ECONNRESET/);
    expect(service.lines).toContainEqual(
      expect.objectContaining({ msg: 'requests were cut off: the grace time is over', requests: 1 }),
    );
  });

  it('answers every one of 1,000 requests that it has begun when SIGTERM comes, and takes no more', async () => {
    const total = 1000;
    await start('--concurrency=64', '--max_in_flight=64', '--max_queue=1000');
    const posts: Awaited<ReturnType<typeof beginPost>>[] = [];
    while (posts.length < total) {
      posts.push(...(await Promise.all(Array.from({ length: 50 }, () => beginPost(service.url + PREDICT)))));
    }
    await Promise.all(posts.map((post) => post.send(TINY_REQUEST)));
    await gate.holds(64);
    const ended = service.stop();
    expect(await service.line(({ msg }) => msg === 'draining')).toMatchObject({ requests: total });
    const late = connect(Number(new URL(service.url).port), '127.0.0.1');
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    gate.open();
    expect(await Promise.all(posts.map(({ status }) => status))).toEqual(Array(total).fill(200));
    expect(await ended).toBe(0);
    const answered = service.lines.filter(({ path, status }) => path === PREDICT && status === 200);
    expect(answered).toHaveLength(total);
    expect(triton.mostInFlight).toBeLessThanOrEqual(64);
  }, 90_000);
});

async function answerTo(asked: ReturnType<typeof get>): Promise<IncomingMessage> {
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

/**
 * Sends the headers of a POST and waits until the service has accepted them, which it says by 100 Continue.
 * @returns `send`, which ends once the body has left this process, and the status of the answer
 */
async function beginPost(url: string) {
  const headers = { 'content-type': 'application/json', expect: '100-continue' };
  const post = request(url, { method: 'POST', headers, agent: false });
  const status = new Promise<number | undefined>((resolve, reject) => {
    post.once('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    post.once('error', reject);
  });
  // Whoever sends a body looks at the status later, when it may have failed already.
  status.catch(() => undefined);
  post.flushHeaders();
  await once(post, 'continue');
  const send = async (body: unknown) => {
    post.end(JSON.stringify(body));
    await once(post, 'finish');
  };
  return { send, status };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectAnswer } from '../../../../src/predictor/triton/http/collect-answer.js';
import { createSocketPool, type SocketPool } from '../../../../src/predictor/triton/http/socket-pool.js';
import { type OwnServer, serveBytes } from '../../../helpers/own-server.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** Says which connection answers. */
const answerOf = (index: number, ...lines: string[]) =>
  ['HTTP/1.1 200 OK', 'Content-Length: 1', ...lines, '', String(index)].join('\r\n');

/** A pool to a server that does so with whatever comes. */
async function poolTo(respond: (socket: Socket, index: number) => void, maxSockets = 2) {
  const server = await serveBytes((socket, index) => socket.on('data', () => respond(socket, index)));
  stops.push(() => server.close());
  return { server, pool: openPool(server, maxSockets) };
}

function openPool({ port }: Pick<OwnServer, 'port'>, maxSockets = 2): SocketPool {
  const pool = createSocketPool({ host: '127.0.0.1', port, connectTimeoutMs: 5000 }, maxSockets);
  stops.unshift(() => {
    pool.close();
    return Promise.resolve();
  });
  return pool;
}

async function call(pool: SocketPool, signal = new AbortController().signal): Promise<string> {
  const socket = await pool.take(signal);
  const request = [Buffer.from('GET / HTTP/1.1\r\n\r\n')];
  const answer = await collectAnswer(socket, { request, signal, subject: 'model faces', maxAnswerBytes: 1000 });
  return Buffer.from(answer.body).toString();
}

/** Waits until the server has no more than so many connections. */
async function untilOpen(server: OwnServer, count: number) {
  while (server.open > count) await sleep(5);
}

describe('createSocketPool()', () => {
  it('uses one connection for call after call', async () => {
    const { server, pool } = await poolTo((socket, index) => socket.write(answerOf(index)));
    for (let count = 0; count < 5; count++) expect(await call(pool)).toBe('0');
    expect(server.total).toBe(1);
  });

  it('makes as many as there are calls, up to its limit, and serves the others in their order', async () => {
    const waiting: Socket[] = [];
    const { server, pool } = await poolTo((socket) => waiting.push(socket));
    const done: number[] = [];
    const calls = [0, 1, 2, 3, 4, 5].map((number) => call(pool).then(() => done.push(number)));
    while (done.length < calls.length) {
      waiting.shift()?.write(ANSWER);
      await sleep(1);
    }
    expect(done).toEqual([0, 1, 2, 3, 4, 5]);
    expect(server.total).toBe(2);
  });

  it('takes the connection that was used last', async () => {
    const sockets: Socket[] = [];
    const { pool } = await poolTo((socket, index) => {
      if (sockets.length < 2) sockets.push(socket);
      else socket.write(answerOf(index));
    });
    const calls = [call(pool), call(pool)];
    while (sockets.length < 2) await sleep(1);
    sockets[1]?.write(answerOf(1));
    await calls[1];
    sockets[0]?.write(answerOf(0));
    await calls[0];
    expect(await call(pool)).toBe('0');
    expect(await call(pool)).toBe('0');
  });

  describe('makes another connection', () => {
    it.each([
      ['says that it closes this one', ['Connection: close']],
      ['keeps an idle one for hardly any time', ['Keep-Alive: timeout=1']],
    ])('when the server %s', async (_, lines) => {
      const { server, pool } = await poolTo((socket, index) => socket.write(answerOf(index, ...lines)));
      expect(await call(pool)).toBe('0');
      expect(await call(pool)).toBe('1');
      await untilOpen(server, 0);
    });

    it.each<[string, (socket: Socket) => void]>([
      ['ends', (socket) => socket.end()],
      ['breaks', (socket) => socket.resetAndDestroy()],
      ['brings what nobody asked for', (socket) => socket.write('HTTP/1.1 408 Request Timeout\r\n\r\n')],
    ])('when an idle one %s', async (_, act) => {
      const { server, pool } = await poolTo((socket, index) => {
        socket.write(answerOf(index));
        setTimeout(() => act(socket), 20);
      });
      expect(await call(pool)).toBe('0');
      await untilOpen(server, 0);
      expect(await call(pool)).toBe('1');
    });

    it.each([
      ['4 s', '', 3900, 200],
      ['as long as the server keeps it, less a margin', 'Keep-Alive: timeout=3', 1900, 200],
    ])('when one was idle for %s', async (_, line, beforeMs, moreMs) => {
      const { pool } = await poolTo((socket, index) => socket.write(answerOf(index, ...(line === '' ? [] : [line]))));
      const now = performance.now.bind(performance);
      stops.push(() => Promise.resolve(Object.assign(performance, { now })));
      let laterMs = 0;
      Object.assign(performance, { now: () => now() + laterMs });
      expect(await call(pool)).toBe('0');
      laterMs += beforeMs;
      expect(await call(pool)).toBe('0');
      laterMs += beforeMs + moreMs;
      expect(await call(pool)).toBe('1');
    });
  });

  it('drops connections that stay idle', async () => {
    const { server, pool } = await poolTo((socket, index) => socket.write(answerOf(index)));
    await Promise.all([call(pool), call(pool)]);
    const startedAt = performance.now();
    await untilOpen(server, 0);
    expect(performance.now() - startedAt).toBeGreaterThan(3500);
  });

  it('gives the answer that comes before the request is written, and drops the connection', async () => {
    const server = await serveBytes((socket) => {
      socket.once('readable', () => socket.end('HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno'));
    });
    stops.push(() => server.close());
    const pool = openPool(server);
    const { signal } = new AbortController();
    for (let round = 0; round < 20; round++) {
      const request = [Buffer.from('POST / HTTP/1.1\r\ncontent-length: 30000000\r\n\r\n'), Buffer.alloc(30_000_000)];
      const exchange = { request, signal, subject: 'model faces', maxAnswerBytes: 1000 };
      const answer = await collectAnswer(await pool.take(signal), exchange);
      expect({ status: answer.status, body: Buffer.from(answer.body).toString() }).toEqual({ status: 413, body: 'no' });
    }
    expect(server.total).toBe(20);
  });

  it('frees the place of a call that is aborted at once', async () => {
    const { server, pool } = await poolTo((socket, index) => index > 0 && socket.write(answerOf(index)), 1);
    const controller = new AbortController();
    const aborted = serviceErrorOf(call(pool, controller.signal));
    while (server.total === 0) await sleep(1);
    await sleep(20);
    const next = call(pool);
    controller.abort();
    expect((await aborted).code).toBe('cancelled');
    expect(await next).toBe('1');
  });

  it('keeps a connection whose call was aborted before it began', async () => {
    const { server, pool } = await poolTo((socket, index) => socket.write(answerOf(index)));
    const controller = new AbortController();
    const aborted = serviceErrorOf(call(pool, controller.signal));
    controller.abort();
    expect((await aborted).code).toBe('cancelled');
    expect(await call(pool)).toBe('0');
    expect(server.total).toBe(1);
  });

  it('fails every call that waits when nobody listens', async () => {
    const server = await serveBytes(() => undefined);
    await server.close();
    const pool = openPool(server);
    const errors = await Promise.all([1, 2, 3, 4, 5].map(() => serviceErrorOf(call(pool))));
    for (const error of errors) {
      expect(error).toMatchObject({
        code: 'unavailable',
        message: 'The predictor cannot be reached',
        isSafeToRetry: true,
      });
    }
  });

  it('does not keep the process alive by idle connections', async () => {
    const { server } = await poolTo((socket) => socket.write(ANSWER));
    const program = `
      import { createTritonClient } from './dist/predictor/triton/index.js';
      await createTritonClient('http://127.0.0.1:${server.port}').isServerLive();
      console.log('asked');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    stops.unshift(() => Promise.resolve(child.kill()));
    const startedAt = once(child.stdout, 'data').then(() => performance.now());
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(performance.now() - (await startedAt)).toBeLessThan(3000);
  });

  describe('close()', () => {
    it('ends all connections, fails those that wait, and may be called twice', async () => {
      const { server, pool } = await poolTo(() => undefined);
      const outcomes = [1, 2, 3, 4].map(() => serviceErrorOf(call(pool)));
      while (server.open < 2) await sleep(1);
      pool.close();
      pool.close();
      for (const error of await Promise.all(outcomes)) expect(error.code).toBe('unavailable');
      expect((await serviceErrorOf(call(pool))).code).toBe('unavailable');
      await untilOpen(server, 0);
      expect(server.total).toBe(2);
    });
  });
});

import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { listen } from '../../src/server/http-server.js';

const ok: RequestListener = (_, response) => void response.end('ok');

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('listen()', () => {
  it('fails when the port is taken', async () => {
    const first = await listen(ok, { port: 0, receiveTimeoutMs: 1000 });
    await expect(listen(ok, { port: first.port, receiveTimeoutMs: 1000 })).rejects.toThrow('EADDRINUSE');
    await first.close(0);
  });

  it('answers 408 to a request that does not arrive in time', async () => {
    const server = await listen(ok, { port: 0, receiveTimeoutMs: 100 });
    const socket = await connected(server.port);
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Le');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('408 Request Timeout');
    await server.close(0);
  });

  it.each([
    ['what is no HTTP', 'hello\r\n\r\n', '400 Bad Request'],
    [
      'headers that are too large',
      `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
    ],
  ])('answers %s in JSON', async (_, sent, status) => {
    const server = await listen(ok, { port: 0, receiveTimeoutMs: 1000 });
    const socket = await connected(server.port);
    socket.write(sent);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain(`HTTP/1.1 ${status}\r\n`);
    expect(answer.toString()).toContain(`{"error":"The request cannot be read: ${status.slice(4)}"}`);
    await server.close(0);
  });
});

describe('close()', () => {
  it('does not wait for connections on which nothing is asked', async () => {
    const server = await listen(ok, { port: 0, receiveTimeoutMs: 60_000 });
    const silent = await connected(server.port);
    const kept = await connected(server.port);
    kept.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(kept, 'data');
    const ended = Promise.all([once(silent, 'close'), once(kept, 'close')]);
    expect(await server.close(60_000)).toEqual({ cut: 0 });
    await ended;
  });

  it('finishes the answers under way and closes their connections then', async () => {
    let answer: (() => void) | undefined;
    const late: RequestListener = (_, response) => {
      answer = () => response.end('late');
    };
    const server = await listen(late, { port: 0, receiveTimeoutMs: 60_000 });
    const socket = await connected(server.port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    while (answer === undefined) await new Promise((done) => setImmediate(done));
    const closing = server.close(60_000);
    await expect(fetch(`http://127.0.0.1:${server.port}`)).rejects.toThrow();
    const ended = once(socket, 'close');
    answer();
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toContain('late');
    expect(await closing).toEqual({ cut: 0 });
    await ended;
  });

  it('cuts off what is not answered within the grace time, and says how many', async () => {
    let requests = 0;
    const server = await listen(() => (requests += 1), { port: 0, receiveTimeoutMs: 60_000 });
    const socket = await connected(server.port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    while (requests === 0) await new Promise((done) => setImmediate(done));
    expect(await server.close(10)).toEqual({ cut: 1 });
  });
});

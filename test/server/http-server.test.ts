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
    const first = await listen(ok, { port: 0, receiveTimeoutMs: 1000, maxBodyBytes: 1000 });
    await expect(listen(ok, { port: first.port, receiveTimeoutMs: 1000, maxBodyBytes: 1000 })).rejects.toThrow(
      'EADDRINUSE',
    );
    await first.close(0);
  });

  it('answers 408 to a request that does not arrive in time', async () => {
    const server = await listen(ok, { port: 0, receiveTimeoutMs: 100, maxBodyBytes: 1000 });
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
    const server = await listen(ok, { port: 0, receiveTimeoutMs: 1000, maxBodyBytes: 1000 });
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
    const server = await listen(ok, { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000 });
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
    const server = await listen(late, { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000 });
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
    const server = await listen(() => (requests += 1), { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000 });
    const socket = await connected(server.port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    while (requests === 0) await new Promise((done) => setImmediate(done));
    expect(await server.close(10)).toEqual({ cut: 1 });
  });

  it('finishes pipelined requests, too', async () => {
    const answers: (() => void)[] = [];
    const later: RequestListener = (_, response) => void answers.push(() => response.end('done'));
    const server = await listen(later, { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000 });
    const socket = await connected(server.port);
    socket.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
    while (answers.length < 2) await new Promise((done) => setImmediate(done));
    const closing = server.close(60_000);
    const received = socket.toArray();
    for (const answer of answers) {
      answer();
      await new Promise((done) => setImmediate(done));
    }
    expect(await closing).toEqual({ cut: 0 });
    expect(
      Buffer.concat((await received) as Buffer[])
        .toString()
        .match(/done/g),
    ).toHaveLength(2);
  });
});

describe('a broken request', () => {
  it('loses its connection, though the client keeps its side open', async () => {
    const server = await listen(ok, { port: 0, receiveTimeoutMs: 100, maxBodyBytes: 1000 });
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Le');
    await once(socket, 'end');
    // Its own side stays open, so only the server's hanging up lets the server end by itself.
    expect(await server.close(60_000)).toEqual({ cut: 0 });
    socket.destroy();
  });

  it('does not take the answer from a good one before it', async () => {
    let answer: (() => void) | undefined;
    const late: RequestListener = (_, response) => {
      answer = () => response.end('good');
    };
    const server = await listen(late, { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000 });
    const socket = await connected(server.port);
    const received = socket.toArray();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n garbage \r\n\r\n');
    while (answer === undefined) await new Promise((done) => setImmediate(done));
    answer();
    expect(Buffer.concat((await received) as Buffer[]).toString()).toMatch(/^HTTP\/1.1 200 OK[^]*good$/);
    await server.close(0);
  });
});

describe('Expect: 100-continue', () => {
  it.each([
    ['Content-Length: 1000', '100 Continue'],
    ['Transfer-Encoding: chunked', '100 Continue'],
    ['Content-Length: 1001', '200 OK'],
  ])('with %s is answered %s', async (length, first) => {
    const server = await listen(ok, { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000 });
    const socket = await connected(server.port);
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n${length}\r\n\r\n`);
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toContain(`HTTP/1.1 ${first}`);
    await server.close(0);
  });
});

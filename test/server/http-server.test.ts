import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { get } from 'node:https';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { listen } from '../../src/server/http-server.js';
import type { TlsIdentity } from '../../src/server/tls-credentials.js';
import { tlsPem } from '../helpers/tls-files.js';

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

describe('drain()', () => {
  it('makes the answers that follow the last of their connections, and serves new connections', async () => {
    const server = await listen(ok, { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000, keepAliveMs: 7000 });
    const kept = await connected(server.port);
    kept.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [before] = (await once(kept, 'data')) as [Buffer];
    expect(before.toString()).toContain('Connection: keep-alive\r\nKeep-Alive: timeout=7\r\n');
    server.drain();
    const fresh = await connected(server.port);
    for (const socket of [kept, fresh]) {
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      expect(await text(socket)).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*Connection: close\r\n[^]*ok/);
    }
    await server.close(60_000);
  });

  it('makes the answer under way the last of its connection', async () => {
    const answers: (() => void)[] = [];
    const later: RequestListener = (_, response) => void answers.push(() => response.end('done'));
    const server = await listen(later, { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000 });
    const socket = await connected(server.port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    while (answers.length < 1) await new Promise((done) => setImmediate(done));
    server.drain();
    expect(server.underWay).toBe(1);
    answers[0]?.();
    expect(await text(socket)).toContain('Connection: close');
    expect(server.underWay).toBe(0);
    await server.close(60_000);
  });

  it.each([
    ['in their order', [0, 1, 2]],
    ['in the opposite order', [2, 1, 0]],
  ])('loses none of the pipelined requests that are answered %s', async (_, order) => {
    const answers: (() => void)[] = [];
    const later: RequestListener = ({ url }, response) => void answers.push(() => response.end(`answer ${url}`));
    const server = await listen(later, { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000 });
    const socket = await connected(server.port);
    const received = text(socket);
    socket.write('GET /0 HTTP/1.1\r\nHost: x\r\n\r\nGET /1 HTTP/1.1\r\nHost: x\r\n\r\n');
    while (answers.length < 2) await new Promise((done) => setImmediate(done));
    server.drain();
    socket.write('GET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
    while (answers.length < 3) await new Promise((done) => setImmediate(done));
    for (const index of order) answers[index]?.();
    const answered = await received;
    expect(answered.match(/answer \/\d/g)).toEqual(['answer /0', 'answer /1', 'answer /2']);
    expect(answered.match(/Connection: close/g)).toHaveLength(1);
    await server.close(60_000);
  });

  it('leaves an answer that has begun as it is', async () => {
    const answers: (() => void)[] = [];
    const begun: RequestListener = (_, response) => {
      response.write('begun ');
      answers.push(() => response.end('ended'));
    };
    const server = await listen(begun, { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000 });
    const socket = await connected(server.port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toContain('Connection: keep-alive');
    server.drain();
    const closing = server.close(60_000);
    const rest = text(socket);
    answers[0]?.();
    expect(await rest).toContain('ended');
    expect(await closing).toEqual({ cut: 0 });
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

describe('TLS', () => {
  const identity = (name: string): TlsIdentity => ({ cert: tlsPem(`${name}.pem`), key: tlsPem(`${name}-key.pem`) });

  /** Credentials that a test changes by hand. */
  function credentials() {
    let current = identity('server');
    let tell: (changed: TlsIdentity) => void = () => undefined;
    return {
      current: () => current,
      onChange: (listener: (changed: TlsIdentity) => void) => {
        tell = listener;
      },
      renew: (name: string) => {
        current = identity(name);
        tell(current);
      },
      close: () => undefined,
    };
  }

  const options = { port: 0, receiveTimeoutMs: 60_000, maxBodyBytes: 1000 };
  const clientSide = { ca: tlsPem('ca.pem'), servername: 'triton.test', host: '127.0.0.1' };

  async function handshake(port: number, settings = {}): Promise<TLSSocket> {
    const socket = connectTls({ ...clientSide, port, ...settings });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  it('answers HTTP/1.1, whatever else the client speaks', async () => {
    const server = await listen(ok, { ...options, tls: credentials() });
    const socket = await handshake(server.port, { ALPNProtocols: ['h2', 'http/1.1'] });
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200 OK[^]*ok/);
    const [response] = (await once(get({ ...clientSide, port: server.port, agent: false }), 'response')) as [
      IncomingMessage,
    ];
    expect(await text(response)).toBe('ok');
    await server.close(0);
  });

  it('speaks TLS 1.2 and 1.3, and nothing older', async () => {
    const server = await listen(ok, { ...options, tls: credentials() });
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const socket = await handshake(server.port, { minVersion: version, maxVersion: version });
      expect(socket.getProtocol()).toBe(version);
      socket.destroy();
    }
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const refused = connectTls({ ...clientSide, port: server.port, ...old });
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toContain('VERSION');
    await server.close(0);
  });

  it('shows a renewed certificate to new connections and keeps the old ones', async () => {
    const tls = credentials();
    const server = await listen(ok, { ...options, tls });
    const before = await handshake(server.port);
    expect(before.getPeerCertificate().subject.CN).toBe('triton.test');
    tls.renew('client');
    const after = await handshake(server.port, { checkServerIdentity: () => undefined, rejectUnauthorized: false });
    expect(after.getPeerCertificate().subject.CN).toBe('a client of the tests');
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const [error] = (await once(connectTls({ ...clientSide, port: server.port, ...old }), 'error')) as [
      NodeJS.ErrnoException,
    ];
    expect(error.code).toContain('VERSION');
    before.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [answer] = (await once(before, 'data')) as [Buffer];
    expect(answer.toString()).toContain('200 OK');
    after.destroy();
    await server.close(0);
  });

  it('hangs up on what is no TLS, and goes on', async () => {
    const server = await listen(ok, { ...options, tls: credentials() });
    const plain = await connected(server.port);
    const closed = once(plain, 'close');
    plain.resume().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await closed;
    const socket = await handshake(server.port);
    socket.write('no HTTP\r\n\r\n');
    expect(await text(socket)).toContain('400 Bad Request');
    await server.close(0);
  });

  it('hangs up on who does not finish the handshake in time', async () => {
    const server = await listen(ok, { ...options, receiveTimeoutMs: 50, tls: credentials() });
    const silent = await connected(server.port);
    await once(silent.resume(), 'close');
    await server.close(0);
  });

  it('does not wait for connections on which nothing is asked, nor for handshakes', async () => {
    const server = await listen(ok, { ...options, tls: credentials() });
    const silent = await connected(server.port);
    const half = await connected(server.port);
    // A record of a handshake, of which a part is missing.
    half.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    const idle = await handshake(server.port);
    idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(idle, 'data');
    const ended = Promise.all([silent, half, idle].map((socket) => once(socket.resume(), 'close')));
    expect(await server.close(60_000)).toEqual({ cut: 0 });
    await ended;
  });

  it('finishes the answers under way and then closes their connections', async () => {
    const answers: (() => void)[] = [];
    const later: RequestListener = (_, response) => void answers.push(() => response.end('late'));
    const server = await listen(later, { ...options, tls: credentials() });
    const socket = await handshake(server.port);
    const received = text(socket);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    while (answers.length < 1) await new Promise((done) => setImmediate(done));
    const closing = server.close(60_000);
    answers[0]?.();
    expect(await received).toMatch(/Connection: close[^]*late/);
    expect(await closing).toEqual({ cut: 0 });
  });

  it('cuts off what is not answered in time', async () => {
    let requests = 0;
    const server = await listen(() => (requests += 1), { ...options, tls: credentials() });
    const socket = await handshake(server.port);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    while (requests === 0) await new Promise((done) => setImmediate(done));
    expect(await server.close(10)).toEqual({ cut: 1 });
  });
});

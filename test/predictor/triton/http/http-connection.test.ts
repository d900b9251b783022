import dns from 'node:dns';
import { getEventListeners } from 'node:events';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../../../src/errors.js';
import type { ConnectOptions } from '../../../../src/predictor/triton/connect-options.js';
import {
  createHttpConnection,
  type HttpCall,
  type HttpRequest,
} from '../../../../src/predictor/triton/http/http-connection.js';
import { type OwnServer, serveBytes, serveHttp } from '../../../helpers/own-server.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const GET: HttpRequest = { method: 'GET', path: '/v2' };

function call(signal = new AbortController().signal): HttpCall {
  return { signal, remainingMs: () => 60_000, headers: {}, subject: 'model faces' };
}

function connect(server: Pick<OwnServer, 'port'>, options: Partial<ConnectOptions> & { host?: string } = {}) {
  const { host = '127.0.0.1', ...rest } = options;
  const connection = createHttpConnection(`http://${host}:${server.port}`, {
    concurrency: 1,
    connectTimeoutMs: 5000,
    maxAnswerBytes: 1000,
    ...rest,
  });
  stops.unshift(() => connection.close());
  return connection;
}

/** A connection to a server of HTTP that answers so. */
async function connectedTo(listener: RequestListener, options?: Partial<ConnectOptions>) {
  const server = await serveHttp(listener);
  stops.push(() => server.close());
  return { server, connection: connect(server, options) };
}

/** A connection to a server that does so with each connection once the request's head is there. */
async function connectedToBytes(respond: (socket: Socket, index: number) => void, options?: Partial<ConnectOptions>) {
  const server = await serveBytes((socket, index) => socket.on('data', () => respond(socket, index)));
  stops.push(() => server.close());
  return { server, connection: connect(server, options) };
}

/** Waits until one of the server's connections has ended; another may have been made in its place. */
async function hasLostOne(server: OwnServer) {
  while (server.open === server.total) await sleep(5);
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

const TOO_LARGE = {
  code: 'upstream_error',
  message: "The predictor's answer for model faces is not valid: it is larger than an answer may be",
};
const WENT_AWAY = { code: 'unavailable', message: 'The predictor went away while it worked on the call' };

describe('send()', () => {
  describe('reads an answer', () => {
    it.each([
      ['of an announced length', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour', 'four'],
      ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfo\r\n2\r\nur\r\n0\r\n\r\n', 'four'],
      ['without a body', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', ''],
      [
        'behind an interim one',
        'HTTP/1.1 103 Early Hints\r\nContent-Length: 5000\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour',
        'four',
      ],
    ])('%s', async (_, bytes, body) => {
      const { connection } = await connectedToBytes((socket) => socket.write(bytes));
      const answer = await connection.send(GET, call());
      expect({ status: answer.status, body: text(answer.body) }).toEqual({ status: 200, body });
    });

    it('that ends with the connection', async () => {
      const { connection } = await connectedToBytes((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nfour'));
      expect(text((await connection.send(GET, call())).body)).toBe('four');
    });

    it('of status 204, which has no body', async () => {
      const { connection } = await connectedToBytes((socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
      expect(await connection.send(GET, call())).toMatchObject({ status: 204, body: Buffer.alloc(0) });
    });

    it.each([
      ['of an announced length', { 'content-length': '27' }],
      ['in chunks', {}],
    ])('%s so that the bytes behind its JSON lie aligned', async (_, headers) => {
      const { connection } = await connectedTo((_request, response) => {
        response.writeHead(200, { ...headers, 'inference-header-content-length': '11' });
        response.write('x'.repeat(20));
        response.end('x'.repeat(7));
      });
      const { body } = await connection.send(GET, call());
      expect(body).toHaveLength(27);
      expect((body.byteOffset + 11) % 8).toBe(0);
    });

    it.each([200, 503])('of status %d, and tells its headers', async (status) => {
      const { connection } = await connectedTo((_, response) =>
        response.writeHead(status, { 'X-Served-By': 'a', 'content-length': 0 }).end(),
      );
      const told: Record<string, string>[] = [];
      const onResponseHeaders = (headers: ReadonlyMap<string, string>) => void told.push(Object.fromEntries(headers));
      await connection.send(GET, { ...call(), onResponseHeaders });
      expect(told).toEqual([expect.objectContaining({ 'x-served-by': 'a', 'content-length': '0' })]);
    });

    it.each(['many', '-1', '1e999'])('whose JSON is said to be %s bytes', async (length) => {
      const { connection } = await connectedTo((_, response) =>
        response.writeHead(200, { 'content-length': 4, 'inference-header-content-length': length }).end('four'),
      );
      expect(text((await connection.send(GET, call())).body)).toBe('four');
    });
  });

  describe('sends a body', () => {
    const pieces = (...sizes: number[]) => sizes.map((size, index) => Buffer.alloc(size, index + 1));

    it.each([
      ['of one small piece', pieces(10)],
      ['of small pieces', pieces(10, 0, 20)],
      ['of one large piece', pieces(3_000_000)],
      ['of large pieces', pieces(100, 3_000_000, 0, 1_000_000)],
      ['that is empty', pieces(0)],
    ])('%s', async (_, body) => {
      let seen = { length: '', body: Buffer.alloc(0) };
      const { connection } = await connectedTo((request, response) => {
        void buffer(request).then((received) => {
          seen = { length: String(request.headers['content-length']), body: received };
          response.end();
        });
      });
      await connection.send({ method: 'POST', path: '/v2', body }, call());
      const sent = Buffer.concat(body);
      expect(seen.length).toBe(String(sent.length));
      expect(seen.body.equals(sent)).toBe(true);
    });

    it('and refuses a header that cannot be sent', async () => {
      const { connection, server } = await connectedTo((_, response) => response.end());
      const error = await serviceErrorOf(connection.send({ ...GET, headers: { 'x-name': 'a\nb' } }, call()));
      expect(error).toMatchObject({
        code: 'invalid_argument',
        message: 'The call cannot be sent over HTTP: invalid x-name header',
      });
      expect(server.total).toBe(0);
    });
  });

  describe('refuses an answer', () => {
    it('by the length that it announces, before any of it has come', async () => {
      const { connection } = await connectedTo((_, response) =>
        response.writeHead(200, { 'content-length': 1001 }).flushHeaders(),
      );
      expect(await serviceErrorOf(connection.send(GET, call()))).toMatchObject(TOO_LARGE);
    });

    it('by a length that no buffer has, when any is allowed', async () => {
      const options = { maxAnswerBytes: Infinity };
      const { connection } = await connectedTo(
        (_, response) => response.writeHead(200, { 'content-length': 2 ** 52 }).flushHeaders(),
        options,
      );
      expect(await serviceErrorOf(connection.send(GET, call()))).toMatchObject(TOO_LARGE);
    });

    it('that announces no length, while it is read', async () => {
      const { connection } = await connectedTo((_, response) => {
        const more = () => {
          if (!response.destroyed) response.write('x'.repeat(100), () => setImmediate(more));
        };
        more();
      });
      expect(await serviceErrorOf(connection.send(GET, call()))).toMatchObject(TOO_LARGE);
    });

    it('that is not HTTP', async () => {
      const { connection } = await connectedToBytes((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
      expect(await serviceErrorOf(connection.send(GET, call()))).toMatchObject({
        code: 'upstream_error',
        message: "The predictor's answer for model faces is not valid: it is not HTTP",
      });
    });

    it('whose headers are endless', async () => {
      const { connection } = await connectedToBytes((socket) =>
        socket.write(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}\r\n\r\n`),
      );
      expect(await serviceErrorOf(connection.send(GET, call()))).toMatchObject({
        code: 'upstream_error',
        message: "The predictor's answer for model faces is not valid: its headers are too large",
      });
    });

    it('and goes on with the next', async () => {
      let calls = 0;
      const { connection } = await connectedTo((_, response) => response.end('x'.repeat(calls++ === 0 ? 1001 : 1000)));
      expect(await serviceErrorOf(connection.send(GET, call()))).toMatchObject(TOO_LARGE);
      expect((await connection.send(GET, call())).body).toHaveLength(1000);
    });
  });

  describe('says whether a call that broke may be sent again', () => {
    const breakAfter = (bytes: string) => (socket: Socket) => {
      if (bytes === '') socket.resetAndDestroy();
      else socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 50));
    };

    it.each([
      ['before the first byte', '', true],
      ['within the status line', 'HTTP/1.1 2', false],
      ['within the headers', 'HTTP/1.1 200 OK\r\nContent-', false],
      ['before the body', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n', false],
      ['within the body', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfo', false],
      ['within a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfo', false],
      ['after an interim answer', 'HTTP/1.1 103 Early Hints\r\n\r\n', false],
      ['after leave to go on that nobody asked for', 'HTTP/1.1 100 Continue\r\n\r\n', false],
    ])('%s', async (_, bytes, isSafeToRetry) => {
      const { connection } = await connectedToBytes(breakAfter(bytes));
      expect(await serviceErrorOf(connection.send(GET, call()))).toMatchObject({ ...WENT_AWAY, isSafeToRetry });
    });

    it('when the server ends the connection in good order, in the midst of the answer', async () => {
      const { connection } = await connectedToBytes((socket) =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfo'),
      );
      expect(await serviceErrorOf(connection.send(GET, call()))).toMatchObject({ ...WENT_AWAY, isSafeToRetry: false });
    });

    it('when the server closes a connection that was kept alive, just as the next call comes', async () => {
      let requests = 0;
      const { connection, server } = await connectedToBytes((socket, index) => {
        requests += 1;
        if (index === 0 && requests === 2) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
      await connection.send(GET, call());
      expect(await serviceErrorOf(connection.send(GET, call()))).toMatchObject({ ...WENT_AWAY, isSafeToRetry: true });
      expect((await connection.send(GET, call())).status).toBe(200);
      expect(server.total).toBe(2);
    });

    it('when nobody listens', async () => {
      const server = await serveBytes(() => undefined);
      await server.close();
      expect(await serviceErrorOf(connect(server).send(GET, call()))).toMatchObject({
        code: 'unavailable',
        message: 'The predictor cannot be reached',
        isSafeToRetry: true,
      });
    });
  });

  describe('keeps to its limits of time', () => {
    it('gives up on a connection that is not made, long before the call is over', async () => {
      // A handshake that nobody answers: the connection is not there before its end.
      const server = await serveBytes((socket) => socket.resume());
      stops.push(() => server.close());
      const options = { concurrency: 1, connectTimeoutMs: 200, maxAnswerBytes: 1000 };
      const connection = createHttpConnection(`https://localhost:${server.port}`, options);
      stops.unshift(() => connection.close());
      const error = await serviceErrorOf(connection.send(GET, call()));
      expect(error).toMatchObject({ code: 'unavailable', isSafeToRetry: true });
      expect(String(error.cause)).toContain('the connection took longer than 200 ms');
    });

    it('lets an answer take longer than a connection may', async () => {
      const { connection } = await connectedTo((_, response) => setTimeout(() => response.end('late'), 400), {
        connectTimeoutMs: 100,
      });
      expect(text((await connection.send(GET, call())).body)).toBe('late');
    });
  });

  describe('ends when its signal is aborted', () => {
    const reason = new ServiceError('deadline_exceeded', 'The call took too long');

    it('before it is sent', async () => {
      const { connection, server } = await connectedTo((_, response) => response.end());
      expect(await serviceErrorOf(connection.send(GET, call(AbortSignal.abort(reason))))).toBe(reason);
      expect(server.total).toBe(0);
    });

    it('while its connection is made', async () => {
      const server = await serveBytes((socket) => socket.resume());
      stops.push(() => server.close());
      const options = { concurrency: 1, connectTimeoutMs: 5000, maxAnswerBytes: 1000 };
      const connection = createHttpConnection(`https://localhost:${server.port}`, options);
      stops.unshift(() => connection.close());
      const controller = new AbortController();
      const outcome = serviceErrorOf(connection.send(GET, call(controller.signal)));
      while (server.open === 0) await sleep(5);
      controller.abort(reason);
      expect(await outcome).toBe(reason);
    });

    it('while its answer comes, and breaks the connection off', async () => {
      const { connection, server } = await connectedToBytes((socket) =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfo'),
      );
      const controller = new AbortController();
      const outcome = serviceErrorOf(connection.send(GET, call(controller.signal)));
      while (server.open === 0) await sleep(5);
      controller.abort(reason);
      expect(await outcome).toBe(reason);
      await hasLostOne(server);
    });

    it('and as `cancelled` when its reason is none of ours', async () => {
      const { connection } = await connectedTo(() => undefined);
      const controller = new AbortController();
      const outcome = serviceErrorOf(connection.send(GET, call(controller.signal)));
      controller.abort();
      expect((await outcome).code).toBe('cancelled');
    });

    it('and leaves the connection that it waited for to others', async () => {
      const paths: (string | undefined)[] = [];
      const { connection, server } = await connectedTo((request, response) => {
        paths.push(request.url);
        response.end();
      });
      const controller = new AbortController();
      // As many as there are connections, none of which is made yet.
      const left = ['/a', '/b', '/c'].map((path) => connection.send({ ...GET, path }, call(controller.signal)));
      const outcomes = Promise.all(left.map(serviceErrorOf));
      const stays = connection.send({ ...GET, path: '/stays' }, call());
      controller.abort(reason);
      expect(await outcomes).toEqual([reason, reason, reason]);
      expect((await stays).status).toBe(200);
      expect(paths).toEqual(['/stays']);
      expect(server.total).toBeLessThanOrEqual(3);
    });

    it('and 300 calls of which every other is cancelled leave no listener and no more connections than allowed', async () => {
      const { connection, server } = await connectedTo((_, response) => setTimeout(() => response.end('done'), 2), {
        concurrency: 4,
      });
      const controllers = Array.from({ length: 300 }, () => new AbortController());
      const outcomes = await Promise.allSettled(
        controllers.map((controller, index) => {
          if (index % 2 === 0) setTimeout(() => controller.abort(reason), index % 7);
          return connection.send(GET, call(controller.signal));
        }),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(150);
      expect(controllers.flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([]);
      expect(server.open).toBeLessThanOrEqual(6);
      expect(text((await connection.send(GET, call())).body)).toBe('done');
    });
  });

  it('looks the name up again for each connection, so that a server that moved is found', async () => {
    const old = await serveHttp((_, response) => response.end('old place'));
    const { port } = old;
    const moved = await serveHttp((_, response) => response.end('new place'), { port, host: '127.0.0.2' });
    stops.push(() => moved.close());
    const { lookup } = dns;
    stops.push(() => Promise.resolve(Object.assign(dns, { lookup })));
    let lookups = 0;
    const pointTo = (address: string) =>
      Object.assign(dns, {
        lookup: (_host: string, _options: unknown, done: (error: null, found: unknown) => void) => {
          lookups += 1;
          done(null, [{ address, family: 4 }]);
        },
      });
    const connection = connect({ port }, { host: 'triton.test' });
    pointTo('127.0.0.1');
    expect(text((await connection.send(GET, call())).body)).toBe('old place');

    await old.close();
    // Until the client has seen it.
    await sleep(20);
    pointTo('127.0.0.2');
    expect(text((await connection.send(GET, call())).body)).toBe('new place');
    expect(lookups).toBe(2);
  });
});

describe('open()', () => {
  const read = async (pieces: AsyncIterable<Uint8Array>) => {
    let body = '';
    for await (const piece of pieces) body += text(piece);
    return body;
  };

  it('gives the pieces as they come, more of them than an answer may have', async () => {
    const { connection } = await connectedTo((_, response) => {
      for (let piece = 0; piece < 30; piece++) response.write('x'.repeat(100));
      response.end();
    });
    const { status, body } = await connection.open(GET, call());
    expect(status).toBe(200);
    expect(await read(body)).toHaveLength(3000);
  });

  it('lets the server wait for a slow reader, and uses the connection again', async () => {
    const block = Buffer.alloc(1024 * 1024, 'x');
    let writtenBlocks = 0;
    const { connection, server } = await connectedTo((request, response) => {
      const more = () => {
        if (writtenBlocks === 64 || request.url !== '/v2') response.end();
        else {
          response.write(block, () => {
            writtenBlocks += 1;
            setImmediate(more);
          });
        }
      };
      more();
    });
    const { body } = await connection.open(GET, call());
    let before = -1;
    // Until what lies between the two is full.
    while (before !== writtenBlocks || before === 0) {
      before = writtenBlocks;
      await sleep(200);
    }
    expect(writtenBlocks).toBeLessThan(40);
    let bytes = 0;
    for await (const piece of body) bytes += piece.byteLength;
    expect(bytes).toBe(64 * block.length);
    expect((await connection.send({ ...GET, path: '/next' }, call())).status).toBe(200);
    expect(server.total).toBe(1);
  });

  it('gives the pieces that have waited for their reader as one', async () => {
    const { connection } = await connectedToBytes((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n');
    });
    const { body } = await connection.open(GET, call());
    await sleep(50);
    const pieces: string[] = [];
    for await (const piece of body) pieces.push(text(piece));
    expect(pieces).toEqual(['firstsecond']);
  });

  it('gives what came before the answer broke', async () => {
    const { connection } = await connectedToBytes((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n');
    });
    const { body } = await connection.open(GET, call());
    // Both the piece and the end have come before the reader begins.
    await sleep(50);
    const pieces: string[] = [];
    const error = await serviceErrorOf(
      (async () => {
        for await (const piece of body) pieces.push(text(piece));
      })(),
    );
    expect(pieces).toEqual(['first']);
    expect(error).toMatchObject({ ...WENT_AWAY, isSafeToRetry: false });
  });

  it('breaks the call off when the loop is left', async () => {
    const { connection, server } = await connectedTo((_, response) => response.write('first'));
    const { body } = await connection.open(GET, call());
    for await (const piece of body) {
      expect(text(piece)).toBe('first');
      break;
    }
    await hasLostOne(server);
  });

  it('ends with the reason of its signal', async () => {
    const { connection } = await connectedTo((_, response) => response.write('first'));
    const controller = new AbortController();
    const { body } = await connection.open(GET, call(controller.signal));
    setTimeout(() => controller.abort(), 20);
    expect((await serviceErrorOf(read(body))).code).toBe('cancelled');
  });

  it('says that the server went away when the answer is cut', async () => {
    const { connection } = await connectedToBytes((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n');
    });
    const { body } = await connection.open(GET, call());
    expect(await serviceErrorOf(read(body))).toMatchObject({ ...WENT_AWAY, isSafeToRetry: false });
  });

  it('refuses an answer that is packed', async () => {
    const { connection, server } = await connectedTo((_, response) =>
      response.writeHead(200, { 'content-encoding': 'br' }).write('first'),
    );
    expect(await serviceErrorOf(connection.open(GET, call()))).toMatchObject({
      code: 'upstream_error',
      message: "The predictor's answer for model faces is not valid: it is packed as br, but was asked for as it is",
    });
    await hasLostOne(server);
  });

  it('says that nobody listens', async () => {
    const server = await serveBytes(() => undefined);
    await server.close();
    expect(await serviceErrorOf(connect(server).open(GET, call()))).toMatchObject({
      code: 'unavailable',
      message: 'The predictor cannot be reached',
      isSafeToRetry: true,
    });
  });
});

describe('close()', () => {
  it('fails the calls under way, and leaves no connection', async () => {
    const { connection, server } = await connectedTo(() => undefined, { concurrency: 3 });
    const outcomes = [1, 2, 3, 4, 5, 6, 7].map(() => serviceErrorOf(connection.send(GET, call())));
    while (server.open < 5) await sleep(5);
    await connection.close();
    for (const error of await Promise.all(outcomes)) expect(error.code).toBe('unavailable');
    while (server.open > 0) await sleep(5);
  });

  it('breaks off connections that are being made', async () => {
    const server = await serveBytes((socket) => socket.resume());
    stops.push(() => server.close());
    const options = { concurrency: 1, connectTimeoutMs: 60_000, maxAnswerBytes: 1000 };
    const connection = createHttpConnection(`https://localhost:${server.port}`, options);
    const outcome = serviceErrorOf(connection.send(GET, call()));
    while (server.open === 0) await sleep(5);
    await connection.close();
    expect((await outcome).code).toBe('unavailable');
    while (server.open > 0) await sleep(5);
  });

  it('may be called twice, and fails later calls', async () => {
    const { connection } = await connectedTo((_, response) => response.end());
    await connection.send(GET, call());
    await Promise.all([connection.close(), connection.close()]);
    expect((await serviceErrorOf(connection.send(GET, call()))).code).toBe('unavailable');
  });
});

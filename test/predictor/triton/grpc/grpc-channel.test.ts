import { EventEmitter, getEventListeners, once, setMaxListeners } from 'node:events';
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { parsePredictorAddress } from '../../../../src/predictor/triton/address.js';
import type { ConnectOptions } from '../../../../src/predictor/triton/connect-options.js';
import { createGrpcChannel, type GrpcCall } from '../../../../src/predictor/triton/grpc/grpc-channel.js';
import { ServiceError } from '../../../../src/errors.js';
import { answer, answerStatus, bodyOf, BYTES_METHOD, framed } from '../../../helpers/grpc-bytes.js';
import { type OwnServer, serveBytes, serveHttp2 } from '../../../helpers/own-server.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const ends: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A channel to a server that does with each call what the test says; both end with the test. */
async function channelTo(server: Promise<OwnServer>, options: Partial<ConnectOptions> = {}) {
  const started = await server;
  ends.push(() => started.close());
  const channel = createGrpcChannel(parsePredictorAddress(`grpc://127.0.0.1:${started.port}`), {
    connectTimeoutMs: 5000,
    maxAnswerBytes: Infinity,
    ...options,
  });
  ends.push(() => channel.close());
  const call = (bytes: Uint8Array = Buffer.alloc(0), how: Partial<GrpcCall> = {}) =>
    channel.call(BYTES_METHOD, Buffer.from(bytes), {
      signal: new AbortController().signal,
      remainingMs: () => 60_000,
      headers: {},
      subject: 'model faces',
      ...how,
    });
  return { channel, call, server: started };
}

/** A SETTINGS frame that sets nothing (RFC 9113, 6.5): the least by which a server shows that it speaks HTTP/2. */
const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

type Respond = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

const channelOver = (respond: Respond, options?: Partial<ConnectOptions>) => channelTo(serveHttp2(respond), options);

/** Gives back the message that it is sent. */
const echo: Respond = (stream) => void bodyOf(stream).then((body) => answer(stream, body));

describe('call()', () => {
  it.each([0, 1, 16_379, 70_000, 5_000_000])('sends and receives a message of %d bytes', async (size) => {
    const { call } = await channelOver(echo);
    const message = Buffer.from({ length: size }).map((_, index) => index % 251);
    expect((await call(message)).equals(message)).toBe(true);
  });

  it('receives a message such that its end is aligned, as the contents of the last tensor are', async () => {
    const { call } = await channelOver(echo);
    const received = await call(Buffer.alloc(100_003));
    expect((received.byteOffset + received.byteLength) % 8).toBe(0);
  });

  it('receives a message that comes byte by byte', async () => {
    const { call } = await channelOver((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      const bytes = [...framed(Buffer.from('slowly'))];
      const next = () => {
        const byte = bytes.shift();
        if (byte === undefined) stream.end();
        else stream.write(Buffer.of(byte), () => setImmediate(next));
      };
      next();
    });
    expect((await call()).toString()).toBe('slowly');
  });

  it('sends the headers of gRPC and of the call, but none of a connection of HTTP/1', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const { call, server } = await channelOver((stream, headers) => {
      seen.push(headers);
      echo(stream, headers);
    });
    const others = { te: 'none', 'content-type': 'text/plain', host: 'other', connection: 'close', upgrade: 'x' };
    await call(Buffer.alloc(0), { headers: { ...others, 'x-request-id': 'r1' }, remainingMs: () => 1234.5 });
    expect(Object.fromEntries(Object.entries(seen[0] ?? {}))).toEqual({
      ':method': 'POST',
      ':scheme': 'http',
      ':authority': `127.0.0.1:${server.port}`,
      ':path': '/test/Bytes',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'kserve-transformer',
      'grpc-timeout': '1235m',
      'x-request-id': 'r1',
    });
  });

  it.each([
    [0.2, '1m'],
    [0, '1m'],
    [1e12, '99999999m'],
    [Infinity, undefined],
  ])('tells the server that %d ms are left as %s', async (remainingMs, expected) => {
    let told: unknown;
    const { call } = await channelOver((stream, headers) => {
      told = headers['grpc-timeout'];
      echo(stream, headers);
    });
    await call(Buffer.alloc(0), { remainingMs: () => remainingMs });
    expect(told).toBe(expected);
  });

  it('asks what is left of the time when it is sent, not before there is a connection', async () => {
    const { call, server } = await channelOver(echo);
    const connections: number[] = [];
    await call(Buffer.alloc(0), { remainingMs: () => connections.push(server.total) });
    expect(connections).toEqual([1]);
  });

  it('tells the initial metadata, but not those that are bytes or that gRPC says for itself', async () => {
    const headers = { 'x-served-by': 'a', 'Retry-After': '2', 'grpc-encoding': 'identity', 'trace-bin': 'AA==' };
    const { call } = await channelOver((stream) =>
      answer(stream, framed(Buffer.alloc(0)), { headers, trailers: { 'grpc-status': '0', 'x-cost': '5' } }),
    );
    const told: Record<string, string>[] = [];
    await call(Buffer.alloc(0), { onResponseHeaders: (given) => told.push(Object.fromEntries(given)) });
    expect(told).toEqual([
      { 'content-type': 'application/grpc', 'x-served-by': 'a', 'retry-after': '2', date: expect.any(String) },
    ]);
  });

  it('tells the headers of an answer that is a status alone', async () => {
    const { call } = await channelOver((stream) => answerStatus(stream, 8, 'too many'));
    const told: string[] = [];
    const onResponseHeaders = (headers: ReadonlyMap<string, string>) => void told.push(...headers.keys());
    expect((await serviceErrorOf(call(Buffer.alloc(0), { onResponseHeaders }))).upstream?.text).toBe('too many');
    expect(told.sort()).toEqual(['content-type', 'date']);
  });

  it('fails a call when whoever is told the headers does', async () => {
    const { call } = await channelOver(echo);
    const failure = new TypeError('no headers, please');
    const onResponseHeaders = () => {
      throw failure;
    };
    const error = await serviceErrorOf(call(Buffer.alloc(0), { onResponseHeaders }));
    expect(error).toMatchObject({ code: 'internal', cause: failure });
    expect((await call(Buffer.from('next'))).toString()).toBe('next');
  });

  it('takes connections in turn', async () => {
    const sessions: unknown[] = [];
    const { call, server } = await channelOver(
      (stream, headers) => {
        sessions.push(stream.session);
        echo(stream, headers);
      },
      { channels: 3 },
    );
    await call();
    while (new Set(sessions).size < 3) await call();
    sessions.length = 0;
    for (let count = 0; count < 6; count++) await call();
    expect(new Set(sessions.slice(0, 3)).size).toBe(3);
    expect(sessions.slice(3)).toEqual(sessions.slice(0, 3));
    expect(server.total).toBe(3);
  });
});

describe('call() that is packed', () => {
  const unpack = { gzip: gunzipSync, deflate: inflateSync } as const;
  const pack = { gzip: gzipSync, deflate: deflateSync } as const;
  const message = Buffer.alloc(100_000, 'abc');

  /** Unpacks what it gets, and gives it back packed the same way. */
  const packedEcho: Respond = (stream, headers) => {
    const encoding = headers['grpc-encoding'] as 'gzip' | 'deflate';
    void bodyOf(stream).then((body) => {
      expect(body.length).toBeLessThan(5000);
      expect([body[0], body.readUInt32BE(1)]).toEqual([1, body.length - 5]);
      const bytes = pack[encoding](unpack[encoding](body.subarray(5)));
      answer(stream, framed(bytes, true), { headers: { 'grpc-encoding': encoding } });
    });
  };

  it.each(['gzip', 'deflate'] as const)(
    'packs by %s as the options say, and unpacks the answer',
    async (compression) => {
      const { call } = await channelOver(packedEcho, { compression });
      expect((await call(message)).equals(message)).toBe(true);
    },
  );

  it('packs as the call says before the options', async () => {
    const { call } = await channelOver(packedEcho, { compression: 'none' });
    expect((await call(message, { compression: 'gzip' })).equals(message)).toBe(true);
    const plain = await channelOver(echo, { compression: 'gzip' });
    expect((await plain.call(message, { compression: 'none' })).equals(message)).toBe(true);
  });

  it.each([
    [true, 'identity,deflate,gzip'],
    [false, undefined],
  ])('says what it accepts when that is %s', async (acceptsCompressed, expected) => {
    let said: unknown;
    const { call } = await channelOver(
      (stream, headers) => {
        said = headers['grpc-accept-encoding'];
        echo(stream, headers);
      },
      { acceptsCompressed },
    );
    await call();
    expect(said).toBe(expected);
  });

  it.each([
    ['unpacks to more than may be', 'gzip', gzipSync(Buffer.alloc(100_000)), 'it is larger than an answer may be'],
    ['is not what it says', 'gzip', Buffer.from('not packed'), 'it cannot be unpacked as gzip'],
    ['is packed in another way', 'snappy', Buffer.from('?'), 'its content-encoding is "snappy"'],
  ])('refuses an answer that %s', async (_, encoding, bytes, problem) => {
    const { call } = await channelOver(
      (stream) => answer(stream, framed(bytes, true), { headers: { 'grpc-encoding': encoding } }),
      { maxAnswerBytes: 50_000 },
    );
    const error = await serviceErrorOf(call());
    expect(error.code).toBe('upstream_error');
    expect(error.message).toContain(`The predictor's answer for model faces is not valid: ${problem}`);
  });
});

describe('call() that fails', () => {
  const PREFIX = 'The predictor answered with an error for model faces: ';

  it.each([
    [3, 'unexpected shape', 'upstream_error', `${PREFIX}unexpected shape`],
    [5, "unknown model: 'fa%C3%A7e'", 'upstream_error', `${PREFIX}unknown model: 'façe'`],
    [13, '100% wrong', 'upstream_error', `${PREFIX}100% wrong`],
    [14, 'Exceeds maximum queue size', 'unavailable', `${PREFIX}Exceeds maximum queue size`],
    [8, 'too many requests', 'unavailable', `${PREFIX}too many requests`],
    [4, 'Deadline Exceeded', 'deadline_exceeded', 'The call for model faces took longer than its limit'],
    [99, 'odd', 'upstream_error', `${PREFIX}odd`],
  ])('by the status %d, %j is %s', async (status, words, code, message) => {
    const { call } = await channelOver((stream) => answerStatus(stream, status, words));
    expect(await serviceErrorOf(call())).toMatchObject({ code, message });
    const behind = await channelOver((stream) => {
      const trailers = { 'grpc-status': String(status), 'grpc-message': words };
      answer(stream, framed(Buffer.from('x')), { trailers });
    });
    expect(await serviceErrorOf(behind.call())).toMatchObject({ code, message });
  });

  it('keeps the status and the words of the server', async () => {
    const { call } = await channelOver((stream) => answerStatus(stream, 5, 'no such model'));
    const { upstream, isSafeToRetry } = await serviceErrorOf(call());
    expect(upstream).toEqual({ status: 'NOT_FOUND', text: 'no such model' });
    expect(isSafeToRetry).toBe(false);
  });

  it.each([
    [404, 'upstream_error', `${PREFIX}Received HTTP status code 404`, false],
    [401, 'upstream_error', `${PREFIX}Received HTTP status code 401`, false],
    [503, 'unavailable', 'The predictor cannot be reached', true],
  ])('by the HTTP status %d of a proxy', async (httpStatus, code, message, isSafeToRetry) => {
    const { call } = await channelOver((stream) => {
      stream.respond({ ':status': httpStatus, 'content-type': 'text/html' });
      stream.end('<html>a page for people</html>');
    });
    expect(await serviceErrorOf(call())).toMatchObject({ code, message, isSafeToRetry });
  });

  it('by a page where an answer of gRPC belongs', async () => {
    const { call } = await channelOver((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<html>a page for people</html>');
    });
    const message = "The predictor's answer for model faces is not valid: it is not gRPC";
    expect(await serviceErrorOf(call())).toMatchObject({ code: 'upstream_error', message });
  });

  it.each<[string, Respond, boolean]>([
    ['reset before its answer', (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), true],
    ['refused', (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM), true],
    ['ended with the connection before its answer', (stream) => stream.session?.destroy(), true],
    [
      'reset within its answer',
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.write(Buffer.alloc(3), () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
      },
      false,
    ],
    ['ended without a status', (stream) => stream.respond({ ':status': 200 }, { endStream: true }), false],
  ])('because it was %s', async (_, respond, isSafeToRetry) => {
    const { call } = await channelOver(respond);
    const message = 'The predictor went away while it worked on the call';
    expect(await serviceErrorOf(call())).toMatchObject({ code: 'unavailable', message, isSafeToRetry });
  });

  it.each([
    ['no message', Buffer.alloc(0), 'its message is missing or incomplete'],
    ['a part of a message', framed(Buffer.from('abc')).subarray(0, 6), 'its message is missing or incomplete'],
    ['two messages', Buffer.concat([framed(Buffer.from('a')), framed(Buffer.from('b'))]), 'there are bytes behind'],
    ['a message of more than may be', framed(Buffer.alloc(1001)), 'it is larger than an answer may be'],
  ])('because the answer holds %s', async (_, body, problem) => {
    const { call } = await channelOver((stream) => answer(stream, body), { maxAnswerBytes: 1000 });
    const error = await serviceErrorOf(call());
    expect(error.code).toBe('upstream_error');
    expect(error.message).toContain(`The predictor's answer for model faces is not valid: ${problem}`);
  });

  it('because the message cannot be read', async () => {
    const { channel } = await channelOver(echo);
    const method = {
      ...BYTES_METHOD,
      responseDeserialize: () => {
        throw new RangeError('the message ends within a field');
      },
    };
    const call = { signal: new AbortController().signal, remainingMs: () => 1000, headers: {}, subject: 'model faces' };
    const message = "The predictor's answer for model faces is not valid: it cannot be read";
    const error = await serviceErrorOf(channel.call(method, Buffer.alloc(0), call));
    expect(error).toMatchObject({
      code: 'upstream_error',
      message,
      cause: new RangeError('the message ends within a field'),
    });
  });

  it('because no connection can be made', async () => {
    const { call, server } = await channelOver(echo);
    await server.close();
    const error = await serviceErrorOf(call());
    expect(error).toMatchObject({
      code: 'unavailable',
      message: 'The predictor cannot be reached',
      isSafeToRetry: true,
    });
  });

  it('because the server does not speak HTTP/2 within the limit of a connection', async () => {
    const { call } = await channelTo(
      serveBytes(() => undefined),
      { connectTimeoutMs: 100 },
    );
    expect(await serviceErrorOf(call())).toMatchObject({
      message: 'The predictor cannot be reached',
      isSafeToRetry: true,
    });
  });
});

describe('call() that is cancelled', () => {
  it('ends at once with the reason, and is reset at the server', async () => {
    const events = new EventEmitter();
    const { call } = await channelOver((stream) => {
      stream.once('close', () => events.emit('closed', stream.rstCode));
      events.emit('called');
    });
    const controller = new AbortController();
    const [called, closed] = [once(events, 'called'), once(events, 'closed')];
    const failed = serviceErrorOf(call(Buffer.alloc(10), { signal: controller.signal }));
    await called;
    const reason = new ServiceError('deadline_exceeded', 'The call took longer than its limit');
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(await closed).toEqual([constants.NGHTTP2_CANCEL]);
  });

  it('does not wait for a connection', async () => {
    const { call } = await channelTo(serveBytes(() => undefined));
    const controller = new AbortController();
    const failed = serviceErrorOf(call(Buffer.alloc(0), { signal: controller.signal }));
    controller.abort();
    expect((await failed).code).toBe('cancelled');
  });

  it('leaves no listener on the signal, nor does any other call', async () => {
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const { call } = await channelOver((stream, headers) => {
      if (headers['x-fails'] === 'yes') answerStatus(stream, 13, 'no');
      else echo(stream, headers);
    });
    await Promise.all(Array.from({ length: 20 }, () => call(Buffer.alloc(10), { signal })));
    await serviceErrorOf(call(Buffer.alloc(10), { signal, headers: { 'x-fails': 'yes' } }));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('a connection', () => {
  it('is made anew after it was lost', async () => {
    const { call, server } = await channelOver((stream, headers) => {
      if (headers['x-breaks'] === 'yes') stream.session?.destroy();
      else echo(stream, headers);
    });
    await call();
    await serviceErrorOf(call(Buffer.alloc(0), { headers: { 'x-breaks': 'yes' } }));
    expect((await call(Buffer.from('again'))).toString()).toBe('again');
    expect(server.total).toBe(2);
  });

  it('is left when the server wants to go, which still answers the calls that it has', async () => {
    const held: (() => void)[] = [];
    const events = new EventEmitter();
    const { call, server } = await channelOver((stream, headers) => {
      if (headers['x-waits'] !== 'yes') {
        echo(stream, headers);
        return;
      }
      held.push(() => answer(stream, framed(Buffer.from('late'))));
      stream.session?.goaway(constants.NGHTTP2_NO_ERROR);
      events.emit('held');
    });
    const isHeld = once(events, 'held');
    const waiting = call(Buffer.alloc(0), { headers: { 'x-waits': 'yes' } });
    await isHeld;
    while (server.total < 2) await call().catch(() => undefined);
    expect((await call(Buffer.from('new'))).toString()).toBe('new');
    held.forEach((release) => release());
    expect((await waiting).toString()).toBe('late');
  });

  it('is pinged while it is silent, when that is asked for', async () => {
    const events = new EventEmitter();
    const { call } = await channelOver(
      (stream, headers) => {
        stream.session?.once('ping', () => events.emit('ping'));
        echo(stream, headers);
      },
      { keepAlive: { timeMs: 20, isWithoutCalls: true } },
    );
    const pinged = once(events, 'ping');
    await call();
    await pinged;
  });

  it('is given up when a ping is not answered, and its calls fail', async () => {
    const { call } = await channelTo(
      serveBytes((socket) => socket.write(EMPTY_SETTINGS)),
      { keepAlive: { timeMs: 50, timeoutMs: 50 } },
    );
    const message = 'The predictor went away while it worked on the call';
    expect(await serviceErrorOf(call())).toMatchObject({ code: 'unavailable', message });
  });

  it('ends with close(), and so do its calls; further ones are refused', async () => {
    const events = new EventEmitter();
    const { call, channel, server } = await channelOver(() => events.emit('called'));
    const called = once(events, 'called');
    const failed = serviceErrorOf(call());
    await called;
    channel.close();
    channel.close();
    expect((await failed).code).toBe('unavailable');
    expect((await serviceErrorOf(call())).code).toBe('unavailable');
    while (server.open > 0) await new Promise(setImmediate);
    expect(server.total).toBe(1);
  });
});

import { EventEmitter, once, setMaxListeners } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { parsePredictorAddress } from '../../../../src/predictor/triton/address.js';
import {
  createHttp2Connections,
  type Http2Connections,
  type Http2Options,
  type ResolveHost,
} from '../../../../src/predictor/triton/grpc/http2-connections.js';
import { pingFrame } from '../../../../src/predictor/triton/grpc/http2/frames.js';
import { frame, type FramesPeer, serveFrames, word } from '../../../helpers/frames-server.js';
import { type OwnServer, serveBytes, serveHttp2 } from '../../../helpers/own-server.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const ends: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server on one of the addresses that every Linux has for itself; it ends with the test. */
async function serverOn(host: string, port = 0): Promise<OwnServer> {
  const respond = (stream: ServerHttp2Stream) => stream.respond({ ':status': 200, server: host }, { endStream: true });
  const server = await serveHttp2(respond, { host, port });
  ends.push(() => server.close());
  return server;
}

function connectionsTo(port: number, resolve: ResolveHost, options: Partial<Http2Options> = {}): Http2Connections {
  const address = parsePredictorAddress(`grpc://triton.test:${port}`);
  const connections = createHttp2Connections(address, { connectTimeoutMs: 5000, ...options }, resolve);
  ends.push(() => connections.close());
  return connections;
}

const { signal } = new AbortController();
setMaxListeners(0, signal);

/** Makes a call and gives, once it has ended, the address that it went to. */
async function called(connections: Http2Connections): Promise<string | undefined> {
  const connection = await connections.take(signal);
  return new Promise((resolve, reject) => {
    let ip: string | undefined;
    const request = { path: '/', headers: {}, pieces: [Buffer.alloc(1)] };
    connection.request(request, {
      onHeaders: (headers) => (ip = headers.get('server')),
      onData: () => undefined,
      onEnd: () => resolve(ip),
      onBroken: reject,
    });
  });
}

/** Repeats an act until it comes to what is expected, or the test's time is over. */
async function until<T>(act: () => Promise<T>, isExpected: (value: T) => boolean): Promise<void> {
  while (!isExpected(await act())) await new Promise(setImmediate);
}

describe('createHttp2Connections()', () => {
  it('takes all addresses of the name in turn', async () => {
    const { port } = await serverOn('127.0.0.1');
    await serverOn('127.0.0.2', port);
    const connections = connectionsTo(port, () => Promise.resolve(['127.0.0.1', '127.0.0.2']));
    await until(
      () => called(connections),
      (ip) => ip === '127.0.0.2',
    );
    const ips = [await called(connections), await called(connections), await called(connections)];
    expect(ips).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.1']);
  });

  it('makes every connection once, however many calls wait for it, and looks the name up once', async () => {
    const server = await serverOn('127.0.0.1');
    const names: string[] = [];
    const connections = connectionsTo(server.port, (name) => {
      names.push(name);
      return Promise.resolve(['127.0.0.1']);
    });
    await Promise.all(Array.from({ length: 50 }, () => called(connections)));
    expect(names).toEqual(['triton.test']);
    expect(server.total).toBe(1);
  });

  it('finds a server again that has moved to another address', async () => {
    const first = await serverOn('127.0.0.1');
    const second = await serverOn('127.0.0.2', first.port);
    const places = [['127.0.0.1'], ['127.0.0.2']];
    const connections = connectionsTo(first.port, () => Promise.resolve(places.shift() ?? []));
    expect(await called(connections)).toBe('127.0.0.1');
    await first.close();
    await until(
      () => called(connections).catch(() => undefined),
      (ip) => ip === '127.0.0.2',
    );
    expect(second.total).toBe(1);
  });

  it('connects again at the first call after the server is back', async () => {
    const first = await serverOn('127.0.0.1');
    const connections = connectionsTo(first.port, () => Promise.resolve(['127.0.0.1']));
    await called(connections);
    await first.close();
    await until(
      () => connections.take(signal).catch(() => undefined),
      (connection) => connection === undefined,
    );
    await serverOn('127.0.0.1', first.port);
    expect(await called(connections)).toBe('127.0.0.1');
  });

  it('goes on with the other addresses where one does not answer, and takes it again within 2 s when it is back', async () => {
    const { port } = await serverOn('127.0.0.1');
    const connections = connectionsTo(port, () => Promise.resolve(['127.0.0.1', '127.0.0.2']));
    for (let count = 0; count < 5; count++) expect(await called(connections)).toBe('127.0.0.1');
    await serverOn('127.0.0.2', port);
    const backAt = performance.now();
    await until(
      () => called(connections),
      (ip) => ip === '127.0.0.2',
    );
    expect(performance.now() - backAt).toBeLessThan(2000);
  });

  it.each([
    [['127.0.0.1'], 'connect ECONNREFUSED 127.0.0.1:PORT'],
    [
      ['127.0.0.1', '127.0.0.2'],
      'Error: connect ECONNREFUSED 127.0.0.1:PORT; Error: connect ECONNREFUSED 127.0.0.2:PORT',
    ],
  ])('says of every address why it could not be reached: %j', async (ips, reason) => {
    const server = await serverOn('127.0.0.1');
    const { port } = server;
    await server.close();
    const connections = connectionsTo(port, () => Promise.resolve(ips), { channels: 2 });
    const { cause } = await serviceErrorOf(connections.take(signal));
    expect((cause as Error).message).toBe(reason.replaceAll('PORT', String(port)));
  });

  it('leaves an address that the name no longer has when it looks the name up again', async () => {
    const { port } = await serverOn('127.0.0.1');
    const second = await serverOn('127.0.0.2', port);
    const places = [['127.0.0.1', '127.0.0.2'], ['127.0.0.1']];
    const connections = connectionsTo(port, () => Promise.resolve(places.shift() ?? ['127.0.0.1', '127.0.0.3']));
    await until(
      () => called(connections),
      (ip) => ip === '127.0.0.2',
    );
    await second.close();
    await until(
      () => called(connections),
      () => places.length === 0,
    );
    expect([await called(connections), await called(connections)]).toEqual(['127.0.0.1', '127.0.0.1']);
  });

  it('takes an address that the name has several times as one, and misses none', async () => {
    const { port } = await serverOn('127.0.0.1');
    let lookUps = 0;
    const connections = connectionsTo(port, () => {
      lookUps += 1;
      return Promise.resolve(['127.0.0.1', '127.0.0.1']);
    });
    await called(connections);
    const now = performance.now.bind(performance);
    ends.push(() => void Object.assign(performance, { now }));
    Object.assign(performance, { now: () => now() + 2000 });
    await called(connections);
    expect(lookUps).toBe(1);
  });

  it('ends the calls of a connection too that takes no further ones', async () => {
    let peer: FramesPeer | undefined;
    const server = await serveFrames((made) => (peer = made));
    ends.push(() => server.close());
    const connections = connectionsTo(server.port, () => Promise.resolve(['127.0.0.1']));
    const outcome = called(connections).catch((error: unknown) => String(error));
    await until(
      () => Promise.resolve(peer),
      (made) => made !== undefined,
    );
    await peer?.next('headers');
    // The graceful kind, by which all streams go on.
    peer?.send(frame('goAway', 0, Buffer.concat([word(2 ** 31 - 1), word(0)])), pingFrame(Buffer.alloc(8), false));
    await peer?.next('ping');
    connections.close();
    expect(await outcome).toBe('Error: the connection was closed');
  });

  it('does not look an IP address up', async () => {
    const { port } = await serverOn('127.0.0.1');
    const connections = createHttp2Connections(
      parsePredictorAddress(`grpc://127.0.0.1:${port}`),
      { connectTimeoutMs: 5000 },
      () => Promise.reject(new Error('there is nothing to look up')),
    );
    ends.push(() => connections.close());
    expect(await called(connections)).toBe('127.0.0.1');
  });

  it.each<[string, ResolveHost]>([
    ['that is unknown', () => Promise.reject(new Error('ENOTFOUND'))],
    ['that has no address', () => Promise.resolve([])],
    ['whose look-up takes longer than a connection may', () => new Promise<never>(() => undefined)],
  ])('refuses a name %s', async (_, resolve) => {
    const connections = connectionsTo(9, resolve, { connectTimeoutMs: 100 });
    const error = await serviceErrorOf(connections.take(signal));
    expect(error).toMatchObject({
      code: 'unavailable',
      message: 'The predictor cannot be reached',
      isSafeToRetry: true,
    });
  });

  it('lets one caller go that waits no longer, and the others have the connection', async () => {
    const events = new EventEmitter();
    const { port } = await serverOn('127.0.0.1');
    const connections = connectionsTo(port, async () => {
      await once(events, 'answer');
      return ['127.0.0.1'];
    });
    const controller = new AbortController();
    const gone = serviceErrorOf(connections.take(controller.signal));
    const waiting = connections.take(signal);
    controller.abort();
    expect((await gone).code).toBe('cancelled');
    events.emit('answer');
    expect((await waiting).isUsable()).toBe(true);
  });

  it('gives up connections that are being made when it is closed', async () => {
    const server = await serveBytes(() => connections.close());
    ends.push(() => server.close());
    const connections = connectionsTo(server.port, () => Promise.resolve(['127.0.0.1']));
    expect((await serviceErrorOf(connections.take(signal))).code).toBe('unavailable');
    while (server.open > 0) await new Promise(setImmediate);
  });
});

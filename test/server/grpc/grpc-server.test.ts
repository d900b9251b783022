import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { compressionAlgorithms, credentials } from '@grpc/grpc-js';
import { ServiceError } from '../../../src/errors.js';
import { encodeInferRequest } from '../../../src/oip/grpc/infer-request-codec.js';
import type { TlsSource } from '../../../src/server/grpc/server-credentials.js';
import { framed } from '../../helpers/grpc-bytes.js';
import { connectGrpc, endOf, take } from '../../helpers/grpc-client.js';
import { requestModel } from '../../helpers/request-model.js';
import { serveGrpc, type ServedGrpcSettings } from '../../helpers/served-grpc.js';
import { createWaitingRoom } from '../../helpers/waiting-room.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function serve(settings?: ServedGrpcSettings) {
  const served = await serveGrpc(settings);
  const client = connectGrpc(served.address);
  ends.push(
    () => client.close(),
    () => served.server.close(0),
  );
  return { ...served, ...client };
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const HEAD = { model_version: '', id: '', parameters: {} };

/** Containers often have none. */
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

const tick = () => new Promise((done) => setImmediate(done));

const WORD = {
  model_name: 'fake',
  inputs: [{ name: 'words', datatype: 'BYTES', shape: [1] }],
  raw_input_contents: [Buffer.from('\x03\0\0\0abc')],
};

describe('listen()', () => {
  it('fails with the code of the error when the port is taken', async () => {
    const { server } = await serve();
    await expect(serveGrpc({ port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  (hasIpv6 ? it : it.skip)('answers over IPv4 and IPv6', async () => {
    const { server } = await serve();
    const client = connectGrpc(`[::1]:${server.port}`);
    ends.push(() => client.close());
    expect((await client.call('ServerLive')).status).toBe('OK');
  });

  it('survives clients that speak no gRPC', async () => {
    const { call, server } = await serve();
    for (const words of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\0\x01\x02', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0']) {
      const socket = await connected(server.port);
      socket.write(words);
      socket.end();
      socket.resume();
      await once(socket, 'close');
    }
    expect((await call('ServerLive')).status).toBe('OK');
  });

  it('is UNIMPLEMENTED where there is no such rpc', async () => {
    const { server } = await serve();
    const session = connectHttp2(`http://127.0.0.1:${server.port}`);
    const stream = session.request({ ':method': 'POST', ':path': '/a/B', 'content-type': 'application/grpc' });
    const [headers] = (await once(stream, 'response')) as [Record<string, string>];
    expect(headers).toMatchObject({
      'grpc-status': '12',
      'grpc-message': 'The server does not implement the method /a/B',
    });
    session.destroy();
  });
});

describe('the limits of messages', () => {
  it('refuse what is larger than may be received, by the flag’s name, and count it', async () => {
    const served = await serve({ limits: { maxReceiveBytes: 1000 } });
    const message = 'The message is larger than the limit of 1000 bytes (--grpc_max_receive_message_length)';
    const large = { ...WORD, raw_input_contents: [Buffer.alloc(1001)] };
    expect(await served.call('ModelInfer', large)).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      message,
      trailers: { 'x-request-id': expect.any(String) },
    });
    const ofCalls = () => served.lines.filter(({ line }) => 'rpc' in line);
    while (ofCalls().length === 0) await tick();
    expect(ofCalls()).toMatchObject([
      { line: { status: 'RESOURCE_EXHAUSTED', error: { code: 'payload_too_large', message } } },
    ]);
    expect(await served.metrics.text()).toContain(
      'transformer_requests_total{model_name="",protocol="grpc",status="RESOURCE_EXHAUSTED"} 1',
    );
  });

  it('count what is unpacked', async () => {
    const { address } = await serve({ limits: { maxReceiveBytes: 1000 } });
    const options = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip };
    const client = connectGrpc(address, { options });
    ends.push(() => client.close());
    const bomb = { ...WORD, raw_input_contents: [Buffer.alloc(1_000_000)] };
    expect(gzipSync(Buffer.alloc(1_000_000)).length).toBeGreaterThan(900);
    expect(await client.call('ModelInfer', { ...bomb, raw_input_contents: [Buffer.alloc(100_000)] })).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      message: 'The message is larger than the limit of 1000 bytes (--grpc_max_receive_message_length)',
    });
  });

  it('refuse an answer that is larger than may be sent, by the flag’s name', async () => {
    const { call } = await serve({ limits: { maxSendBytes: 50 } });
    expect(await call('ModelInfer', WORD)).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      message: expect.stringMatching(
        /^The answer has \d+ bytes, more than the limit of 50 bytes \(--grpc_max_send_message_length\)$/,
      ),
    });
  });

  it('give a request a time to arrive', async () => {
    const { server } = await serve({ limits: { receiveTimeoutMs: 50 } });
    const session = connectHttp2(`http://127.0.0.1:${server.port}`);
    const path = '/inference.GRPCInferenceService/ModelInfer';
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
    stream.write(framed(Buffer.alloc(100)).subarray(0, 20));
    const [headers] = (await once(stream, 'response')) as [Record<string, string>];
    expect(headers['grpc-status']).toBe('4');
    expect(decodeURI(headers['grpc-message'] ?? '')).toBe('The request took longer than 50 ms to arrive');
    session.destroy();
  });
});

describe('a call that is refused before its request is whole', () => {
  it('leaves no timer behind', async () => {
    const begun = jest.spyOn(globalThis, 'setTimeout');
    const ended = jest.spyOn(globalThis, 'clearTimeout');
    ends.push(() => jest.restoreAllMocks());
    const receiveTimeoutMs = 54_321;
    const { call, server } = await serve({ limits: { receiveTimeoutMs, maxReceiveBytes: 10 } });
    expect((await call('ModelInfer', WORD)).status).toBe('RESOURCE_EXHAUSTED');
    while (server.underWay > 0) await tick();
    const timer = begun.mock.results[begun.mock.calls.findIndex(([, ms]) => ms === receiveTimeoutMs)]?.value;
    expect(timer).toBeDefined();
    expect(ended.mock.calls.some(([cleared]) => cleared === timer)).toBe(true);
  });
});

describe('the bearer token', () => {
  const assertAuthorized = (authorization: string | undefined) => {
    if (authorization !== 'Bearer right') throw new ServiceError('unauthenticated', 'The bearer token is not accepted');
  };
  const refused = { status: 'UNAUTHENTICATED', message: 'The bearer token is not accepted' };

  it.each(['ServerMetadata', 'ModelMetadata', 'ModelInfer', 'RepositoryIndex', 'ModelConfig'])(
    'is asked for by %s',
    async (rpc) => {
      const { call } = await serve({ assertAuthorized, enableAdmin: true });
      expect(await call(rpc, { name: 'fake' }, { headers: { 'x-request-id': 'r-1' } })).toMatchObject({
        ...refused,
        trailers: { 'x-request-id': 'r-1' },
      });
      const outcome = await call(rpc, rpc === 'ModelInfer' ? WORD : {}, { headers: { authorization: 'Bearer right' } });
      expect(outcome.status).not.toBe('UNAUTHENTICATED');
    },
  );

  it.each([
    ['ServerLive', {}],
    ['ServerReady', {}],
    ['ModelReady', { name: 'fake' }],
    ['grpc.health.v1.Health/Check', {}],
  ])('is not asked for by %s', async (rpc, request) => {
    const { call } = await serve({ assertAuthorized });
    expect((await call(rpc, request)).status).toBe('OK');
  });

  it.each(['ModelStreamInfer', 'grpc.reflection.v1.ServerReflection/ServerReflectionInfo'])(
    'is asked for by %s',
    async (rpc) => {
      const { stream } = await serve({ assertAuthorized });
      expect(await endOf(stream(rpc).resume())).toMatchObject(refused);
    },
  );
});

describe('TLS', () => {
  const read = (name: string) => readFileSync(`test/fixtures/tls/${name}.pem`);
  const identity = (name: string) => ({ cert: read(name), key: read(`${name}-key`) });

  const nameShownBy = async (port: number) => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN;
  };

  it('is spoken with the certificate that is given, and with a renewed one from then on', async () => {
    let change: Parameters<TlsSource['onChange']>[0] = () => undefined;
    const tls: TlsSource = { current: () => identity('server'), onChange: (listener) => (change = listener) };
    const { server } = await serve({ tls });
    const client = connectGrpc(`localhost:${server.port}`, { channel: credentials.createSsl(read('ca')) });
    ends.push(() => client.close());
    expect((await client.call('ModelInfer', WORD)).status).toBe('OK');
    const before = await nameShownBy(server.port);
    change(identity('client'));
    expect(await nameShownBy(server.port)).not.toBe(before);
    // On the connection that it has.
    expect((await client.call('ModelInfer', WORD)).status).toBe('OK');
  });

  it('does not let a handshake that is not over hold up the end', async () => {
    const tls: TlsSource = { current: () => identity('server'), onChange: () => undefined };
    const { server } = await serveGrpc({ tls });
    const silent = await connected(server.port);
    const closed = once(silent, 'close');
    expect(await server.close(10)).toEqual({ cut: 0 });
    await closed;
  });
});

describe('close()', () => {
  it('waits for the calls under way, and takes no new ones', async () => {
    const room = createWaitingRoom();
    const { call, server, address } = await serve({ onPredict: room.enter });
    const outcome = call('ModelInfer', WORD);
    await room.holds(1);
    expect(server.underWay).toBe(1);
    const closing = server.close(60_000);
    const late = connectGrpc(address);
    ends.push(() => late.close());
    expect((await late.call('ServerLive')).status).toBe('UNAVAILABLE');
    room.release();
    expect((await outcome).status).toBe('OK');
    expect(await closing).toEqual({ cut: 0 });
    expect(server.underWay).toBe(0);
  });

  it('does not wait for connections on which nothing is asked', async () => {
    const { call, server } = await serve();
    await call('ServerLive');
    const silent = await connected(server.port);
    const closed = once(silent.resume(), 'close');
    expect(await server.close(60_000)).toEqual({ cut: 0 });
    await closed;
  });

  it('cuts off what is not answered in time, and stops its model', async () => {
    const room = createWaitingRoom();
    let reason: unknown;
    const served = await serve({
      onPredict: async (_, { signal }) => {
        signal.addEventListener('abort', () => void (reason = signal.reason));
        await room.enter();
      },
    });
    const outcome = served.call('ModelInfer', WORD);
    const { stream } = served;
    const open = stream('ModelStreamInfer');
    const end = endOf(open.resume());
    open.write(WORD);
    await room.holds(2);
    expect(await served.server.close(10)).toEqual({ cut: 2 });
    expect((await outcome).status).toBe('UNAVAILABLE');
    expect((await end).status).toBe('UNAVAILABLE');
    while (served.server.underWay > 0) await tick();
    expect(reason).toMatchObject({ code: 'cancelled' });
    room.release();
  });

  it('ends streams of reflection', async () => {
    const { stream, server } = await serve();
    const reflection = stream('grpc.reflection.v1.ServerReflection/ServerReflectionInfo');
    const end = endOf(reflection);
    reflection.write({ list_services: '' });
    await take(reflection, 1);
    reflection.resume();
    expect(await server.close(60_000)).toEqual({ cut: 0 });
    expect(await end).toMatchObject({ status: 'UNAVAILABLE', message: 'The server is stopping' });
  });
});

describe('a client that reads no answers', () => {
  it('has no more of its stream read', async () => {
    let begun = 0;
    const model = requestModel({
      onInfer: ({ inputs }) => {
        begun += 1;
        return { outputs: inputs };
      },
    });
    const served = await serve({ otherModels: [model] });
    const session = connectHttp2(`http://${served.address}`, { maxSessionMemory: 100 });
    const path = '/inference.GRPCInferenceService/ModelStreamInfer';
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
    const data = Buffer.alloc(60_000);
    const request = encodeInferRequest({
      ...HEAD,
      model_name: 'echo',
      inputs: [{ name: 'x', datatype: 'UINT8', shape: [data.length], parameters: {} }],
      outputs: [],
      raw_input_contents: [data],
    });
    for (let i = 0; i < 100; i++) stream.write(framed(request));
    while (begun < 16) await tick();
    for (let i = 0; i < 100; i++) await served.call('ServerLive');
    expect(begun).toBeLessThan(30);
    session.destroy();
    // Each request has ended, and the stream.
    const ofCalls = () => served.lines.filter(({ line }) => line['rpc'] === path.slice(1));
    while (ofCalls().length < begun + 1) await tick();
  });
});

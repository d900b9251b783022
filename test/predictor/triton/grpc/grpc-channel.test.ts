import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { parsePredictorAddress } from '../../../../src/predictor/triton/address.js';
import { createGrpcChannel } from '../../../../src/predictor/triton/grpc/grpc-channel.js';
import { loadInferenceService } from '../../../../src/predictor/triton/grpc/grpc-service.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const ends: (() => void)[] = [];

/** A client of a server, and a call that fails; both end after the test. */
async function callTo(
  server: Pick<Server, 'listen' | 'address' | 'close'> & NodeJS.EventEmitter,
  options: { connectTimeoutMs: number },
) {
  server.on('connection', (socket: { destroy(): void }) => ends.push(() => socket.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createGrpcChannel(parsePredictorAddress(`grpc://127.0.0.1:${port}`), {
    ...options,
    maxAnswerBytes: 1000,
  });
  ends.push(
    () => client.close(),
    () => server.close(),
  );
  return (remainingMs: () => number) => {
    const call = { signal: new AbortController().signal, remainingMs, headers: {}, subject: 'its readiness' };
    return serviceErrorOf(client.call(loadInferenceService().ServerReady, {}, call));
  };
}

afterEach(() => ends.splice(0).forEach((end) => end()));

describe('createGrpcChannel()', () => {
  it('gives a connection up that is not made within its limit, long before the call ends', async () => {
    const call = await callTo(createServer(), { connectTimeoutMs: 100 });
    const error = await call(() => 60_000);
    expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor cannot be reached' });
  });

  it('tells the server what is left of the time when the call is made, not before the connection is', async () => {
    const events: string[] = [];
    const server = createHttp2Server();
    server.on('session', () => events.push('connected'));
    server.on('stream', (stream, headers) => {
      events.push(`called with ${headers['grpc-timeout'] === undefined ? 'no limit' : 'a limit'}`);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' }, { endStream: true });
    });
    const call = await callTo(server, { connectTimeoutMs: 5000 });
    await call(() => {
      events.push('asked for the time');
      return 60_000;
    });
    expect(events).toEqual(['connected', 'asked for the time', 'called with a limit']);
  });
});

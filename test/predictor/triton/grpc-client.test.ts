import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { parsePredictorAddress } from '../../../src/predictor/triton/address.js';
import { createGrpcClient } from '../../../src/predictor/triton/grpc-client.js';
import { loadInferenceService } from '../../../src/predictor/triton/grpc-service.js';
import { serviceErrorOf } from '../../helpers/service-error-of.js';

describe('createGrpcClient()', () => {
  it('gives a connection up that is not made within its limit, long before the call ends', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const client = createGrpcClient(parsePredictorAddress(`grpc://127.0.0.1:${port}`), { connectTimeoutMs: 100 });
    const options = {
      signal: new AbortController().signal,
      remainingMs: 60_000,
      headers: {},
      subject: 'its readiness',
    };
    const error = await serviceErrorOf(client.call(loadInferenceService().ServerReady, {}, options));
    expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor cannot be reached' });
    client.close();
    sockets.forEach((socket) => socket.destroy());
    silent.close();
  });
});

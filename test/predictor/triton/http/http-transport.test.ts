import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parsePredictorAddress } from '../../../../src/predictor/triton/address.js';
import { createHttpTransport } from '../../../../src/predictor/triton/http/http-transport.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** The metadata of a model from a server that reads at most 1000 bytes of an answer. */
async function modelInfoFrom(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = parsePredictorAddress(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const transport = createHttpTransport(address, { concurrency: 1, connectTimeoutMs: 5000, maxAnswerBytes: 1000 });
  stops.push(async () => {
    await transport.close();
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  });
  return transport.modelInfo('faces', { signal: new AbortController().signal, remainingMs: () => 60_000, headers: {} });
}

describe('createHttpTransport()', () => {
  const tooLarge = {
    code: 'upstream_error',
    message: "The predictor's answer for model faces is not valid: it is larger than an answer may be",
  };

  it('refuses an answer by the length that it announces, before any of it has come', async () => {
    const info = modelInfoFrom((_, response) => response.writeHead(200, { 'content-length': 1001 }).flushHeaders());
    expect(await serviceErrorOf(info)).toMatchObject(tooLarge);
  });

  it('refuses an answer that announces no length, while it is read', async () => {
    const info = modelInfoFrom((_, response) => {
      const more = () => {
        if (!response.destroyed) response.write('x'.repeat(100), () => setImmediate(more));
      };
      more();
    });
    expect(await serviceErrorOf(info)).toMatchObject(tooLarge);
  });

  it('reads an answer up to its limit', async () => {
    const json = JSON.stringify({ name: 'faces', inputs: [], outputs: [] });
    const info = await modelInfoFrom((_, response) => response.end(json.padEnd(1000)));
    expect(info.name).toBe('faces');
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parsePredictorAddress } from '../../src/predictor/triton/address.js';
import type { ConnectOptions, TlsOptions } from '../../src/predictor/triton/connect-options.js';
import { createGrpcTransport } from '../../src/predictor/triton/grpc/grpc-transport.js';
import type { TritonTransport } from '../../src/predictor/triton/transport.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { type OwnTriton, startOwnTriton, tritonAddress } from './real-triton.js';

const BATCH = 8;
const SUM = Float32Array.from({ length: BATCH * 4 }, (_, index) => index / 7);

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function transportTo(address: string, options: Partial<ConnectOptions> = {}): TritonTransport {
  const bounds = { concurrency: 16, connectTimeoutMs: 5000, maxAnswerBytes: Infinity };
  const transport = createGrpcTransport(parsePredictorAddress(address), { ...bounds, ...options });
  ends.push(() => transport.close());
  return transport;
}

/** Has a model answer with what it gets. */
async function echoed(transport: TritonTransport, model: string, data: Float32Array) {
  const shape = model === 'two_outputs' ? [data.length / 4, 4] : [data.length];
  const { signal } = new AbortController();
  const call = { signal, remainingMs: () => 20_000, headers: {} };
  const name = model === 'two_outputs' ? 'input' : 'INPUT0';
  const { outputs } = await transport.infer({ model, inputs: { [name]: { datatype: 'FP32', shape, data } } }, call);
  return outputs;
}

describe('gRPC to a real Triton', () => {
  it.each(['none', 'gzip', 'deflate'] as const)('carries 4.8 MB both ways packed as %s', async (compression) => {
    const transport = transportTo(`grpc://${tritonAddress('grpc')}`, { compression });
    const data = Float32Array.from({ length: 1_200_000 }, (_, index) => index % 1000);
    const output = (await echoed(transport, 'copy', data)).get('OUTPUT0')?.data as Float32Array;
    expect(Buffer.from(output.buffer, output.byteOffset, output.byteLength).equals(Buffer.from(data.buffer))).toBe(
      true,
    );
  });

  it('answers calls over several connections, each its own', async () => {
    const transport = transportTo(`grpc://${tritonAddress('grpc')}`, { channels: 3 });
    const calls = Array.from({ length: 200 }, async (_, index) => {
      const output = (await echoed(transport, 'copy', Float32Array.of(index))).get('OUTPUT0');
      expect([...(output?.data ?? [])]).toEqual([index]);
    });
    await Promise.all(calls);
  });

  it('refuses an answer over the limit and goes on', async () => {
    const transport = transportTo(`grpc://${tritonAddress('grpc')}`, { maxAnswerBytes: 1000 });
    const error = await serviceErrorOf(echoed(transport, 'copy', new Float32Array(1000)));
    expect(error.message).toBe(
      "The predictor's answer for model copy is not valid: it is larger than an answer may be",
    );
    expect((await echoed(transport, 'copy', new Float32Array(10))).get('OUTPUT0')?.shape).toEqual([10]);
  });
});

describe('gRPC in mutual TLS to a real Triton that packs its answers', () => {
  let triton: OwnTriton;
  let address: string;
  const pem = (name: string) => path.resolve(`test/fixtures/tls/${name}.pem`);
  const tls: TlsOptions = {
    ca: readFileSync(pem('ca')),
    cert: readFileSync(pem('client')),
    key: readFileSync(pem('client-key')),
    serverName: 'triton.test',
  };

  beforeAll(async () => {
    const certificates = [`server-cert=${pem('server')}`, `server-key=${pem('server-key')}`, `root-cert=${pem('ca')}`];
    const args = ['use-ssl=true', 'use-ssl-mutual=true', ...certificates, 'infer-response-compression-level=high'];
    triton = await startOwnTriton({ args: args.map((arg) => `--grpc-${arg}`) });
    address = `grpcs://${triton.address('grpc')}`;
  });
  afterAll(() => triton.close());

  it.each(['none', 'gzip', 'deflate'] as const)('answers a request packed as %s', async (compression) => {
    const transport = transportTo(address, { tls, compression, acceptsCompressed: true });
    const outputs = await echoed(transport, 'two_outputs', SUM);
    expect([...outputs.keys()]).toEqual(['sum', 'product']);
    expect(outputs.get('sum')?.shape).toEqual([BATCH, 4]);
    const plain = await echoed(transportTo(address, { tls }), 'two_outputs', SUM);
    expect(outputs).toEqual(plain);
  });

  it('refuses a client without a certificate', async () => {
    const transport = transportTo(address, {
      tls: { ...(tls.ca !== undefined && { ca: tls.ca }), serverName: 'triton.test' },
    });
    const error = await serviceErrorOf(echoed(transport, 'two_outputs', SUM));
    expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor cannot be reached' });
  });

  it('is not trusted by a client with other authorities', async () => {
    const error = await serviceErrorOf(echoed(transportTo(address), 'two_outputs', SUM));
    expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor cannot be reached' });
  });
});

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Compression } from '../../src/predictor/triton/connect-options.js';
import { createHttpConnection } from '../../src/predictor/triton/http/http-connection.js';
import { createHttpInference } from '../../src/predictor/triton/http/http-inference.js';
import { float32Tensor } from '../../src/tensor.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { tritonAddress } from './real-triton.js';

/** This build of Triton ends on bodies above 4 MB over HTTP. */
const LARGE = 970_000;

/** Counts what goes through on its way to Triton, and back. */
async function countingProxy() {
  const [host = '', port = ''] = tritonAddress('http').split(':');
  const bytes = { sent: 0, received: 0 };
  const proxy = createServer((client) => {
    const triton = connect(Number(port), host);
    client.on('data', (data) => (bytes.sent += data.length)).on('error', () => triton.destroy());
    triton.on('data', (data) => (bytes.received += data.length)).on('error', () => client.destroy());
    client.pipe(triton).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return { bytes, port: (proxy.address() as AddressInfo).port, close: () => proxy.close() };
}

describe('Packed bodies between a real Triton and a connection over HTTP', () => {
  const PACKED = [
    ['gzip', true],
    ['deflate', true],
    ['gzip', false],
    ['none', true],
    ['none', false],
  ] as const satisfies (readonly [Compression, boolean])[];

  it.each(PACKED)('bring requests as %s and answers packed (%s) there and back', async (compression, packs) => {
    const proxy = await countingProxy();
    const connection = createHttpConnection(`http://127.0.0.1:${proxy.port}`, {
      concurrency: 4,
      connectTimeoutMs: 5000,
      maxAnswerBytes: Infinity,
      compression,
      acceptsCompressed: packs,
    });
    const { infer } = createHttpInference(connection);
    const call = { signal: AbortSignal.timeout(20_000), remainingMs: () => 20_000, headers: {} };
    try {
      for (const count of [0, 1, 1000, LARGE]) {
        const sent = Float32Array.from({ length: count }, (_, index) => index % 100);
        const inputs = { INPUT0: float32Tensor([count], sent) };
        const { outputs } = await infer({ model: 'copy', inputs }, call);
        const received = outputs.get('OUTPUT0')?.data as Float32Array;
        expect(received).toHaveLength(count);
        expect(received.every((value, index) => value === sent[index])).toBe(true);
      }
      expect(proxy.bytes.sent < LARGE).toBe(compression !== 'none');
      expect(proxy.bytes.received < LARGE).toBe(packs);

      const inputs = { UNKNOWN: float32Tensor([1], new Float32Array(1)) };
      const error = await serviceErrorOf(infer({ model: 'copy', inputs }, call));
      expect(error).toMatchObject({ code: 'upstream_error', upstream: { httpStatus: 400 } });
      expect(error.message).toContain('UNKNOWN');
    } finally {
      await connection.close();
      proxy.close();
    }
  });
});

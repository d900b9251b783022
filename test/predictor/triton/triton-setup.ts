import { parsePredictorAddress } from '../../../src/predictor/triton/address.js';
import type { NetworkPredictorOptions } from '../../../src/predictor/network-predictor.js';
import { createTritonPredictor } from '../../../src/predictor/triton/triton-predictor.js';
import { type FakeTriton, startFakeTriton } from '../../helpers/fake-triton.js';
import { CONTRACT_CONCURRENCY } from '../contract.js';

export const PROTOCOLS = ['http', 'grpc'] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/** A log that keeps its messages. */
export function recordingLogger() {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (_: unknown, message = '') =>
      void lines.push(`${level}: ${message}`);
  return { lines, logger: { info: keep('info'), warn: keep('warn') } };
}

/** A predictor that calls the fake over one of its protocols. */
function predictorFor(fake: FakeTriton, protocol: Protocol, options: Partial<NetworkPredictorOptions> = {}) {
  const address = parsePredictorAddress(protocol === 'http' ? fake.httpAddress : fake.grpcAddress);
  const { logger } = recordingLogger();
  return createTritonPredictor(address, {
    concurrency: CONTRACT_CONCURRENCY,
    requestTimeoutMs: 20_000,
    logger,
    ...options,
  });
}

/** A fake Triton and a predictor that calls it. */
export async function startTriton(
  protocol: Protocol,
  options: Partial<NetworkPredictorOptions> & Parameters<typeof startFakeTriton>[0] = {},
) {
  const fake = await startFakeTriton(options);
  const predictor = await Promise.resolve()
    .then(() => predictorFor(fake, protocol, options))
    .catch(async (error: unknown) => {
      await fake.close();
      throw error;
    });
  const stop = async () => {
    await predictor.close();
    await fake.close();
  };
  return { fake, predictor, stop };
}

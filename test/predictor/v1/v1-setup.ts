import type { NetworkPredictorOptions } from '../../../src/predictor/network-predictor.js';
import { parseV1Address } from '../../../src/predictor/v1/v1-address.js';
import { createV1Predictor } from '../../../src/predictor/v1/v1-predictor.js';
import { startFakeV1 } from '../../helpers/fake-v1-server.js';
import { CONTRACT_CONCURRENCY } from '../contract.js';
import { recordingLogger } from '../triton/triton-setup.js';

/** A fake server of V1 and a predictor that calls it. */
export async function startV1(options: Partial<NetworkPredictorOptions> = {}) {
  const fake = await startFakeV1();
  const { logger } = recordingLogger();
  const bounds = { concurrency: CONTRACT_CONCURRENCY, requestTimeoutMs: 20_000, logger };
  const predictor = createV1Predictor(parseV1Address(fake.address), { ...bounds, ...options });
  const stop = async () => {
    await predictor.close();
    await fake.close();
  };
  return { fake, predictor, stop };
}

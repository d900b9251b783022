import type { Logger } from '../observability/logger.js';
import type { NetworkPredictorOptions } from './network-predictor.js';
import type { Predictor } from './predictor.js';
import { parsePredictorAddress } from './triton/address.js';

/** What any kind of predictor needs. */
export interface PredictorOptions extends NetworkPredictorOptions {
  /** By the address when undefined; V1 only when it is asked for. */
  readonly protocol: 'v1' | 'v2' | 'grpc-v2' | undefined;
  /** Folder of the embedded predictor's models. */
  readonly repository: string;
  /** Threads of one embedded call. */
  readonly threads: number;
  readonly logger: Logger;
}

/**
 * Makes the predictor that `--predictor_host` names: `embedded`, or a server at an address, which is not contacted yet.
 * The code of the other kinds is not loaded.
 * @throws ServiceError when the address cannot be read, an option is wrong, or the embedded runtime is not there
 */
export async function createPredictor(host: string, options: PredictorOptions): Promise<Predictor> {
  const { protocol } = options;
  if (host === 'embedded') {
    const { createEmbeddedPredictor } = await import('./embedded/embedded-predictor.js');
    return createEmbeddedPredictor(options);
  }
  if (protocol === 'v1') {
    const [{ createV1Predictor }, { parseV1Address }] = await Promise.all([
      import('./v1/v1-predictor.js'),
      import('./v1/v1-address.js'),
    ]);
    return createV1Predictor(parseV1Address(host), options);
  }
  const { createTritonPredictor } = await import('./triton/triton-predictor.js');
  return createTritonPredictor(parsePredictorAddress(host, protocol), options);
}

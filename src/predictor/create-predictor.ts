import type { Logger } from '../observability/logger.js';
import { createEmbeddedPredictor } from './embedded/embedded-predictor.js';
import type { Predictor } from './predictor.js';
import { parsePredictorAddress } from './triton/address.js';
import { createTritonPredictor } from './triton/triton-predictor.js';

/** What either kind of predictor needs. */
export interface PredictorOptions {
  readonly protocol: 'v2' | 'grpc-v2' | undefined;
  /** Folder of the embedded predictor's models. */
  readonly repository: string;
  /** Threads of one embedded call. */
  readonly threads: number;
  /** Calls in flight at once. */
  readonly concurrency: number;
  readonly requestTimeoutMs: number;
  readonly logger: Logger;
}

/**
 * Makes the predictor that `--predictor_host` names: `embedded`, or Triton at an address. Triton is not contacted yet.
 * @throws ServiceError when the address cannot be read or the embedded runtime is not there
 */
export async function createPredictor(host: string, options: PredictorOptions): Promise<Predictor> {
  if (host === 'embedded') return createEmbeddedPredictor(options);
  return createTritonPredictor(parsePredictorAddress(host, options.protocol), options);
}

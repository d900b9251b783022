import type { Predictor } from '../predictor.js';
import type { PredictorAddress } from './address.js';
import { createGrpcTransport } from './grpc-transport.js';
import { createHttpTransport } from './http-transport.js';
import { createPredictorOver, type PredictorBounds } from './predictor-over.js';

/** Long enough for a name look-up and a lost packet, short next to any call's limit. */
const CONNECT_TIMEOUT_MS = 5000;

/** How to call a Triton server. */
export interface TritonPredictorOptions extends PredictorBounds {
  /** How long a connection may take to be made, in milliseconds; 5000 by default. */
  readonly connectTimeoutMs?: number;
}

/** A Triton server, or another that speaks the Open Inference Protocol; it is connected to at the first call. */
export function createTritonPredictor(address: PredictorAddress, options: TritonPredictorOptions): Predictor {
  const { concurrency, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const createTransport = address.protocol === 'v2' ? createHttpTransport : createGrpcTransport;
  return createPredictorOver(createTransport(address, { concurrency, connectTimeoutMs }), options);
}

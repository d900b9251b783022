import type { Predictor } from '../predictor.js';
import type { PredictorAddress } from './address.js';
import { createGrpcTransport } from './grpc/grpc-transport.js';
import { createHttpTransport } from './http/http-transport.js';
import { createPredictorOver, type PredictorBounds } from './predictor-over.js';

/** Long enough for a name look-up and a lost packet, short next to any call's limit. */
const CONNECT_TIMEOUT_MS = 5000;

/**
 * Eight times the largest call that is made by default (`--predictor_max_body_bytes`), and as much as V8 takes as one
 * string where an answer is JSON; little enough that a server which never stops does not take all memory.
 */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** How to call a Triton server. */
export interface TritonPredictorOptions extends PredictorBounds {
  /** How long a connection may take to be made, in milliseconds; 5000 by default. */
  readonly connectTimeoutMs?: number;
  /** The largest answer that is read, in bytes; 512 MiB by default. */
  readonly maxAnswerBytes?: number;
}

/** A Triton server, or another that speaks the Open Inference Protocol; it is connected to at the first call. */
export function createTritonPredictor(address: PredictorAddress, options: TritonPredictorOptions): Predictor {
  const { concurrency, connectTimeoutMs = CONNECT_TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = options;
  const createTransport = address.protocol === 'v2' ? createHttpTransport : createGrpcTransport;
  return createPredictorOver(createTransport(address, { concurrency, connectTimeoutMs, maxAnswerBytes }), options);
}

import type { CallOptions, Predictor } from '../predictor.js';
import type { PredictorAddress } from './address.js';
import type { ClientLogger } from './client-options.js';
import { createTritonClient } from './create-triton-client.js';

/**
 * Eight times the largest call that is made by default (`--predictor_max_body_bytes`), and as much as V8 takes as one
 * string where an answer is JSON; little enough that a server which never stops does not take all memory.
 */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** How to call a Triton server. */
export interface TritonPredictorOptions {
  /** How many inference calls may be under way at once; further ones wait in order, however many. */
  readonly concurrency: number;
  /** The time limit of one call in milliseconds, its waiting included. */
  readonly requestTimeoutMs: number;
  /** How long a connection may take to be made, in milliseconds; the client's own limit when absent. */
  readonly connectTimeoutMs?: number;
  /** The largest answer that is read, in bytes; 512 MiB by default. */
  readonly maxAnswerBytes?: number;
  readonly logger: ClientLogger;
}

/**
 * A Triton server, or another that speaks the Open Inference Protocol, as a predictor. Requests go as they are: how many
 * may wait is bounded where they come in, and the server knows best what its models take.
 */
export function createTritonPredictor(address: PredictorAddress, options: TritonPredictorOptions): Predictor {
  const { concurrency, requestTimeoutMs, connectTimeoutMs, maxAnswerBytes = MAX_ANSWER_BYTES, logger } = options;
  const client = createTritonClient(address, {
    concurrency,
    maxQueue: Infinity,
    timeoutMs: requestTimeoutMs,
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    maxAnswerBytes,
    logger,
    checksRequests: false,
  });
  return {
    address: client.address,
    infer: (request, call) => client.infer(request, call),
    modelInfo: (model, call) => client.modelInfo(model, call),
    isModelReady: (model, call) => isTrue(client.isModelReady(model, call), call),
    isServerReady: (call) => isTrue(client.isServerReady(call), call),
    close: () => client.close(),
  };
}

/** Whatever keeps the predictor from saying that it is ready, it is not; unless the caller did not wait for it. */
async function isTrue(answer: Promise<boolean>, call: CallOptions | undefined): Promise<boolean> {
  try {
    return await answer;
  } catch (error) {
    if (call?.signal?.aborted === true) throw error;
    return false;
  }
}

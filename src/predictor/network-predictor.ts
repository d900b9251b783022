import type { CallOptions } from './predictor.js';
import type { ClientLogger, TritonClientOptions } from './triton/client-options.js';
import type { TlsOptions } from './triton/connect-options.js';
import type { TritonCallOptions } from './triton/triton-client.js';

/**
 * Eight times the largest call that is made by default (`--predictor_max_body_bytes`), and as much as V8 takes as one
 * string where an answer is JSON; little enough that a server which never stops does not take all memory.
 */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;

/** How to call a predictor on the network, whatever its protocol. */
export interface NetworkPredictorOptions {
  /** How many inference calls may be under way at once; further ones wait in order, however many. */
  readonly concurrency: number;
  /** The time limit of one call in milliseconds, its waiting and its retries included. */
  readonly requestTimeoutMs: number;
  /** How often a call is sent again that certainly was not answered in any part, from 0 to 4; 0 by default. */
  readonly retries?: number;
  /** How long a connection may take to be made, in milliseconds; the client's own limit when absent. */
  readonly connectTimeoutMs?: number;
  /** The largest answer that is read, in bytes; 512 MiB by default. */
  readonly maxAnswerBytes?: number;
  /** Only with an address of TLS. */
  readonly tls?: TlsOptions;
  readonly logger: ClientLogger;
}

/**
 * The options of a client that makes a predictor's calls. Requests go as they are, and so do the headers of a call: how
 * many may wait and which headers are forwarded is decided where they come in, and the server knows best what its models
 * take.
 */
export function toClientOptions(options: NetworkPredictorOptions): TritonClientOptions {
  const { concurrency, requestTimeoutMs, retries = 0, connectTimeoutMs, tls, logger } = options;
  return {
    concurrency,
    maxQueue: Infinity,
    timeoutMs: requestTimeoutMs,
    maxAnswerBytes: options.maxAnswerBytes ?? MAX_ANSWER_BYTES,
    forwardHeaders: 'all',
    logger,
    checksRequests: false,
    ...(retries > 0 && { retries: { attempts: retries + 1 } }),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(tls !== undefined && { tls }),
  };
}

/** What a client takes of a call's options. */
export function toCallOptions({ signal, headers, onResponseHeaders }: CallOptions = {}): TritonCallOptions {
  return {
    ...(signal !== undefined && { signal }),
    ...(headers !== undefined && { headers }),
    ...(onResponseHeaders !== undefined && { onResponseHeaders }),
  };
}

/** Whatever keeps a predictor from saying that it is ready, it is not; unless the caller did not wait for it. */
export async function isTrue(answer: Promise<boolean>, call: CallOptions | undefined): Promise<boolean> {
  try {
    return await answer;
  } catch (error) {
    if (call?.signal?.aborted === true) throw error;
    return false;
  }
}

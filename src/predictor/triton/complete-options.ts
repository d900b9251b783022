import { FORWARDED_HEADERS } from './calls/call-headers.js';
import { assertClientOptions } from './check-options.js';
import type { CompleteClientOptions, RetryOptions, TritonClientOptions } from './client-options.js';

const CONCURRENCY = 64;

/**
 * Sixteen times the places: at 10 ms a call the last of the queue waits for 160 ms. What waits holds its tensors, and is
 * the likelier to be of no more use the longer it waits; whoever is refused at once can do something else.
 */
const MAX_QUEUE = 1024;

/** That of Triton's own HTTP client (tritonclient.http, `network_timeout`). */
const TIMEOUT_MS = 60_000;

/** Long enough for a name look-up and a lost packet, short next to any call's limit. */
const CONNECT_TIMEOUT_MS = 5000;

/**
 * Checks the options and puts in the defaults.
 * @throws ServiceError `invalid_argument` as assertClientOptions
 */
export function completeOptions(options: TritonClientOptions): CompleteClientOptions {
  assertClientOptions(options);
  const {
    concurrency = CONCURRENCY,
    maxQueue = MAX_QUEUE,
    timeoutMs = TIMEOUT_MS,
    connectTimeoutMs = CONNECT_TIMEOUT_MS,
    maxAnswerBytes = Infinity,
    headers = {},
    forwardHeaders = FORWARDED_HEADERS,
    checksRequests = true,
    ...rest
  } = options;
  const bounds = { concurrency, maxQueue, timeoutMs, connectTimeoutMs, maxAnswerBytes };
  const { auth, logger, retries } = options;
  return {
    ...rest,
    ...bounds,
    headers,
    forwardHeaders,
    checksRequests,
    auth,
    logger,
    retries: retries && completeRetries(retries),
  };
}

function completeRetries({
  attempts = 3,
  baseDelayMs = 50,
  maxDelayMs = 1000,
  budgetRatio = 0.1,
}: RetryOptions): Required<RetryOptions> {
  return { attempts, baseDelayMs, maxDelayMs, budgetRatio };
}

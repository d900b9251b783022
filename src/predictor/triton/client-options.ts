import type { Auth } from './calls/authorization.js';
import type { ConnectOptions } from './connect-options.js';

/** Takes what is to be logged; pino's loggers do. */
export interface ClientLogger {
  /** Takes what is as it should be: the server is back. */
  info(fields: object, message: string): void;
  /** Takes what somebody should look into: the server is lost. */
  warn(fields: object, message: string): void;
}

/**
 * How calls are retried that certainly were not answered in any part: the connection was refused or broke before the
 * first byte of the answer, or the server said UNAVAILABLE. Where it broke the server may have begun to work on the call.
 */
export interface RetryOptions {
  /** How many attempts a call has, the first one included; 3 by default, from 2 to 5. */
  readonly attempts?: number;
  /** Up to how long the first retry is waited for, in milliseconds; twice as long for each further one. 50 by default. */
  readonly baseDelayMs?: number;
  /** The most that any retry is waited for, in milliseconds; 1000 by default. */
  readonly maxDelayMs?: number;
  /** How many retries there may be for each call, beyond a reserve of 100; 0.1 by default, from 0 to 1. */
  readonly budgetRatio?: number;
}

/** How to call a Triton server; everything has a default. */
export interface TritonClientOptions extends Partial<ConnectOptions> {
  /** How many inference calls may be under way at once; further ones wait in order. 64 by default. */
  readonly concurrency?: number;
  /** How many inference calls may wait; one more is refused with `resource_exhausted`. 1024 by default; may be Infinity. */
  readonly maxQueue?: number;
  /** The time limit of a call in milliseconds from its beginning: checks, waiting and retries included. 60,000 by default. */
  readonly timeoutMs?: number;
  /** How long a connection may take to be made, in milliseconds; 5000 by default. */
  readonly connectTimeoutMs?: number;
  /** The largest answer that is read, in bytes; one that is larger is an `upstream_error`. Infinity by default. */
  readonly maxAnswerBytes?: number;
  /** Sent with every call, as HTTP headers or gRPC metadata: `{ 'triton-grpc-protocol-infer-key': '…' }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `authorization`, unless the call brings one of its own that is forwarded. */
  readonly auth?: Auth;
  /**
   * Which of a call's own headers are sent; by default `x-request-id`, `x-b3-traceid`, `authorization`, `traceparent`
   * and `tracestate`. `'all'` sends every one, but for those of the connection and of the protocols.
   */
  readonly forwardHeaders?: readonly string[] | 'all';
  /** None when absent. */
  readonly retries?: RetryOptions;
  /** Is told when the server is lost and when it is back. */
  readonly logger?: ClientLogger;
  /** Whether requests are checked against what their model takes before they are sent; true by default. */
  readonly checksRequests?: boolean;
}

/** Options with the defaults put in. */
export interface CompleteClientOptions extends ConnectOptions {
  readonly maxQueue: number;
  readonly timeoutMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth: Auth | undefined;
  readonly forwardHeaders: readonly string[] | 'all';
  readonly retries: Required<RetryOptions> | undefined;
  readonly logger: ClientLogger | undefined;
  readonly checksRequests: boolean;
}

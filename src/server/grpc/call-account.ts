import { setMaxListeners } from 'node:events';
import { Metadata, type ServerInterceptingCall, status as Status } from '@grpc/grpc-js';
import { grpcStatusName, ServiceError } from '../../errors.js';
import { type CallState, createCallState, type RequestTracing } from '../call-state.js';
import type { HeaderForwarding } from '../header-forwarding.js';
import { type CallJournal, logCall } from '../log-call.js';
import { statusMessage, toStatus } from './call-status.js';
import { headersOf, remainingMs, setAnswerMetadata } from './call-metadata.js';
import { isProbe, MODEL_INFER } from './rpc-names.js';

/** A status as interceptors see it. */
export type CallStatus = Parameters<ServerInterceptingCall['sendStatus']>[0];

/** What accounts are kept with. */
export interface AccountOptions {
  readonly journal: CallJournal;
  readonly forwarding: HeaderForwarding;
  readonly tracing: RequestTracing;
  /** The largest message that is read; grpc-js itself refuses what is larger. */
  readonly maxReceiveBytes: number;
}

/** What grpc-js itself says of a call (stream-decoder.ts, server-interceptors.ts), and what is said instead. */
const LIBRARY_ERRORS: readonly {
  readonly code: Status;
  readonly words: RegExp;
  readonly toError: (options: AccountOptions) => ServiceError;
}[] = [
  {
    code: Status.RESOURCE_EXHAUSTED,
    words: /^Received message (?:larger than max|that decompresses to a size larger)/,
    toError: ({ maxReceiveBytes }) => {
      const limit = `the limit of ${maxReceiveBytes} bytes (--grpc_max_receive_message_length)`;
      return new ServiceError('payload_too_large', `The message is larger than ${limit}`);
    },
  },
  {
    code: Status.DEADLINE_EXCEEDED,
    words: /^Deadline exceeded$/,
    toError: () => new ServiceError('deadline_exceeded', 'The call took longer than its client waits (grpc-timeout)'),
  },
];

/** The account of one call, from its metadata to its end. */
export class CallAccount {
  readonly state: CallState;
  readonly #rpc: string;
  readonly #options: AccountOptions;
  readonly #startedAt = performance.now();
  readonly #client = new AbortController();
  #status: Status | undefined;
  #isHeadSent = false;
  #resolveEnded: () => void = () => undefined;

  /** @param call.deadline when the client stops waiting; Infinity when it does not say */
  constructor(
    rpc: string,
    call: { readonly metadata: Metadata; readonly deadline: Date | number },
    options: AccountOptions,
  ) {
    this.#rpc = rpc;
    this.#options = options;
    // Each request of a stream listens; Node takes more than 10 for a leak.
    setMaxListeners(0, this.#client.signal);
    this.state = createCallState({
      ...options,
      headers: headersOf(call.metadata),
      signal: this.#client.signal,
      ended: new Promise((resolve) => {
        this.#resolveEnded = resolve;
      }),
      timeoutMs: remainingMs(call.deadline),
    });
  }

  /** The metadata that the answer begins with. */
  head(metadata: Metadata): Metadata {
    this.#isHeadSent = true;
    setAnswerMetadata(metadata, this.state);
    return metadata;
  }

  /** A handler's status as it is sent; the first one counts. */
  completed(status: CallStatus): CallStatus {
    this.#status ??= status.code;
    const metadata = status.metadata ?? new Metadata();
    if (!this.#isHeadSent) setAnswerMetadata(metadata, this.state);
    return { ...status, details: statusMessage(status.details), metadata };
  }

  /** The status of a call that is refused. */
  refused(error: ServiceError): CallStatus {
    this.state.error = error;
    return this.completed(toStatus(error, this.state.requestId));
  }

  /** The status that stands for one of grpc-js's own. */
  fromLibrary(status: CallStatus): CallStatus {
    const known = LIBRARY_ERRORS.find(({ code, words }) => code === status.code && words.test(status.details));
    return known === undefined ? this.completed(status) : this.refused(known.toError(this.#options));
  }

  /** To be called once: the answer is complete, or the client is gone. */
  end(): void {
    const { state } = this;
    const status = this.#status ?? Status.CANCELLED;
    if (status !== Status.OK) this.#client.abort(state.error ?? new ServiceError('cancelled', 'The client left'));
    // Refused before anybody saw which model it is for.
    if (this.#rpc === MODEL_INFER && state.protocol === undefined) {
      state.begin({ protocol: 'grpc', modelName: '', name: this.#rpc });
    }
    logCall(this.#options.journal, {
      state,
      what: { rpc: this.#rpc },
      status: grpcStatusName(status),
      ms: performance.now() - this.#startedAt,
      isProbe: isProbe(this.#rpc),
    });
    this.#resolveEnded();
  }
}

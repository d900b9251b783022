import { type Metadata, type ServerInterceptor, ServerInterceptingCall } from '@grpc/grpc-js';
import { ServiceError, toServiceError } from '../../errors.js';
import type { CallState } from '../call-state.js';
import { type AccountOptions, CallAccount, type CallStatus } from './call-account.js';
import { isProbe, MODEL_STREAM_INFER } from './rpc-names.js';

/** How the calls of a server are watched over. */
export interface CallAccountsOptions extends AccountOptions {
  /** How long the request of a call may take to arrive; streams of requests have no such limit. */
  readonly receiveTimeoutMs: number;
  /** Absent where everybody may call. @throws ServiceError `unauthenticated` */
  readonly assertAuthorized?: ((authorization: string | undefined) => void) | undefined;
}

/** The accounts of all calls of a server. */
export interface CallAccounts {
  /** Gives each call its state, refuses those that may not call, and tells log and metrics of each that has ended. */
  readonly interceptor: ServerInterceptor;
  /** How many calls have not ended. */
  readonly underWay: number;
  /** Ends the streams that only their clients would end: those of health and of reflection. */
  endWatches(): void;
}

/** A call that has not ended. */
interface OpenCall {
  readonly isWatch: boolean;
  refuse(error: ServiceError): void;
}

const STATES = new WeakMap<Metadata, CallState>();

/** The state that the interceptor gave a call, by the metadata that the call's handler sees. */
export function callState(metadata: Metadata): CallState {
  const state = STATES.get(metadata);
  if (state === undefined) throw new Error('the interceptor of the accounts is missing');
  return state;
}

/** Makes the accounts of one server. */
export function createCallAccounts(options: CallAccountsOptions): CallAccounts {
  const { receiveTimeoutMs, assertAuthorized } = options;
  const open = new Set<OpenCall>();

  const interceptor: ServerInterceptor = (method, call) => {
    const rpc = method.path.slice(1);
    let account: CallAccount | undefined;
    let passed: CallStatus | undefined;
    let receiving: NodeJS.Timeout | undefined;
    let onEnd: () => void = () => undefined;

    // grpc-js sends statuses of its own (messages over the limit, deadlines) past all interceptors, by this method of
    // the innermost call: so the account sees them, and they get our words.
    const sendStatus = call.sendStatus.bind(call);
    call.sendStatus = (status) => {
      sendStatus(status === passed || account === undefined ? status : account.fromLibrary(status));
    };

    const begin = (metadata: Metadata): CallAccount => {
      const begun = new CallAccount(rpc, { metadata, deadline: call.getDeadline() }, options);
      STATES.set(metadata, begun.state);
      const openCall: OpenCall = {
        isWatch: method.responseStream && rpc !== MODEL_STREAM_INFER,
        refuse: (error) => sendStatus(begun.refused(error)),
      };
      open.add(openCall);
      onEnd = () => {
        clearTimeout(receiving);
        open.delete(openCall);
        begun.end();
      };
      if (!method.requestStream) {
        receiving = setTimeout(() => openCall.refuse(tooSlow(receiveTimeoutMs)), receiveTimeoutMs);
      }
      return begun;
    };

    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, nextMetadata) => {
            account = begin(metadata);
            try {
              if (!isProbe(rpc)) assertAuthorized?.(authorizationOf(metadata));
            } catch (thrown) {
              sendStatus(account.refused(toServiceError(thrown)));
              return;
            }
            nextMetadata(metadata);
          },
          onReceiveHalfClose: (nextHalfClose) => {
            clearTimeout(receiving);
            nextHalfClose();
          },
          onCancel: () => onEnd(),
        });
      },
      sendMetadata: (metadata, next) => next(account?.head(metadata) ?? metadata),
      sendStatus: (status, next) => {
        const completed = account?.completed(status) ?? status;
        passed = completed;
        next(completed);
      },
    });
  };

  return {
    interceptor,
    get underWay() {
      return open.size;
    },
    endWatches: () => {
      for (const call of open) if (call.isWatch) call.refuse(new ServiceError('unavailable', 'The server is stopping'));
    },
  };
}

/** Of several values none counts: it is not said which one is meant. */
function authorizationOf(metadata: Metadata): string | undefined {
  const [value, ...others] = metadata.get('authorization');
  return others.length === 0 ? value?.toString() : undefined;
}

function tooSlow(receiveTimeoutMs: number): ServiceError {
  return new ServiceError('deadline_exceeded', `The request took longer than ${receiveTimeoutMs} ms to arrive`);
}

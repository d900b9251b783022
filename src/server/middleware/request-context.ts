import type { IncomingMessage, ServerResponse } from 'node:http';
import { excerpt, ServiceError } from '../../errors.js';
import { type CallState, createCallState, type RequestTracing } from '../call-state.js';
import type { HeaderForwarding } from '../header-forwarding.js';
import { pathOf } from '../path-of.js';
import { type CallJournal, logCall } from '../log-call.js';

/** nginx's "client closed request": logged, nobody is left to receive it. */
const CLIENT_LEFT = 499;

/** Longer than every path that there is, and far shorter than a client may make one. */
const MAX_LOGGED_PATH = 300;

/** Paths that are asked every few seconds by machines. */
const PROBE_PATHS = /^\/$|^\/metrics$|^\/v2\/health\/|^\/v[12]\/models\/[^/:]+(?:\/versions\/\d+)?(?:\/ready)?$/;

const STATES = new WeakMap<ServerResponse, CallState>();

/** The state that this request was given. */
export function requestState(response: ServerResponse): CallState {
  const state = STATES.get(response);
  if (state === undefined) throw new Error('the request was not opened');
  return state;
}

/** What the middleware works with. */
export interface RequestContextOptions {
  readonly journal: CallJournal;
  readonly forwarding: HeaderForwarding;
  readonly tracing: RequestTracing;
}

/** Gives each request its id (the client's `x-request-id` or a new one, echoed), its signal, and one line in the log. */
export function openRequests({ journal, forwarding, tracing }: RequestContextOptions) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '' } = request;
    const path = pathOf(request);
    const startedAt = performance.now();
    const client = new AbortController();
    const ended = untilEnded(request, response);
    const state = createCallState({ headers: request.headers, signal: client.signal, ended, forwarding, tracing });
    STATES.set(response, state);
    response.setHeader('x-request-id', state.requestId);
    void ended.then(() => {
      const isComplete = response.writableFinished;
      if (!isComplete) {
        const left = new ServiceError('cancelled', 'The client left');
        state.error ??= left;
        client.abort(left);
      }
      state.addBytes({ response: isComplete ? Number(response.getHeader('content-length') ?? 0) : 0 });
      logCall(journal, {
        state,
        what: { method, path: excerpt(path, MAX_LOGGED_PATH) },
        status: isComplete ? response.statusCode : CLIENT_LEFT,
        ms: performance.now() - startedAt,
        isProbe: method === 'GET' && PROBE_PATHS.test(path),
      });
    });
  };
}

/** A pipelined request's response never closes when the client leaves before its turn; then the socket does. */
function untilEnded(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { socket } = request;
  return new Promise((resolve) => {
    // Who ends its side in the midst of its body has left, though the connection stays half open; who has sent all of
    // it may wait for the answer.
    const onHalfClosed = () => {
      if (!request.complete) socket.destroy();
    };
    const end = () => {
      response.off('close', end);
      socket.off('close', end);
      socket.off('end', onHalfClosed);
      resolve();
    };
    response.on('close', end);
    socket.on('close', end);
    socket.on('end', onHalfClosed);
  });
}

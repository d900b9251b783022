import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import { type Dispatcher, Pool } from 'undici';
import { abortReason, untilAborted } from '../../../concurrency/deadline.js';
import type { ConnectOptions } from '../connect-options.js';
import { toNodeTls } from '../tls-options.js';
import type { TransportCall } from '../transport.js';
import { invalidAnswer } from '../upstream-error.js';
import { collectAnswer } from './collect-answer.js';
import { ACCEPTED_ENCODINGS, packBody, unpackBody } from './content-encoding.js';
import { headerOf, type HttpAnswer } from './http-answer.js';
import { fromConnectionError } from './http-errors.js';

/** Connections beyond those of inference, so that a probe of readiness does not wait for one. */
const SPARE_CONNECTIONS = 2;

/** Shorter than the 5 s after which common servers and proxies close an idle connection (Node's default is the least). */
const KEEP_ALIVE_MS = 4000;

/** Up to here it is quicker to join a body's pieces than to send them one by one, measured on a local Triton. */
const JOINED_BYTES = 64 * 1024;

/** One request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces that are sent one after the other; large ones are never copied. */
  readonly body?: readonly Uint8Array[];
  /** Whether the body and the answer may be packed as the options say; Triton does so for inference alone. */
  readonly isCompressible?: boolean;
}

/** A call, and what is asked in it, for messages: `model face_detect`. */
export type HttpCall = TransportCall & { readonly subject: string };

/** Requests over a bounded pool of connections that are kept alive. */
export interface HttpConnection {
  /** Sends a request and reads its answer to the end. */
  send(request: HttpRequest, call: HttpCall): Promise<HttpAnswer>;
  /**
   * Sends a request; its answer's body comes in pieces as they arrive, however many, and leaving the loop breaks the
   * call off. Neither is packed.
   */
  open(request: HttpRequest, call: HttpCall): Promise<HttpAnswer<AsyncIterable<Uint8Array>>>;
  /** Breaks every connection, and those that are being made; calls that are under way fail. */
  close(): Promise<void>;
}

/**
 * Makes a pool for `http(s)://host:port`. Connections are made as calls need them, each after a look-up of the host's
 * name of its own, so that a server that moved is found again.
 */
export function createHttpConnection(origin: string, options: ConnectOptions): HttpConnection {
  const { maxAnswerBytes } = options;
  const closing = new AbortController();
  // Every connection listens; Node takes more than 10 for a leak.
  setMaxListeners(0, closing.signal);
  const pool = new Pool(origin, {
    connections: options.concurrency + SPARE_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: options.connectTimeoutMs, signal: closing.signal, ...toNodeTls(options.tls) },
    // The whole call has its deadline; a model may be silent for as long as that.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  return {
    send: async (what, call) => {
      const { subject } = call;
      const request = what.isCompressible === true ? await compressed(what, call, options) : what;
      const answer = await collectAnswer(pool, toDispatch(request, call), { ...call, maxAnswerBytes });
      const encoding = headerOf(answer, 'content-encoding');
      if (encoding === undefined) return answer;
      const body = await unpackBody(answer.body, encoding, { maxBytes: maxAnswerBytes, subject });
      return { ...answer, body };
    },
    open: async (what, call) => {
      const { signal, subject } = call;
      try {
        const answer = await untilAborted(pool.request({ ...toDispatch(what, call), signal }), signal);
        const { statusCode, headers, body } = answer;
        const encoding = headerOf(answer, 'content-encoding');
        if (encoding !== undefined && encoding !== 'identity') {
          body.destroy();
          throw invalidAnswer(subject, `it is packed as ${encoding}, but was asked for as it is`);
        }
        return { status: statusCode, headers, body: piecesOf(body, call) };
      } catch (error) {
        throw fromConnectionError(error, subject, false);
      }
    },
    close: async () => {
      const destroyed = pool.destroy();
      closing.abort();
      await destroyed;
    },
  };
}

/** The request as it goes on the wire when it is packed, and packed answers are welcome, as the call or the options say. */
async function compressed(request: HttpRequest, call: HttpCall, options: ConnectOptions): Promise<HttpRequest> {
  const { compression = options.compression ?? 'none', signal } = call;
  const headers = {
    ...request.headers,
    ...(options.acceptsCompressed === true && { 'accept-encoding': ACCEPTED_ENCODINGS }),
  };
  if (compression === 'none' || request.body === undefined) return { ...request, headers };
  const body = await untilAborted(packBody(request.body, compression), signal);
  return { ...request, headers: { ...headers, 'content-encoding': compression }, body: [body] };
}

function toDispatch(
  request: HttpRequest,
  call: HttpCall,
): Dispatcher.DispatchOptions & { method: Dispatcher.HttpMethod } {
  const { method, path, body: pieces = [] } = request;
  const headers = { ...call.headers, ...request.headers };
  const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  if (pieces.length < 2 || bytes <= JOINED_BYTES) {
    return { method, path, headers, body: pieces.length === 1 ? (pieces[0] ?? null) : Buffer.concat(pieces, bytes) };
  }
  return { method, path, headers: { ...headers, 'content-length': String(bytes) }, body: Readable.from(pieces) };
}

async function* piecesOf(body: AsyncIterable<Uint8Array>, call: HttpCall): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw call.signal.aborted ? abortReason(call.signal) : fromConnectionError(error, call.subject, true);
  }
}

import { Readable } from 'node:stream';
import { type Dispatcher, errors, Pool } from 'undici';
import type { ConnectOptions } from '../connect-options.js';
import type { TransportCall } from '../transport.js';
import { fromConnectionError } from './http-errors.js';

/** Connections beyond those of inference, so that a probe of readiness does not wait for one. */
const SPARE_CONNECTIONS = 2;

/** Shorter than the 5 s after which common servers and proxies close an idle connection (Node's default is the least). */
const KEEP_ALIVE_MS = 4000;

/** One request. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces to be sent one after the other, never joined. */
  readonly body?: readonly Uint8Array[];
}

/** An answer, of whatever status. */
export interface HttpAnswer<Body = Uint8Array> {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Body;
}

/** A call, and what is asked in it, for messages: `model face_detect`. */
export type HttpCall = TransportCall & { readonly subject: string };

/** Requests over a bounded pool of connections that are kept alive. */
export interface HttpConnection {
  /** Sends a request and reads its answer to the end. */
  send(request: HttpRequest, call: HttpCall): Promise<HttpAnswer>;
  /** Sends a request; its answer's body comes in pieces as they arrive, and leaving the loop breaks the call off. */
  open(request: HttpRequest, call: HttpCall): Promise<HttpAnswer<AsyncIterable<Uint8Array>>>;
  /** Breaks every connection; calls that are under way fail. */
  close(): Promise<void>;
}

/** Makes a pool for `http(s)://host:port`; connections are made as calls need them. */
export function createHttpConnection(origin: string, options: ConnectOptions): HttpConnection {
  const pool = new Pool(origin, {
    connections: options.concurrency + SPARE_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: options.connectTimeoutMs },
    maxResponseSize: options.maxAnswerBytes === Infinity ? -1 : options.maxAnswerBytes,
    // The whole call has its deadline; a model may be silent for as long as that.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const request = ({ method, path, headers, body }: HttpRequest, call: HttpCall) =>
    pool.request({
      path,
      method,
      headers: { ...call.headers, ...headers },
      body: body === undefined ? null : Readable.from(body),
      signal: call.signal,
    });

  return {
    send: async (what, call) => {
      let hasAnswerBegun = false;
      try {
        const answer = await request(what, call);
        hasAnswerBegun = true;
        // Said beforehand: there is no need to read up to the limit. Reading then fails with this error.
        const isTooLarge = Number(headerOf(answer, 'content-length') ?? 0) > options.maxAnswerBytes;
        if (isTooLarge) answer.body.destroy(new errors.ResponseExceededMaxSizeError());
        const body = new Uint8Array(await answer.body.arrayBuffer());
        return { status: answer.statusCode, headers: answer.headers, body };
      } catch (error) {
        throw fromConnectionError(error, call.subject, hasAnswerBegun);
      }
    },
    open: async (what, call) => {
      try {
        const { statusCode, headers, body } = await request(what, call);
        return { status: statusCode, headers, body: piecesOf(body, call.subject) };
      } catch (error) {
        throw fromConnectionError(error, call.subject, false);
      }
    },
    close: () => pool.destroy(),
  };
}

/** A header's first value; names are in lower case. */
export function headerOf(answer: Pick<HttpAnswer, 'headers'>, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function* piecesOf(body: AsyncIterable<Uint8Array>, subject: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw fromConnectionError(error, subject, true);
  }
}

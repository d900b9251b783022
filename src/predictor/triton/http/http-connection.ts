import { isIP } from 'node:net';
import { untilAborted } from '../../../concurrency/deadline.js';
import type { ConnectOptions } from '../connect-options.js';
import { toNodeTls } from '../tls-options.js';
import type { TransportCall } from '../transport.js';
import { invalidAnswer } from '../upstream-error.js';
import { collectAnswer } from './collect-answer.js';
import { ACCEPTED_ENCODINGS, packBody, unpackBody } from './content-encoding.js';
import type { HttpAnswer } from './http-answer.js';
import type { SocketTarget } from './http-socket.js';
import { requestBytes } from './request-bytes.js';
import { createSocketPool } from './socket-pool.js';
import { streamAnswer } from './stream-answer.js';

/** Connections beyond those of inference, so that a probe of readiness does not wait for one. */
const SPARE_CONNECTIONS = 2;

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
 * name of its own, so that a server that moved is found again. No call is sent twice.
 */
export function createHttpConnection(origin: string, options: ConnectOptions): HttpConnection {
  const { maxAnswerBytes } = options;
  const url = new URL(origin);
  const pool = createSocketPool(targetOf(url, options), options.concurrency + SPARE_CONNECTIONS);

  const toBytes = ({ method, path, headers, body = [] }: HttpRequest, call: HttpCall) =>
    requestBytes({ method, path, authority: url.host, headers: { ...call.headers, ...headers }, body });

  return {
    send: async (what, call) => {
      const { signal, subject, onResponseHeaders } = call;
      const request = toBytes(what.isCompressible === true ? await compressed(what, call, options) : what, call);
      const socket = await pool.take(signal);
      const answer = await collectAnswer(socket, { request, subject, signal, maxAnswerBytes });
      onResponseHeaders?.(answer.headers);
      const encoding = answer.headers.get('content-encoding');
      if (encoding === undefined) return answer;
      const body = await unpackBody(answer.body, encoding, { maxBytes: maxAnswerBytes, subject });
      return { ...answer, body };
    },
    open: async (what, call) => {
      const { signal, subject } = call;
      const request = toBytes(what, call);
      const socket = await pool.take(signal);
      const answer = await streamAnswer(socket, { request, subject, signal });
      const encoding = answer.headers.get('content-encoding');
      if (encoding === undefined || encoding === 'identity') return answer;
      const error = invalidAnswer(subject, `it is packed as ${encoding}, but was asked for as it is`);
      socket.destroy(error);
      throw error;
    },
    close: () => {
      pool.close();
      return Promise.resolve();
    },
  };
}

function targetOf({ protocol, hostname, port }: URL, { tls, connectTimeoutMs }: ConnectOptions): SocketTarget {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol !== 'https:') return { host, port: Number(port || 80), connectTimeoutMs };
  const nodeTls = { ...(isIP(host) === 0 && { servername: host }), ...toNodeTls(tls) };
  return { host, port: Number(port || 443), connectTimeoutMs, tls: nodeTls };
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

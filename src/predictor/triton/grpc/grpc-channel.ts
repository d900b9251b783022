import { Buffer } from 'node:buffer';
import type { ClientDuplexStream, MethodDefinition } from '@grpc/grpc-js';
import type { PredictorAddress } from '../address.js';
import type { Compression, ConnectOptions } from '../connect-options.js';
import { packBody, unpackBody } from '../http/content-encoding.js';
import type { TransportCall } from '../transport.js';
import { unreadable } from './grpc-errors.js';
import type { UnaryMethod } from './inference-rpcs.js';
import type { RequestHeaders } from './http2/hpack-encoder.js';
import { createHttp2Connections } from './http2-connections.js';
import { createStreamClients } from './stream-clients.js';
import { callUnary } from './unary-call.js';

/** What gRPC itself says in every call; a caller's headers do not change it. */
const CALL_HEADERS = {
  'content-type': 'application/grpc',
  te: 'trailers',
  'user-agent': 'kserve-transformer',
} as const;

/**
 * What a call's own headers do not say: those of HTTP/1 connections and bodies, which a call over HTTP/2 must not have
 * (RFC 9113, 8.2.2), and those that every call has.
 */
const NOT_SENT = new Set([
  ...Object.keys(CALL_HEADERS),
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** The longest time that `grpc-timeout` has digits for: 8. */
const MAX_TIMEOUT_MS = 99_999_999;

/** A call, and what is asked in it, for messages: `model face_detect`. */
export type GrpcCall = TransportCall & { readonly subject: string };

/** Calls over gRPC. */
export interface GrpcChannel {
  /** @throws ServiceError as Predictor says; any error after the call's signal was aborted */
  call<Request, Response>(method: UnaryMethod<Request, Response>, request: Request, call: GrpcCall): Promise<Response>;
  /** Opens a stream both ways; it is cancelled with the call's signal. */
  stream<Request, Response>(
    method: MethodDefinition<Request, Response>,
    call: GrpcCall,
  ): Promise<ClientDuplexStream<Request, Response>>;
  /** Cancels the calls under way and closes the connections. */
  close(): void;
}

/**
 * Makes a channel; it connects at the first call. Calls with one answer go over connections of ours, in turn; streams
 * over grpc-js, whose cost per call does not matter to them.
 */
export function createGrpcChannel(
  address: PredictorAddress,
  options: Omit<ConnectOptions, 'concurrency'>,
): GrpcChannel {
  const { maxAnswerBytes, acceptsCompressed = false } = options;
  const headers = {
    ...CALL_HEADERS,
    ...(acceptsCompressed && { 'grpc-accept-encoding': 'identity,deflate,gzip' }),
  };
  const connections = createHttp2Connections(address, { ...options, headers });
  const streams = createStreamClients(address, options);

  const toHeaders = ({ headers: own, remainingMs }: GrpcCall, encoding: Compression): RequestHeaders => ({
    ...sendable(own),
    ...(encoding !== 'none' && { 'grpc-encoding': encoding }),
    ...timeoutHeader(remainingMs()),
  });

  return {
    call: async (method, request, call) => {
      const { signal, subject, compression = options.compression ?? 'none', onResponseHeaders } = call;
      const isPacked = compression !== 'none';
      const serialized = method.piecesOfRequest?.(request) ?? [method.requestSerialize(request)];
      const pieces = isPacked ? [await packBody(serialized, compression)] : serialized;
      const connection = await connections.take(signal);
      const unary = { path: method.path, headers: toHeaders(call, compression), pieces, isPacked };
      const answer = await callUnary(connection, unary, { signal, maxAnswerBytes, subject, onResponseHeaders });
      const limit = { maxBytes: maxAnswerBytes, subject };
      const bytes = answer.isPacked ? await unpackBody(answer.bytes, answer.encoding, limit) : answer.bytes;
      try {
        return method.responseDeserialize(toBuffer(bytes));
      } catch (error) {
        throw unreadable(subject, error);
      }
    },
    stream: (method, call) => streams.open(method, call),
    close: () => {
      connections.close();
      streams.close();
    },
  };
}

/** What is left of the time; nothing is said where there is no limit. */
function timeoutHeader(remainingMs: number): RequestHeaders {
  if (remainingMs === Infinity) return {};
  return { 'grpc-timeout': `${Math.ceil(Math.min(Math.max(remainingMs, 1), MAX_TIMEOUT_MS))}m` };
}

/** The headers that a call can carry. */
function sendable(headers: Readonly<Record<string, string>>): RequestHeaders {
  const sent: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (!NOT_SENT.has(name)) sent[name] = value;
  return sent;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

import {
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  type ClientUnaryCall,
  connectivityState,
  credentials,
  Metadata,
  type MethodDefinition,
} from '@grpc/grpc-js';
import type { PredictorAddress } from '../address.js';
import { fromGrpcError } from './grpc-errors.js';
import type { ConnectOptions } from '../connect-options.js';
import type { TransportCall } from '../transport.js';
import { unreachable } from '../upstream-error.js';

const UNLIMITED = -1;

/**
 * One channel for all calls. A lost server is looked for again after 100 ms, then at growing intervals of at most 1 s
 * (and a fifth of that at random), so that a server that is back is found within 2 s.
 */
const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.max_send_message_length': UNLIMITED,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  // HTTP/2 starts with windows of 64 KiB, which make answers of megabytes wait for a round trip each.
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
  // A predictor is inside the cluster; the environment's proxy is for what is outside of it.
  'grpc.enable_http_proxy': 0,
  'grpc.use_local_subchannel_pool': 1,
};

/** A call, and what is asked in it, for messages: `model face_detect`. */
export type GrpcCall = TransportCall & { readonly subject: string };

/** Calls over gRPC. */
export interface GrpcChannel {
  /** @throws ServiceError as Predictor says; any error after the call's signal was aborted */
  call<Request, Response>(
    method: MethodDefinition<Request, Response>,
    request: Request,
    call: GrpcCall,
  ): Promise<Response>;
  /** Opens a stream both ways; it is cancelled with the call's signal. */
  stream<Request, Response>(
    method: MethodDefinition<Request, Response>,
    call: GrpcCall,
  ): Promise<ClientDuplexStream<Request, Response>>;
  /** Cancels the calls under way and closes the channel. */
  close(): void;
}

/** Makes a client; it connects at the first call. */
export function createGrpcChannel(
  { host, port, tls }: PredictorAddress,
  options: Pick<ConnectOptions, 'connectTimeoutMs' | 'maxAnswerBytes'>,
): GrpcChannel {
  const secrets = tls ? credentials.createSsl() : credentials.createInsecure();
  const client = new Client(`dns:${host}:${port}`, secrets, {
    ...CHANNEL_OPTIONS,
    'grpc.max_receive_message_length': options.maxAnswerBytes === Infinity ? UNLIMITED : options.maxAnswerBytes,
  });
  const running = new Set<Pick<ClientUnaryCall, 'cancel'>>();
  return {
    call: async (method, request, { signal, remainingMs, headers, subject }) => {
      await connecting(client, options.connectTimeoutMs);
      signal.throwIfAborted();
      return new Promise((resolve, reject) => {
        const onAbort = () => call.cancel();
        const call = client.makeUnaryRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          request,
          toMetadata(headers),
          { deadline: Date.now() + remainingMs() },
          (error, response) => {
            running.delete(call);
            signal.removeEventListener('abort', onAbort);
            if (error !== null) reject(fromGrpcError(error, subject));
            else if (response !== undefined) resolve(response);
          },
        );
        running.add(call);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    stream: async (method, { signal, remainingMs, headers }) => {
      await connecting(client, options.connectTimeoutMs);
      signal.throwIfAborted();
      const stream = client.makeBidiStreamRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        toMetadata(headers),
        { deadline: Date.now() + remainingMs() },
      );
      const onAbort = () => stream.cancel();
      running.add(stream);
      signal.addEventListener('abort', onAbort, { once: true });
      stream.once('status', () => {
        running.delete(stream);
        signal.removeEventListener('abort', onAbort);
      });
      return stream;
    },
    close: () => {
      for (const call of running) call.cancel();
      client.close();
    },
  };
}

/**
 * Waits while a connection is being made, as grpc-js has no time limit for that: a host that swallows packets would
 * take the whole time of the call.
 */
async function connecting(client: Client, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let state = client.getChannel().getConnectivityState(true);
  while (state === connectivityState.IDLE || state === connectivityState.CONNECTING) {
    await stateAfter(client, state, deadline);
    state = client.getChannel().getConnectivityState(true);
  }
}

function stateAfter(client: Client, state: connectivityState, deadline: number): Promise<void> {
  return new Promise((resolve, reject) =>
    client.getChannel().watchConnectivityState(state, deadline, (error) => {
      if (error === undefined) resolve();
      else reject(unreachable(error));
    }),
  );
}

function toMetadata(headers: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

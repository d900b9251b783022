import { Buffer } from 'node:buffer';
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  compressionAlgorithms,
  connectivityState,
  credentials,
  Metadata,
  type MethodDefinition,
} from '@grpc/grpc-js';
import { untilAborted } from '../../../concurrency/deadline.js';
import type { PredictorAddress } from '../address.js';
import type { Compression, ConnectOptions, KeepAliveOptions, TlsOptions } from '../connect-options.js';
import type { TransportCall } from '../transport.js';
import { unreachable } from '../upstream-error.js';

const UNLIMITED = -1;

/**
 * A lost server is looked for again after 100 ms, then at growing intervals of at most 1 s (and a fifth of that at
 * random), so that a server that is back is found within 2 s.
 */
const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.max_send_message_length': UNLIMITED,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  // HTTP/2 starts with windows of 64 KiB, which make answers of megabytes wait for a round trip each.
  'grpc-node.flow_control_window': 4 * 1024 * 1024,
  // A predictor is inside the cluster; the environment's proxy is for what is outside of it.
  'grpc.enable_http_proxy': 0,
  'grpc.use_local_subchannel_pool': 1,
};

const ALGORITHMS = {
  none: compressionAlgorithms.identity,
  gzip: compressionAlgorithms.gzip,
  deflate: compressionAlgorithms.deflate,
} as const satisfies Record<Compression, compressionAlgorithms>;

/** Streams both ways, over grpc-js. */
export interface StreamClients {
  /**
   * Opens a stream; it is cancelled with the call's signal.
   * @throws ServiceError `unavailable` when the connection takes too long; the signal's reason when it is aborted
   */
  open<Request, Response>(
    method: MethodDefinition<Request, Response>,
    call: TransportCall,
  ): Promise<ClientDuplexStream<Request, Response>>;
  /** Cancels the streams and closes the connections. */
  close(): void;
}

/** Prepares clients, one for each way to pack messages, which grpc-js knows of a client as a whole. */
export function createStreamClients(
  { host, port, tls }: PredictorAddress,
  options: Omit<ConnectOptions, 'concurrency'>,
): StreamClients {
  const clients = new Map<Compression, Client>();
  const running = new Set<ClientDuplexStream<never, unknown>>();
  const clientFor = (compression: Compression): Client => {
    const client =
      clients.get(compression) ??
      new Client(`dns:${host}:${port}`, tls ? toCredentials(options.tls) : credentials.createInsecure(), {
        ...toChannelOptions(options),
        'grpc.default_compression_algorithm': ALGORITHMS[compression],
      });
    clients.set(compression, client);
    return client;
  };
  return {
    open: async (method, { signal, remainingMs, headers, compression = options.compression ?? 'none' }) => {
      const client = clientFor(compression);
      await untilAborted(connecting(client, options.connectTimeoutMs), signal);
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
      for (const stream of running) stream.cancel();
      for (const client of clients.values()) client.close();
    },
  };
}

function toChannelOptions({ maxAnswerBytes, tls, keepAlive }: Omit<ConnectOptions, 'concurrency'>): ChannelOptions {
  return {
    ...CHANNEL_OPTIONS,
    'grpc.max_receive_message_length': maxAnswerBytes === Infinity ? UNLIMITED : maxAnswerBytes,
    ...(tls?.serverName !== undefined && { 'grpc.ssl_target_name_override': tls.serverName }),
    ...(keepAlive !== undefined && toKeepAliveOptions(keepAlive)),
  };
}

function toKeepAliveOptions({ timeMs, timeoutMs, isWithoutCalls = false }: KeepAliveOptions): ChannelOptions {
  return {
    'grpc.keepalive_time_ms': timeMs,
    ...(timeoutMs !== undefined && { 'grpc.keepalive_timeout_ms': timeoutMs }),
    'grpc.keepalive_permit_without_calls': Number(isWithoutCalls),
  };
}

function toCredentials({ ca, cert, key, rejectUnauthorized = true }: TlsOptions = {}): ChannelCredentials {
  const pem = (text: string | Uint8Array | undefined) => (text === undefined ? null : Buffer.from(text));
  return credentials.createSsl(pem(ca), pem(key), pem(cert), { rejectUnauthorized });
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

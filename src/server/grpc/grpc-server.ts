import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Server } from '@grpc/grpc-js';
import { within } from '../../concurrency/within.js';
import type { RequestTracing } from '../call-state.js';
import type { DataPlane } from '../data-plane.js';
import type { HeaderForwarding } from '../header-forwarding.js';
import type { CallJournal } from '../log-call.js';
import { createCallAccounts } from './call-accounts.js';
import { addHealthService } from './health-service.js';
import { inferenceService } from './inference-service.js';
import { addReflectionService } from './reflection-service.js';
import { serverCredentials, type TlsSource } from './server-credentials.js';
import { loadServices } from './services.js';

/**
 * How often the server asks whether a client on which nothing happens is still there, and how long that may take to
 * answer. As often as gRPC's servers let clients ask at most (gRFC A8, A9).
 */
const KEEP_ALIVE_MS = 300_000;
const KEEP_ALIVE_TIMEOUT_MS = 20_000;

/** The bounds of messages, in bytes and milliseconds. */
interface GrpcLimits {
  readonly maxReceiveBytes: number;
  /** -1 for no limit. */
  readonly maxSendBytes: number;
  /** How long the request of a call may take to arrive; streams of requests have no such limit. */
  readonly receiveTimeoutMs: number;
}

/** What the gRPC side is made from. */
export interface GrpcServerOptions {
  readonly dataPlane: DataPlane;
  readonly journal: CallJournal;
  readonly forwarding: HeaderForwarding;
  readonly tracing: RequestTracing;
  readonly limits: GrpcLimits;
  /** Whether models may be listed with their state, loaded and unloaded. */
  readonly enableAdmin: boolean;
  /** Absent for a port without TLS. */
  readonly tls?: TlsSource | undefined;
  /** Sees every call but probes; absent where everybody may call. @throws ServiceError `unauthenticated` */
  readonly assertAuthorized?: ((authorization: string | undefined) => void) | undefined;
}

/** The gRPC side, which has no port yet. */
export interface GrpcServer {
  /**
   * Listens on all interfaces; to be called once.
   * @throws Error of node:net when the port is taken or not allowed
   */
  listen(port: number): Promise<GrpcPort>;
}

/** A listening gRPC port. */
interface GrpcPort {
  /** The port it listens on; the one that was free where 0 was asked for. */
  readonly port: number;
  /** How many calls have not ended. */
  readonly underWay: number;
  /**
   * Stops accepting, tells clients to go elsewhere (GOAWAY), and waits for the calls under way; streams are read no
   * further, and watches of health end. What is not answered within the grace time is cut off.
   * @returns how many calls were cut off
   */
  close(graceMs: number): Promise<{ cut: number }>;
}

/** Makes the gRPC side: the services of inference, health and reflection. */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const { dataPlane, limits, tls } = options;
  const stopping = new AbortController();
  const services = loadServices();
  const accounts = createCallAccounts({ ...options, ...limits });
  const server = new Server({
    interceptors: [accounts.interceptor],
    'grpc.max_receive_message_length': limits.maxReceiveBytes,
    'grpc.keepalive_time_ms': KEEP_ALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEP_ALIVE_TIMEOUT_MS,
    'grpc.enable_channelz': 0,
  });
  const inference = inferenceService(services.inference, { ...options, ...limits, stopping: stopping.signal });
  server.addService(services.inferenceOfBytes, inference);
  addHealthService(server, dataPlane);
  addReflectionService(server);

  // grpc-js's own bindAsync() must be told one family of addresses, keeps the code of an error to itself, and does not
  // know of connections whose TLS handshake is not over.
  const connections = server.createConnectionInjector(serverCredentials(tls));
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    connections.injectConnection(socket);
  });

  const close = async (graceMs: number) => {
    let cut = 0;
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    stopping.abort();
    accounts.endWatches();
    await within(graceMs, Promise.all([shutDown(server), closed]), () => {
      cut = accounts.underWay;
      for (const socket of sockets) socket.destroy();
    });
    await closed;
    return { cut };
  };

  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        listener.once('error', reject);
        listener.listen(port, () => {
          listener.removeListener('error', reject);
          resolve({
            port: (listener.address() as AddressInfo).port,
            get underWay() {
              return accounts.underWay;
            },
            close,
          });
        });
      }),
  };
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => server.tryShutdown(() => resolve()));
}

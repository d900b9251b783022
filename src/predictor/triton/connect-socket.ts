import { connect as connectTcp, type OnReadOpts, type Socket, type TcpSocketConnectOpts } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/** After so long without traffic the system asks whether the other side is still there. */
const TCP_KEEP_ALIVE_MS = 60_000;

/** A connection to be made. */
export interface SocketOptions {
  /** A name or an IP address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS as node:tls has it; without TLS when absent. */
  readonly tls: ConnectionOptions | undefined;
  /** The one protocol that is asked for within TLS (ALPN): `h2`. */
  readonly protocol: string;
  /** Where what comes is to be, and who is told of it. */
  readonly onread: OnReadOpts;
}

/**
 * Begins to connect.
 * @throws what node:tls throws for certificates and keys that are none
 */
export function connectSocket({ host, port, tls, protocol, onread }: SocketOptions): Socket {
  // That node:tls takes `onread` too is missing in its types.
  const options: TcpSocketConnectOpts = {
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    onread,
  };
  return tls === undefined ? connectTcp(options) : connectTls({ ...options, ...tls, ALPNProtocols: [protocol] });
}

import { Buffer } from 'node:buffer';
import type { ConnectionOptions } from 'node:tls';
import type { TlsOptions } from './connect-options.js';

/** What node:tls is told of certificates. */
type NodeTlsOptions = Pick<ConnectionOptions, 'rejectUnauthorized' | 'ca' | 'cert' | 'key' | 'servername'>;

/** TLS as node:tls has it; what is absent is left to its defaults, but for the check, which no variable can turn off. */
export function toNodeTls({ ca, cert, key, serverName, rejectUnauthorized = true }: TlsOptions = {}): NodeTlsOptions {
  return {
    rejectUnauthorized,
    ...(ca !== undefined && { ca: Buffer.from(ca) }),
    ...(cert !== undefined && { cert: Buffer.from(cert) }),
    ...(key !== undefined && { key: Buffer.from(key) }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { ServiceError } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import { type ReloadedFiles, reloadFiles } from './reloaded-files.js';

/** The oldest version that is spoken; older ones are deprecated (RFC 8996). */
export const TLS_MIN_VERSION = 'TLSv1.2';

const CERT_OPTION = '--ssl_certfile';
const KEY_OPTION = '--ssl_keyfile';

/** A certificate with its chain, and its private key, as PEM. */
export interface TlsIdentity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Who the servers are, over TLS; renewed certificates are taken over while the service runs. */
export type TlsCredentials = ReloadedFiles<TlsIdentity>;

/**
 * Reads the certificate and the key, and again when they change.
 * @throws ServiceError `invalid_argument` when they cannot be read, are not PEM, or do not belong together
 */
export function createTlsCredentials(options: {
  certFile: string;
  keyFile: string;
  logger: Pick<Logger, 'info' | 'warn'>;
  intervalMs?: number;
}): TlsCredentials {
  const { certFile, keyFile, logger, intervalMs } = options;
  return reloadFiles({
    files: [
      { option: CERT_OPTION, path: certFile },
      { option: KEY_OPTION, path: keyFile },
    ],
    load: ([cert = Buffer.alloc(0), key = Buffer.alloc(0)]) => checked({ cert, key }, logger),
    what: 'the TLS certificate',
    logger,
    ...(intervalMs !== undefined && { intervalMs }),
  });
}

function checked(identity: TlsIdentity, logger: Pick<Logger, 'warn'>): TlsIdentity {
  const certificate = readCertificate(identity.cert);
  if (!certificate.checkPrivateKey(readKey(identity.key)))
    throw invalid(`${KEY_OPTION} is not the key of the certificate in ${CERT_OPTION}`);
  try {
    createSecureContext({ ...identity, minVersion: TLS_MIN_VERSION });
  } catch (error) {
    throw invalid(`${CERT_OPTION} and ${KEY_OPTION} are of no use for TLS`, error);
  }
  if (Date.parse(certificate.validTo) < Date.now())
    logger.warn({ validTo: certificate.validTo }, 'the TLS certificate has expired');
  return identity;
}

function readCertificate(pem: Buffer): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw invalid(`${CERT_OPTION} holds no certificate as PEM`, error);
  }
}

function readKey(pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw invalid(`${KEY_OPTION} holds no private key as PEM that can be read without a passphrase`, error);
  }
}

function invalid(message: string, cause?: unknown): ServiceError {
  return new ServiceError('invalid_argument', message, { cause });
}

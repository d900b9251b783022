import { experimental, ServerCredentials } from '@grpc/grpc-js';

/** A certificate with its chain, and its private key, as PEM. */
interface TlsIdentity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Who the server is, over TLS, now and after each change. */
export interface TlsSource {
  current(): TlsIdentity;
  /** Calls the listener with each new identity. */
  onChange(listener: (identity: TlsIdentity) => void): void;
}

/**
 * What a port is opened with. A renewed certificate counts for connections that come after it.
 * @param tls absent for a port without TLS
 */
export function serverCredentials(tls: TlsSource | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const listeners = new Set<experimental.IdentityCertificateUpdateListener>();
  const update = ({ cert, key }: TlsIdentity) => ({ certificate: cert, privateKey: key });
  tls.onChange((identity) => {
    for (const listener of listeners) listener(update(identity));
  });
  const provider: experimental.CertificateProvider = {
    addIdentityCertificateListener: (listener) => {
      listeners.add(listener);
      // The credentials are not ready for it before they have returned from this call.
      queueMicrotask(() => listener(update(tls.current())));
    },
    removeIdentityCertificateListener: (listener) => void listeners.delete(listener),
    // Clients show no certificates.
    addCaCertificateListener: () => undefined,
    removeCaCertificateListener: () => undefined,
  };
  return experimental.createCertificateProviderServerCredentials(provider, null, false);
}

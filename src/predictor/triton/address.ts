import { excerpt, ServiceError } from '../../errors.js';

/** How a predictor is spoken to: the Open Inference Protocol over HTTP or over gRPC. */
export type PredictorProtocol = 'v2' | 'grpc-v2';

/** Where a predictor listens. */
export interface PredictorAddress {
  readonly protocol: PredictorProtocol;
  readonly tls: boolean;
  /** A name or an IP address; IPv6 in brackets, as in a URL. */
  readonly host: string;
  readonly port: number;
}

const SCHEMES = new Map<string, Pick<PredictorAddress, 'protocol' | 'tls'>>([
  ['http', { protocol: 'v2', tls: false }],
  ['https', { protocol: 'v2', tls: true }],
  ['grpc', { protocol: 'grpc-v2', tls: false }],
  ['grpcs', { protocol: 'grpc-v2', tls: true }],
]);

/** 8001 is Triton's gRPC port, 9000 the one that KServe's gRPC runtimes listen on. */
const GRPC_PORTS: readonly number[] = [8001, 9000];

const ADDRESS =
  /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?<port>\d{1,5}))?\/?$/i;
const FORMS = 'host, host:port, http(s)://host:port or grpc(s)://host:port';

/**
 * Reads a predictor's address: `host`, `host:port`, `http(s)://…`, `grpc(s)://…`, `[::1]:8001`. Without a port it is
 * 80, or 443 with TLS, as KServe's controller means it. The protocol is the scheme's, else the one given, else by port:
 * 8001 and 9000 `grpc-v2`, any other `v2`.
 * @throws ServiceError `invalid_argument` for anything else, for a path, and when scheme and protocol contradict
 */
export function parsePredictorAddress(host: string, protocol?: PredictorProtocol): PredictorAddress {
  const parts = ADDRESS.exec(host)?.groups;
  if (parts?.['host'] === undefined) throw invalidAddress(host, reasonFor(host));
  const scheme = parts['scheme'] === undefined ? undefined : schemeOf(parts['scheme'], host);
  if (scheme !== undefined && protocol !== undefined && scheme.protocol !== protocol) {
    throw invalidAddress(host, `its scheme means the protocol ${scheme.protocol}, but ${protocol} is asked for`);
  }
  const tls = scheme?.tls ?? false;
  const port = Number(parts['port'] ?? (tls ? 443 : 80));
  if (port < 1 || port > 65535) throw invalidAddress(host, 'the port must be from 1 to 65535');
  const byPort = GRPC_PORTS.includes(port) ? 'grpc-v2' : 'v2';
  return { protocol: scheme?.protocol ?? protocol ?? byPort, tls, host: parts['host'], port };
}

/** The address as a URL, for logs and connections: `grpc://triton:8001`. */
export function formatPredictorAddress(address: PredictorAddress): string {
  const scheme = address.protocol === 'v2' ? 'http' : 'grpc';
  return `${scheme}${address.tls ? 's' : ''}://${address.host}:${address.port}`;
}

function schemeOf(name: string, host: string) {
  const scheme = SCHEMES.get(name.toLowerCase());
  if (scheme === undefined) throw invalidAddress(host, `the scheme must be one of ${[...SCHEMES.keys()].join(', ')}`);
  return scheme;
}

function reasonFor(host: string): string {
  if (host.includes('@')) return 'a name and a password do not belong in it';
  const rest = host.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  if (/^[^/]+\/./.test(rest)) return 'a path is not supported, only host and port';
  if ((rest.match(/:/g)?.length ?? 0) > 1 && !rest.startsWith('['))
    return 'an IPv6 address needs brackets, as [::1]:8001';
  return 'it is not of this form';
}

function invalidAddress(host: string, reason: string): ServiceError {
  const received = JSON.stringify(excerpt(withoutCredentials(host)));
  const message = `The predictor's address must be ${FORMS}; received ${received}: ${reason}`;
  return new ServiceError('invalid_argument', message);
}

/** What stands before an @ may be a password, whatever it holds. */
function withoutCredentials(host: string): string {
  return host.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1…@');
}

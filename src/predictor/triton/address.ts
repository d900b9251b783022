import { excerpt, ServiceError } from '../../errors.js';
import type { TlsOptions } from './connect-options.js';

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
  const { schemeProtocol, ...where } = readAddress(host);
  if (schemeProtocol !== undefined && protocol !== undefined && schemeProtocol !== protocol) {
    throw contradictingScheme(host, schemeProtocol, protocol);
  }
  const byPort = GRPC_PORTS.includes(where.port) ? 'grpc-v2' : 'v2';
  return { protocol: schemeProtocol ?? protocol ?? byPort, ...where };
}

/**
 * Reads where a predictor listens, and the protocol that its scheme means, if there is one.
 * @throws ServiceError `invalid_argument` as parsePredictorAddress
 */
export function readAddress(
  host: string,
): Omit<PredictorAddress, 'protocol'> & { readonly schemeProtocol: PredictorProtocol | undefined } {
  const parts = ADDRESS.exec(host)?.groups;
  if (parts?.['host'] === undefined) throw invalidAddress(host, reasonFor(host));
  const scheme = parts['scheme'] === undefined ? undefined : schemeOf(parts['scheme'], host);
  const tls = scheme?.tls ?? false;
  const port = Number(parts['port'] ?? (tls ? 443 : 80));
  if (port < 1 || port > 65535) throw invalidAddress(host, 'the port must be from 1 to 65535');
  return { schemeProtocol: scheme?.protocol, tls, host: parts['host'], port };
}

/** An address whose scheme is not that of the protocol to be spoken. */
export function contradictingScheme(host: string, schemeProtocol: PredictorProtocol, protocol: string): ServiceError {
  return invalidAddress(host, `its scheme means the protocol ${schemeProtocol}, but ${protocol} is asked for`);
}

/** The address as a URL, for logs and connections: `grpc://triton:8001`. */
export function formatPredictorAddress(address: PredictorAddress): string {
  const scheme = address.protocol === 'v2' ? 'http' : 'grpc';
  return `${scheme}${address.tls ? 's' : ''}://${address.host}:${address.port}`;
}

/**
 * Refuses options of TLS for an address without it.
 * @throws ServiceError `invalid_argument`
 */
export function assertTlsFits(tls: TlsOptions | undefined, address: PredictorAddress): void {
  if (tls === undefined || address.tls) return;
  const message = `The option tls needs an address with https:// or grpcs://; received ${formatPredictorAddress(address)}`;
  throw new ServiceError('invalid_argument', message);
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

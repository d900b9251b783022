import { lookup as resolveName } from 'node:dns';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { ServiceError } from '../../errors.js';
import { isPublicAddress } from './public-address.js';

/** What may be fetched, and what it may cost. */
export interface RemotePictureOptions {
  /**
   * Hosts that may be asked, whatever their address: exact names, or `*.example.com` for all below. Without any, every
   * host of the public internet may be.
   */
  readonly allowedHosts: readonly string[];
  readonly maxBytes: number;
  /** For one picture, redirects included. */
  readonly timeoutMs: number;
}

/** A server may send its clients on so often. */
const MAX_REDIRECTS = 3;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Fetches a picture by URL. No header of the client's goes along. Each host is checked before it is connected to, and
 * those that are not listed by the very address that is connected to, so that a name cannot be one thing when it is
 * checked and another when it is used.
 * @param signal ends the fetch
 * @throws ServiceError `invalid_argument` for what is no URL of http or https, `permission_denied` for a host that may
 * not be asked, `payload_too_large`, `unprocessable` when the server does not answer with a body in time
 */
export async function fetchRemotePicture(
  url: string,
  options: RemotePictureOptions,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
  let current = parseUrl(url);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await request(current, options, limit);
    const { statusCode: status = 0, headers } = answer;
    if (REDIRECTS.has(status) && headers.location !== undefined) {
      answer.destroy();
      current = parseUrl(new URL(headers.location, current).href);
    } else if (status === 200) {
      return await readBody(answer, options.maxBytes, limit);
    } else {
      answer.destroy();
      throw notFetched(`its server answered with status ${status}`);
    }
  }
  throw notFetched(`its server sent us on more than ${MAX_REDIRECTS} times`);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new ServiceError('invalid_argument', 'the picture’s URL is not one of http or https');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ServiceError('invalid_argument', 'the picture’s URL must not hold a name and a password');
  }
  return url;
}

function request(url: URL, options: RemotePictureOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isListed = isAllowedHost(host, options.allowedHosts);
  if (options.allowedHosts.length > 0 && !isListed) throw notAllowed();
  if (!isListed && isIP(host) !== 0 && !isPublicAddress(host)) throw notAllowed();
  const get = url.protocol === 'https:' ? getHttps : getHttp;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(cause instanceof ServiceError ? cause : notFetched(reasonOf(signal), cause));
    const settings = {
      agent: false as const,
      signal,
      headers: { accept: 'image/*', 'user-agent': 'kserve-transformer' },
      ...(!isListed && { lookup: publicLookup }),
    };
    get(url, settings, resolve).on('error', fail);
  });
}

/** Resolves a name to its addresses, of which not one may be other than public. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    const isRefused = error === null && addresses.some(({ address }) => !isPublicAddress(address));
    const [first] = addresses;
    if (error !== null) callback(error, '', 0);
    else if (isRefused || first === undefined) callback(notAllowed(), '', 0);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) =>
    entry.startsWith('*.')
      ? host.toLowerCase().endsWith(entry.slice(1).toLowerCase())
      : host.toLowerCase() === entry.toLowerCase(),
  );
}

async function readBody(answer: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const tooLarge = () =>
    new ServiceError(
      'payload_too_large',
      `the picture behind the URL has more than ${maxBytes} bytes (--max_body_bytes)`,
    );
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    if (Number(answer.headers['content-length']) > maxBytes) throw tooLarge();
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof ServiceError ? error : notFetched(reasonOf(signal), error);
  } finally {
    answer.destroy();
  }
  return Buffer.concat(chunks);
}

function reasonOf(signal: AbortSignal): string {
  return signal.aborted ? 'its server did not answer in time' : 'its server could not be reached, or broke off';
}

function notAllowed(): ServiceError {
  return new ServiceError('permission_denied', 'pictures from this host are not allowed here');
}

function notFetched(reason: string, cause?: unknown): ServiceError {
  return new ServiceError('unprocessable', `the picture could not be fetched: ${reason}`, { cause });
}

import { excerpt, ServiceError } from '../../../errors.js';
import { type Auth, authorizationHeader, broughtAuthorization } from './authorization.js';

/** Names that HTTP headers and gRPC metadata both take; `-bin` names mean bytes in gRPC. */
const SENDABLE_NAME = /^(?!.*-bin$)[a-z0-9_.-]+$/;
const SENDABLE_VALUE = /^[\x20-\x7e]*$/;

/**
 * What belongs to one connection (RFC 9110, 7.6.1; RFC 9113, 8.2.2), and what the protocols write themselves, as they
 * also do with everything that begins with `grpc-` or `content-`.
 */
const KEPT_BACK: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'expect',
  'accept-encoding',
  'inference-header-content-length',
]);
const KEPT_BACK_PREFIX = /^(?:grpc|content)-/;

/** Those of a call that are sent on by default: KServe's list and the W3C trace context. */
export const FORWARDED_HEADERS: readonly string[] = [
  'x-request-id',
  'x-b3-traceid',
  'authorization',
  'traceparent',
  'tracestate',
];

type Headers = Readonly<Record<string, string>>;

/** What is sent with a call that carries headers of its own. */
export type CallHeaders = (own: Headers | undefined) => Headers | Promise<Headers>;

/**
 * Makes the headers of calls: those of every call, above them the credentials, above them the call's own where its list
 * allows them. A call's own that cannot be sent are left out: an odd header of someone's client must not fail the call.
 * @param options.headers sent with every call
 * @param options.forwardHeaders the names that a call's own headers may have; `'all'` for any that can be sent
 * @throws ServiceError `invalid_argument` for names and values that cannot be sent
 */
export function createCallHeaders(options: {
  headers: Headers;
  auth: Auth | undefined;
  forwardHeaders: readonly string[] | 'all';
}): CallHeaders {
  const { auth } = options;
  const everyCalls = Object.freeze({
    ...checkedHeaders(options.headers),
    ...(typeof auth === 'object' && { authorization: authorizationHeader(auth) }),
  });
  const isForwarded = forwarding(options.forwardHeaders);

  const withOwn = (base: Headers, own: Headers | undefined): Headers => {
    if (own === undefined) return base;
    const headers: Record<string, string> = { ...base };
    for (const [name, value] of Object.entries(own)) {
      const lowerCase = name.toLowerCase();
      if (isForwarded(lowerCase) && SENDABLE_VALUE.test(value)) headers[lowerCase] = value;
    }
    return headers;
  };

  if (typeof auth !== 'function') return (own) => withOwn(everyCalls, own);
  return async (own) => withOwn({ ...everyCalls, authorization: await broughtAuthorization(auth) }, own);
}

/** Tells of a name in lower case whether a call's own header of that name is sent. */
function forwarding(forwardHeaders: readonly string[] | 'all'): (name: string) => boolean {
  if (forwardHeaders === 'all') return (name) => SENDABLE_NAME.test(name) && !isKeptBack(name);
  const forwarded = new Set(forwardHeaders.map((name) => checkedName('forwardHeaders', name)));
  return (name) => forwarded.has(name);
}

function checkedHeaders(headers: Headers): Headers {
  const checked = Object.entries(headers).map(([name, value]) => {
    const lowerCase = checkedName('headers', name);
    if (SENDABLE_VALUE.test(value)) return [lowerCase, value] as const;
    throw invalid(`headers.${excerpt(name)} must be of printable ASCII`);
  });
  return Object.fromEntries(checked);
}

function checkedName(option: string, name: string): string {
  const lowerCase = name.toLowerCase();
  const received = JSON.stringify(excerpt(name));
  if (!SENDABLE_NAME.test(lowerCase)) {
    throw invalid(
      `${option} must name headers of letters, digits and "_.-" that do not end with -bin; received ${received}`,
    );
  }
  if (isKeptBack(lowerCase)) {
    throw invalid(`${option} must not name ${received}, which belongs to the connection or the protocol`);
  }
  return lowerCase;
}

function isKeptBack(name: string): boolean {
  return KEPT_BACK.has(name) || KEPT_BACK_PREFIX.test(name);
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_argument', message);
}

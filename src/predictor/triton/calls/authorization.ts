import { ServiceError } from '../../../errors.js';

/** A token of OAuth 2.0, or a name and password. */
export type Credentials = { readonly bearer: string } | { readonly username: string; readonly password: string };

/** Credentials, or what brings them: it is called for every attempt, so that a token may be renewed meanwhile. */
export type Auth = Credentials | (() => Credentials | Promise<Credentials>);

/** A token as it may stand in a header (RFC 6750, 2.1, and what is used besides: any visible ASCII). */
const TOKEN = /^[\x21-\x7e]+$/;

// eslint-disable-next-line no-control-regex -- RFC 7617, 2: control characters are excluded
const CONTROL_CHARACTER = /[\x00-\x1f\x7f]/;

/** Whether a value is credentials; one without its texts, as from a variable that is not set, is none. */
export function isCredentials(value: unknown): value is Credentials {
  return isBearer(value) || hasTexts(value, ['username', 'password']);
}

/**
 * Writes credentials as the header `authorization`: Bearer (RFC 6750, 2.1) or Basic, in UTF-8 (RFC 7617, 2 and 2.1).
 * @throws ServiceError `invalid_argument` for what cannot stand in it; the message holds no secret
 */
export function authorizationHeader(credentials: Credentials): string {
  if (isBearer(credentials)) {
    if (!TOKEN.test(credentials.bearer)) throw invalid('auth.bearer must be a token of visible ASCII');
    return `Bearer ${credentials.bearer}`;
  }
  const { username, password } = credentials;
  if (username.includes(':')) throw invalid('auth.username must not hold a colon, which begins the password');
  const pair = `${username}:${password}`;
  if (CONTROL_CHARACTER.test(pair)) throw invalid('auth.username and auth.password must hold no control characters');
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

/**
 * Asks for credentials and writes them.
 * @throws ServiceError that of `bring`; `unauthenticated` when it throws anything else, or brings no credentials
 */
export async function broughtAuthorization(bring: () => Credentials | Promise<Credentials>): Promise<string> {
  try {
    const credentials: unknown = await bring();
    if (isCredentials(credentials)) return authorizationHeader(credentials);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError('unauthenticated', 'The credentials for the predictor cannot be had', { cause: error });
  }
  const expected = '{ bearer } or { username, password }, each a text';
  throw new ServiceError('unauthenticated', `The function auth must bring ${expected}; it brought something else`);
}

function isBearer(value: unknown): value is { readonly bearer: string } {
  return hasTexts(value, ['bearer']);
}

function hasTexts(value: unknown, keys: readonly string[]): boolean {
  return (
    typeof value === 'object' && value !== null && keys.every((key) => typeof Reflect.get(value, key) === 'string')
  );
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_argument', message);
}

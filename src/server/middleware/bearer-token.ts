import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { isOpen } from '../open-paths.js';
import { pathOf } from '../path-of.js';
import { reloadFiles } from '../reloaded-files.js';

const OPTION = '--bearer_token_file';

/** The characters of a token (RFC 6750, 2.1). The scheme is written in any case (RFC 9110, 11.1). */
const TOKEN = /^[\w\-.~+/]+=*$/;
const CREDENTIALS = /^bearer +(?<token>[\w\-.~+/]+=*) *$/i;

/** Knows the tokens that callers may bring. */
export interface TokenCheck {
  /**
   * @param authorization the header, or the metadata of a call
   * @throws ServiceError `unauthenticated` when it is missing, is no bearer token, or is none of those accepted
   */
  assertAuthorized(authorization: string | undefined): void;
  /** Looks at the file no more. */
  close(): void;
}

/**
 * Reads the tokens, one a line, and again when the file changes; empty lines and what follows a # are passed over.
 * Several tokens count at once, so that a new one can be given out before the old one is taken back.
 * @throws ServiceError `invalid_argument` when the file cannot be read, holds no token, or a line that is none
 */
export function createTokenCheck(options: {
  file: string;
  logger: Pick<Logger, 'info' | 'warn'>;
  intervalMs?: number;
}): TokenCheck {
  const { file, logger, intervalMs } = options;
  const tokens = reloadFiles({
    files: [{ option: OPTION, path: file }],
    load: ([content = Buffer.alloc(0)]) => readTokens(content.toString('utf8')).map(digest),
    what: 'the file of tokens',
    logger,
    ...(intervalMs !== undefined && { intervalMs }),
  });
  return {
    assertAuthorized: (authorization) => {
      const token = CREDENTIALS.exec(authorization ?? '')?.groups?.['token'];
      if (token === undefined)
        throw new ServiceError('unauthenticated', 'Expected the header Authorization: Bearer <token>');
      const given = digest(token);
      // Every token is compared, and in a time that does not depend on what was given.
      const matches = tokens.current().filter((accepted) => timingSafeEqual(accepted, given));
      if (matches.length === 0) throw new ServiceError('unauthenticated', 'The bearer token is not accepted');
    },
    close: () => tokens.close(),
  };
}

/** Sees a request first, and refuses it by throwing. */
export type Guard = (request: IncomingMessage, response: ServerResponse) => void;

/** Lets pass who brings a token, and everybody to what is open. */
export function bearerToken(check: Pick<TokenCheck, 'assertAuthorized'>): Guard {
  return (request, response) => {
    if (isOpen(request.method ?? '', pathOf(request))) return;
    try {
      check.assertAuthorized(request.headers.authorization);
    } catch (error) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      throw error;
    }
  };
}

function readTokens(content: string): string[] {
  const lines = content
    .split('\n')
    .map((line, index) => ({ token: line.replace(/#.*/, '').trim(), number: index + 1 }));
  const given = lines.filter(({ token }) => token !== '');
  const bad = given.find(({ token }) => !TOKEN.test(token));
  if (bad !== undefined)
    throw invalid(`${OPTION}: line ${bad.number} is no token: letters, digits and -._~+/ are, with = at the end`);
  if (given.length === 0) throw invalid(`${OPTION} holds no token`);
  return given.map(({ token }) => token);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function invalid(message: string): ServiceError {
  return new ServiceError('invalid_argument', message);
}

import type { AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import { ServiceError } from '../../../src/errors.js';
import { NO_SPAN } from '../../../src/observability/span.js';
import { bearerToken, createTokenCheck, type TokenCheck } from '../../../src/server/middleware/bearer-token.js';
import { errorHandler } from '../../../src/server/middleware/error-handler.js';
import { openRequests, type RequestContextOptions } from '../../../src/server/middleware/request-context.js';
import { type ChangingFiles, changingFiles } from '../../helpers/changing-files.js';
import { type KeptLog, keepLog } from '../../helpers/log-lines.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

/** Nothing is logged, counted, traced or forwarded. */
const SILENT_CONTEXT: RequestContextOptions = {
  journal: {
    logger: { info: () => undefined, debug: () => undefined, error: () => undefined },
    metrics: { countRequest: () => undefined },
  },
  forwarding: { toPredictor: () => ({}), toClient: () => new Map() },
  tracing: { startRequest: () => NO_SPAN },
};

const MISSING = 'Expected the header Authorization: Bearer <token>';
const WRONG = 'The bearer token is not accepted';

describe('createTokenCheck()', () => {
  let files: ChangingFiles;
  let logger: KeptLog;
  let check: TokenCheck | undefined;
  beforeEach(() => {
    files = changingFiles();
    logger = keepLog();
  });
  afterEach(() => {
    check?.close();
    files.clear();
  });

  function checkOf(content: string): TokenCheck {
    check = createTokenCheck({ file: files.write('tokens', content), logger, intervalMs: 5 });
    return check;
  }
  const refusal = (tokens: TokenCheck, header: string | undefined) => {
    const { code, message } = serviceErrorThrownBy(() => tokens.assertAuthorized(header));
    return `${code}: ${message}`;
  };

  it.each([
    ['the token', 'Bearer abc-123'],
    ['the token of another line', 'Bearer second+/=='],
    ['the scheme in any case', 'bEARER abc-123'],
    ['spaces around', 'Bearer   abc-123 '],
  ])('takes %s', (_, header) => {
    const tokens = checkOf('# tokens of the team\n\nabc-123\r\n  second+/==  # until March\n');
    expect(() => tokens.assertAuthorized(header)).not.toThrow();
  });

  it.each([
    ['no header', undefined, MISSING],
    ['an empty header', '', MISSING],
    ['a scheme without a token', 'Bearer ', MISSING],
    ['another scheme', 'Basic abc', MISSING],
    ['the token without its scheme', 'abc', MISSING],
    ['two tokens', 'Bearer abc def', MISSING],
    ['another token', 'Bearer abd', WRONG],
    ['the beginning of the token', 'Bearer ab', WRONG],
    ['more than the token', 'Bearer abcd', WRONG],
    ['the token in other letters', 'Bearer ABC', WRONG],
    ['a comment of the file', 'Bearer tokens', WRONG],
  ])('refuses %s', async (_, header, message) => {
    expect(refusal(checkOf('abc # tokens\n'), header)).toBe(`unauthenticated: ${message}`);
  });

  it('takes new tokens and refuses old ones when the file changes', async () => {
    const tokens = checkOf('old');
    const change = logger.line('the file of tokens has changed and was read again');
    files.write('tokens', 'new');
    await change;
    expect(() => tokens.assertAuthorized('Bearer new')).not.toThrow();
    expect(refusal(tokens, 'Bearer old')).toBe(`unauthenticated: ${WRONG}`);
  });

  it('keeps its tokens when the file is emptied', async () => {
    const tokens = checkOf('old');
    const complaint = logger.line('could not be read again');
    files.write('tokens', '# nothing\n');
    expect((await complaint).fields).toEqual({ reason: '--bearer_token_file holds no token' });
    expect(() => tokens.assertAuthorized('Bearer old')).not.toThrow();
  });

  it.each([
    ['an empty file', '', '--bearer_token_file holds no token'],
    ['a file of comments', '\n# one\n \n', '--bearer_token_file holds no token'],
    ['a token with a space in it', 'good\ntop secret', '--bearer_token_file: line 2 is no token'],
  ])('refuses %s, without a word of what it holds', async (_, content, message) => {
    const error = serviceErrorThrownBy(() => checkOf(content));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('secret');
  });

  it('refuses a file that is not there', async () => {
    const error = serviceErrorThrownBy(() => createTokenCheck({ file: files.pathOf('gone'), logger }));
    expect(error.message).toBe('--bearer_token_file: the file cannot be read: ENOENT');
  });
});

describe('bearerToken()', () => {
  const check = {
    assertAuthorized: (header: string | undefined) => {
      if (header !== 'Bearer right') throw new ServiceError('unauthenticated', MISSING);
    },
  };
  const answer: RequestHandler = (_, response) => void response.json({});
  const open = openRequests(SILENT_CONTEXT);
  const guard = bearerToken(check);
  const guarded: RequestHandler = (request, response, next) => {
    open(request, response);
    guard(request, response);
    next();
  };
  const app = express().use(guarded, answer, errorHandler());
  let url = '';
  const server = app.listen(0, '127.0.0.1');
  beforeAll(async () => {
    if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it.each([
    '/',
    '/metrics',
    '/v2/health/live',
    '/v2/health/ready',
    '/v1/models/faces',
    '/v2/models/faces/ready',
    '/v2/models/faces/versions/1/ready',
    '/openapi.json',
    '/docs',
    '/docs/swagger-ui.css',
  ])('lets anybody GET %s', async (path) => {
    expect((await fetch(url + path)).status).toBe(200);
    expect((await fetch(url + path, { method: 'HEAD' })).status).toBe(200);
  });

  it.each([
    ['POST', '/v1/models/faces:predict'],
    ['POST', '/v2/models/faces/infer'],
    ['POST', '/v2/repository/index'],
    ['GET', '/v1/models'],
    ['GET', '/v2'],
    ['GET', '/v2/models/faces'],
    ['POST', '/docs'],
    ['GET', '/docsx'],
    ['POST', '/'],
    ['POST', '/v1/models/faces'],
    ['GET', '/metrics/more'],
    ['GET', '/v2/health/ready/x'],
  ])('asks for a token at %s %s', async (method, path) => {
    const refused = await fetch(url + path, { method });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(await refused.json()).toEqual({ error: MISSING });
    const accepted = await fetch(url + path, { method, headers: { authorization: 'Bearer right' } });
    expect(accepted.status).toBe(200);
    expect(accepted.headers.get('www-authenticate')).toBeNull();
  });
});

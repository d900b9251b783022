import { assertCallOptions } from '../../../src/predictor/triton/check-options.js';
import { completeOptions } from '../../../src/predictor/triton/complete-options.js';
import { serviceErrorThrownBy } from '../../helpers/service-error-of.js';

describe('completeOptions()', () => {
  it('has a default for everything', () => {
    expect(completeOptions({})).toEqual({
      concurrency: 64,
      maxQueue: 1024,
      timeoutMs: 60_000,
      connectTimeoutMs: 5000,
      maxAnswerBytes: Infinity,
      headers: {},
      forwardHeaders: ['x-request-id', 'x-b3-traceid', 'authorization', 'traceparent', 'tracestate'],
      checksRequests: true,
      auth: undefined,
      logger: undefined,
      retries: undefined,
    });
  });

  it('keeps what is given', () => {
    const given = {
      concurrency: 1,
      maxQueue: Infinity,
      timeoutMs: 0.5,
      connectTimeoutMs: 2 ** 31 - 1,
      maxAnswerBytes: 1,
      channels: 4,
      compression: 'gzip',
      acceptsCompressed: true,
      tls: { ca: 'pem', cert: 'pem', key: new Uint8Array(1), serverName: 'triton', rejectUnauthorized: false },
      keepAlive: { timeMs: 60_000, isWithoutCalls: true },
      headers: { 'x-team': 'faces' },
      auth: { username: 'u', password: 'p' },
      forwardHeaders: [],
      retries: { attempts: 5, baseDelayMs: 1, maxDelayMs: 2, budgetRatio: 0 },
      logger: { info: () => undefined, warn: () => undefined },
      checksRequests: false,
    } as const;
    expect(completeOptions(given)).toEqual(given);
  });

  it('takes undefined for what is absent, as untyped callers have it', () => {
    const untyped: object = {
      concurrency: undefined,
      retries: undefined,
      tls: { ca: undefined },
      timeoutMs: undefined,
    };
    expect(completeOptions(untyped)).toMatchObject({ concurrency: 64, retries: undefined, timeoutMs: 60_000 });
  });

  it('completes retries', () => {
    expect(completeOptions({ retries: {} }).retries).toEqual({
      attempts: 3,
      baseDelayMs: 50,
      maxDelayMs: 1000,
      budgetRatio: 0.1,
    });
  });

  it('completes retries whose members are undefined', () => {
    const untyped: object = { attempts: undefined, baseDelayMs: undefined, maxDelayMs: 5, budgetRatio: undefined };
    expect(completeOptions({ retries: untyped }).retries).toEqual({
      attempts: 3,
      baseDelayMs: 50,
      maxDelayMs: 5,
      budgetRatio: 0.1,
    });
  });

  it.each([
    [{ concurrency: 0 }, 'The option concurrency must be a whole number from 1 to 9007199254740991; received "0"'],
    [{ concurrency: '8' }, 'The option concurrency must be a whole number from 1 to 9007199254740991; received "8"'],
    [{ maxQueue: -1 }, 'The option maxQueue must be a whole number from 0, or Infinity; received "-1"'],
    [{ maxQueue: 1.5 }, 'The option maxQueue must be a whole number from 0, or Infinity; received "1.5"'],
    [{ timeoutMs: 0 }, 'The option timeoutMs must be a number of milliseconds above 0, up to 2147483647; received "0"'],
    [{ timeoutMs: NaN }, 'above 0, up to 2147483647; received "NaN"'],
    [{ connectTimeoutMs: 2 ** 31 }, 'The option connectTimeoutMs must be a number of milliseconds above 0, up to'],
    [{ maxAnswerBytes: 0 }, 'The option maxAnswerBytes must be a whole number from 1, or Infinity; received "0"'],
    [{ channels: 1000 }, 'The option channels must be a whole number from 1 to 256; received "1000"'],
    [{ compression: 'br' }, `The option compression must be 'none', 'gzip' or 'deflate'; received "br"`],
    [{ tls: { cert: 'secret pem' } }, 'The option tls must hold cert and key only together'],
    [{ tls: { ca: 5 } }, 'The option tls.ca must be PEM as text or bytes'],
    [{ tls: true }, 'The option tls must be of type object'],
    [{ keepAlive: {} }, 'The option keepAlive.timeMs must be a number of milliseconds above 0, up to 2147483647'],
    [{ headers: { key: 5 } }, 'The option headers.key must be text'],
    [{ auth: { bearer: undefined } }, 'The option auth must be { bearer } or { username, password }, or a function'],
    [{ auth: 'secret' }, 'The option auth must be { bearer } or { username, password }, or a function that brings one'],
    [{ forwardHeaders: 'x-a' }, `The option forwardHeaders must be a list of headers' names, or 'all'; received "x-a"`],
    [{ forwardHeaders: [5] }, `The option forwardHeaders must be a list of headers' names, or 'all'`],
    [{ retries: true }, 'The option retries must be of type object; received "true"'],
    [{ retries: { attempts: 6 } }, 'The option retries.attempts must be a whole number from 2 to 5; received "6"'],
    [{ retries: { budgetRatio: 2 } }, 'The option retries.budgetRatio must be a number from 0 to 1; received "2"'],
    [{ retries: { tries: 2 } }, 'The option retries.tries is not known'],
    [{ logger: () => undefined }, 'The option logger must be a logger with info() and warn()'],
    [{ checksRequests: 'yes' }, 'The option checksRequests must be true or false; received "yes"'],
    [{ timeout: 5 }, 'The option timeout is not known'],
  ])('says what is wrong with %j', (wrong, message) => {
    const error = serviceErrorThrownBy(() => completeOptions(wrong as object));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('secret');
  });
});

describe('assertCallOptions()', () => {
  it('takes the options of a call', () => {
    const onResponseHeaders = () => undefined;
    const options = { timeoutMs: 5, compression: 'deflate', headers: {}, onResponseHeaders } as const;
    expect(() => assertCallOptions(options)).not.toThrow();
    expect(() => assertCallOptions({})).not.toThrow();
  });

  it.each([
    [{ timeoutMs: -1 }, `The call's option timeoutMs must be a number of milliseconds above 0`],
    [{ timeout: 100 }, `The call's option timeout is not known`],
    [{ onResponseHeaders: {} }, "The call's option onResponseHeaders must be a function"],
    [{ compression: 'zip' }, `The call's option compression must be 'none', 'gzip' or 'deflate'; received "zip"`],
  ])('refuses %j', (wrong, message) => {
    expect(serviceErrorThrownBy(() => assertCallOptions(wrong as object)).message).toContain(message);
  });
});

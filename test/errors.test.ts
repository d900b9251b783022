import {
  atPath,
  errorAnswer,
  type ErrorCode,
  excerpt,
  grpcStatus,
  grpcStatusName,
  httpStatus,
  ServiceError,
  toServiceError,
  type UpstreamStatus,
} from '../src/errors.js';

/** Each code's statuses, as the project documents them. */
const CODES: readonly (readonly [ErrorCode, number, number, string])[] = [
  ['invalid_argument', 400, 3, 'INVALID_ARGUMENT'],
  ['unauthenticated', 401, 16, 'UNAUTHENTICATED'],
  ['permission_denied', 403, 7, 'PERMISSION_DENIED'],
  ['not_found', 404, 5, 'NOT_FOUND'],
  ['method_not_allowed', 405, 12, 'UNIMPLEMENTED'],
  ['not_acceptable', 406, 3, 'INVALID_ARGUMENT'],
  ['unsupported_media_type', 415, 3, 'INVALID_ARGUMENT'],
  ['payload_too_large', 413, 8, 'RESOURCE_EXHAUSTED'],
  ['unprocessable', 422, 3, 'INVALID_ARGUMENT'],
  ['resource_exhausted', 429, 8, 'RESOURCE_EXHAUSTED'],
  ['cancelled', 499, 1, 'CANCELLED'],
  ['internal', 500, 13, 'INTERNAL'],
  ['unimplemented', 501, 12, 'UNIMPLEMENTED'],
  ['upstream_error', 502, 13, 'INTERNAL'],
  ['unavailable', 503, 14, 'UNAVAILABLE'],
  ['deadline_exceeded', 504, 4, 'DEADLINE_EXCEEDED'],
];

/** Answers with what the upstream said, as a passthrough does. */
const forwarded = (upstream: UpstreamStatus | undefined, code: ErrorCode = 'upstream_error') =>
  errorAnswer(new ServiceError(code, 'our words', { upstream, isForwarded: true }), 'r1');

describe('toServiceError()', () => {
  it('keeps a ServiceError', () => {
    const error = new ServiceError('not_found', 'no such model');
    expect(toServiceError(error)).toBe(error);
  });

  it.each([[new Error('/secret/path exploded')], ['secret'], [undefined], [{ secret: true }]])(
    'hides %p behind a fixed text and keeps it as the cause',
    (secret) => {
      const error = toServiceError(secret);
      expect(error.code).toBe('internal');
      expect(error.message).toBe('Internal error; the log has the details under the request id');
      expect(error.cause).toBe(secret);
    },
  );
});

describe('atPath()', () => {
  it('names the place and keeps the code', () => {
    const error = atPath('instances[1]', new ServiceError('unprocessable', 'not a picture'));
    expect(error).toMatchObject({ code: 'unprocessable', message: 'instances[1]: not a picture' });
  });

  it('keeps all else that is known of the error', () => {
    const details = {
      cause: new Error('why'),
      upstream: { status: 'NOT_FOUND', text: 'no' },
      isSafeToRetry: true,
      isForwarded: true,
    };
    expect(atPath('a', new ServiceError('upstream_error', 'b', details))).toMatchObject(details);
  });
});

describe('errorAnswer()', () => {
  it.each(CODES)('answers %s with %i over HTTP and %i over gRPC', (code, http, grpc) => {
    expect(httpStatus(code)).toBe(http);
    expect(errorAnswer(new ServiceError(code, 'what is wrong'), 'r1')).toEqual({
      httpStatus: http,
      grpcStatus: grpc,
      message: code === 'internal' ? 'what is wrong r1' : 'what is wrong',
    });
  });

  it('says nothing of what the upstream said, unless it is to be handed on', () => {
    const upstream = { status: 'NOT_FOUND', httpStatus: 404, text: 'secret' };
    expect(errorAnswer(new ServiceError('upstream_error', 'our words', { upstream }), 'r1')).toEqual({
      httpStatus: 502,
      grpcStatus: 13,
      message: 'our words',
    });
  });

  // Those that Triton has, as its HTTP side has them (http_server.cc, HttpCodeFromError).
  it.each([
    ['CANCELLED', 400, 1],
    ['UNKNOWN', 400, 2],
    ['INVALID_ARGUMENT', 400, 3],
    ['DEADLINE_EXCEEDED', 504, 4],
    ['NOT_FOUND', 404, 5],
    ['ALREADY_EXISTS', 400, 6],
    ['PERMISSION_DENIED', 403, 7],
    ['RESOURCE_EXHAUSTED', 429, 8],
    ['FAILED_PRECONDITION', 400, 9],
    ['ABORTED', 409, 10],
    ['OUT_OF_RANGE', 400, 11],
    ['UNIMPLEMENTED', 501, 12],
    ['INTERNAL', 500, 13],
    ['UNAVAILABLE', 503, 14],
    ['DATA_LOSS', 500, 15],
    ['UNAUTHENTICATED', 401, 16],
  ])('hands on %s, from gRPC, as %i and %i', (status, http, grpc) => {
    expect(forwarded({ status, text: 'its words' })).toEqual({
      httpStatus: http,
      grpcStatus: grpc,
      message: 'its words',
    });
  });

  it.each([400, 404, 418, 429, 499, 500, 503, 599])('hands on %i, from HTTP', (http) => {
    const answer = forwarded({ status: 'UNKNOWN', httpStatus: http, text: 'its words' });
    expect(answer).toEqual({ httpStatus: http, grpcStatus: 2, message: 'its words' });
  });

  it.each([0, 100, 200, 204, 302, 304, 399, 600, 999, NaN])(
    'does not hand on %i, which is no error: it stands for what gRPC has',
    (http) => {
      const answer = forwarded({ status: 'UNAVAILABLE', httpStatus: http, text: 'its words' });
      expect(answer).toEqual({ httpStatus: 503, grpcStatus: 14, message: 'its words' });
    },
  );

  it.each(['OK', 'SOMETHING', '', 'toString', '__proto__'])(
    'takes %j for no status: the code’s own count',
    (status) => {
      const answer = forwarded({ status, text: 'its words' }, 'unavailable');
      expect(answer).toEqual({ httpStatus: 503, grpcStatus: 14, message: 'its words' });
    },
  );

  it.each(['', ' \n'])('says what is wrong itself when the upstream has said %j', (text) => {
    expect(forwarded({ status: 'NOT_FOUND', text })).toEqual({ httpStatus: 404, grpcStatus: 5, message: 'our words' });
  });

  it('answers by itself when nobody upstream has', () => {
    expect(forwarded(undefined, 'unavailable')).toEqual({ httpStatus: 503, grpcStatus: 14, message: 'our words' });
  });
});

describe('grpcStatusName()', () => {
  it.each(CODES)('names %s’s', (_code, _http, grpc, name) => {
    expect(grpcStatusName(grpc)).toBe(name);
  });

  it('names 0, and gives an unknown number as it is', () => {
    expect([grpcStatusName(0), grpcStatusName(99)]).toEqual(['OK', '99']);
  });
});

describe('grpcStatus()', () => {
  it.each([
    ['invalid_argument', 'INVALID_ARGUMENT'],
    ['unprocessable', 'INVALID_ARGUMENT'],
    ['payload_too_large', 'RESOURCE_EXHAUSTED'],
    ['upstream_error', 'INTERNAL'],
    ['unavailable', 'UNAVAILABLE'],
  ] as const)('names for %s the status %s', (code, status) => {
    expect(grpcStatus(code)).toBe(status);
  });
});

describe('excerpt()', () => {
  it('cuts long values only', () => {
    expect(excerpt('short')).toBe('short');
    expect(excerpt('a'.repeat(80))).toBe('a'.repeat(80));
    expect(excerpt('a'.repeat(81))).toBe(`${'a'.repeat(80)}…`);
    expect(excerpt('abc', 2)).toBe('ab…');
  });
});

import { atPath, excerpt, grpcStatus, httpStatus, ServiceError, toServiceError } from '../src/errors.js';

describe('toServiceError()', () => {
  it('keeps a ServiceError', () => {
    const error = new ServiceError('not_found', 'no such model');
    expect(toServiceError(error)).toBe(error);
  });

  it('hides anything else behind a fixed text and keeps it as the cause', () => {
    const secret = new Error('/secret/path exploded');
    const error = toServiceError(secret);
    expect(error.code).toBe('internal');
    expect(error.message).not.toContain('secret');
    expect(error.cause).toBe(secret);
  });
});

describe('atPath()', () => {
  it('names the place and keeps the code', () => {
    const error = atPath('instances[1]', new ServiceError('unprocessable', 'not a picture'));
    expect(error).toMatchObject({ code: 'unprocessable', message: 'instances[1]: not a picture' });
  });
});

describe('httpStatus()', () => {
  it.each([
    ['invalid_argument', 400],
    ['payload_too_large', 413],
    ['unprocessable', 422],
    ['resource_exhausted', 429],
    ['internal', 500],
    ['upstream_error', 502],
    ['unavailable', 503],
    ['deadline_exceeded', 504],
  ] as const)('answers %s with %i', (code, status) => {
    expect(httpStatus(code)).toBe(status);
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
    expect(excerpt('a'.repeat(100))).toBe(`${'a'.repeat(80)}…`);
  });
});

import { fromErrorStatus } from '../../../../src/predictor/triton/http/http-errors.js';

describe('fromErrorStatus()', () => {
  const bodyOf = (error: string) => Buffer.from(JSON.stringify({ error }));

  it('knows a deadline, as over gRPC', () => {
    expect(fromErrorStatus(504, bodyOf('upstream request timeout'), 'model faces')).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The call for model faces took longer than its limit',
      upstream: { status: 'DEADLINE_EXCEEDED', httpStatus: 504, text: 'upstream request timeout' },
      isSafeToRetry: false,
    });
  });

  it.each([
    ['Exceeds maximum queue size', 'unavailable', true],
    ['explicit model load / unload is not allowed if polling is enabled', 'upstream_error', false],
  ])('takes the status 503 with the words %j for %s', (text, code, isSafeToRetry) => {
    expect(fromErrorStatus(503, bodyOf(text), 'model faces')).toMatchObject({ code, isSafeToRetry });
  });
});

import { Metadata, status } from '@grpc/grpc-js';
import { fromGrpcError } from '../../../../src/predictor/triton/grpc/grpc-errors.js';

const grpcError = (code: status, details: string) =>
  Object.assign(new Error(`${code} ${details}`), { code, details, metadata: new Metadata() });

const UNREACHABLE = 'The predictor cannot be reached';
const WENT_AWAY = 'The predictor went away while it worked on the call';

describe('fromGrpcError()', () => {
  it.each([
    [status.UNAVAILABLE, 'No connection established. Last error: connect ECONNREFUSED 10.0.0.7:8001', UNREACHABLE],
    [status.UNAVAILABLE, 'Name resolution failed for target dns:triton.internal:8001', UNREACHABLE],
    [status.UNAVAILABLE, 'Connection dropped', WENT_AWAY],
    [status.UNAVAILABLE, 'read ECONNRESET', WENT_AWAY],
    [status.INTERNAL, 'Received RST_STREAM with code 2 (Internal server error)', WENT_AWAY],
    [status.CANCELLED, 'Call cancelled', WENT_AWAY],
  ])('takes status %d, %j for a lost connection and names no address', (code, details, message) => {
    const error = fromGrpcError(grpcError(code, details), 'model faces');
    expect(error).toMatchObject({ code: 'unavailable', message, cause: { details } });
  });

  it.each([
    [status.INTERNAL, 'onnx runtime error', 'upstream_error'],
    [status.NOT_FOUND, "Request for unknown model: 'faces' is not found", 'upstream_error'],
    [status.INVALID_ARGUMENT, "unexpected shape for input 'input'", 'upstream_error'],
    [status.UNAVAILABLE, 'Exceeds maximum queue size', 'unavailable'],
    [status.RESOURCE_EXHAUSTED, 'too many requests', 'unavailable'],
    [status.RESOURCE_EXHAUSTED, 'SERVER: Received message larger than max (5 vs. 4)', 'upstream_error'],
    [status.NOT_FOUND, "Request for unknown model: 'faces' has no available versions", 'unavailable'],
  ])('keeps the words of status %d, %j as %s', (code, details, expected) => {
    const error = fromGrpcError(grpcError(code, details), 'model faces');
    const message = `The predictor answered with an error for model faces: ${details}`;
    expect(error).toMatchObject({ code: expected, message });
  });

  it('knows a deadline', () => {
    const error = fromGrpcError(grpcError(status.DEADLINE_EXCEEDED, 'Deadline exceeded'), 'model faces');
    expect(error).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The call for model faces took longer than its limit',
      upstream: { status: 'DEADLINE_EXCEEDED', text: 'Deadline exceeded' },
    });
  });
});

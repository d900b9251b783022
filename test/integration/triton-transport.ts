import { parsePredictorAddress } from '../../src/predictor/triton/address.js';
import { createGrpcTransport } from '../../src/predictor/triton/grpc/grpc-transport.js';
import { createHttpTransport } from '../../src/predictor/triton/http/http-transport.js';
import type { TritonTransport } from '../../src/predictor/triton/transport.js';
import { type Protocol, tritonAddress } from './real-triton.js';

/** Either protocol's own way to the Triton that `npm run test:triton` has started, as far as inference goes. */
export type InferenceTransport = Pick<TritonTransport, 'infer' | 'close'>;

/** How long a call may take; `'remaining'` says so to the server. */
export const CALL_LIMIT_MS = 20_000;

export function createTransport(protocol: Protocol): InferenceTransport {
  const create = protocol === 'http' ? createHttpTransport : createGrpcTransport;
  const address = parsePredictorAddress(`${protocol}://${tritonAddress(protocol)}`);
  return create(address, { concurrency: 16, connectTimeoutMs: 5000, maxAnswerBytes: Infinity });
}

/** What a call needs besides its request. */
export function aCall() {
  return { signal: AbortSignal.timeout(CALL_LIMIT_MS), remainingMs: () => CALL_LIMIT_MS, headers: {} };
}

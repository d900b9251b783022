import { assertTlsFits, parsePredictorAddress, type PredictorAddress } from './address.js';
import type { TritonClientOptions } from './client-options.js';
import { completeOptions } from './complete-options.js';
import { createClientOver } from './create-client-over.js';
import { createGrpcTransport } from './grpc/grpc-transport.js';
import { createHttpTransport } from './http/http-transport.js';
import type { TritonClient } from './triton-client.js';

/**
 * Makes a client of a Triton server, or of another that speaks the Open Inference Protocol. It connects at the first
 * call.
 * @param address `http://host:8000`, `grpc://host:8001`, and what else parsePredictorAddress takes
 * @throws ServiceError `invalid_argument` for an address or options that are none, and for `tls` without an address of TLS
 */
export function createTritonClient(
  address: string | PredictorAddress,
  options: TritonClientOptions = {},
): TritonClient {
  const where = typeof address === 'string' ? parsePredictorAddress(address) : address;
  const complete = completeOptions(options);
  assertTlsFits(complete.tls, where);
  const createTransport = where.protocol === 'v2' ? createHttpTransport : createGrpcTransport;
  return createClientOver(createTransport(where, complete), complete);
}

import { formatPredictorAddress, type PredictorAddress } from '../address.js';
import type { ConnectOptions } from '../connect-options.js';
import { failingStream, noSuchCall } from '../no-such-call.js';
import type { TritonTransport } from '../transport.js';
import { createHttpAdministration } from './http-administration.js';
import { createHttpConnection } from './http-connection.js';
import { createHttpGeneration } from './http-generation.js';
import { createHttpInference } from './http-inference.js';

/** Triton's HTTP protocol with binary tensors both ways, over a bounded pool of connections that are kept alive. */
export function createHttpTransport(address: PredictorAddress, options: ConnectOptions): TritonTransport {
  const origin = formatPredictorAddress(address);
  const connection = createHttpConnection(origin, options);
  return {
    address: origin,
    ...createHttpAdministration(connection),
    ...createHttpInference(connection),
    ...createHttpGeneration(connection, options),
    inferStream: () => failingStream(noSuchCall('A stream of inference (inferStream, inferDecoupled)', 'gRPC')),
    close: () => connection.close(),
  };
}

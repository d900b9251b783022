import { parsePredictorAddress } from '../../../src/predictor/triton/address.js';
import type { TritonAdministration } from '../../../src/predictor/triton/administration.js';
import { createGrpcAdministration } from '../../../src/predictor/triton/grpc/grpc-administration.js';
import { createGrpcChannel } from '../../../src/predictor/triton/grpc/grpc-channel.js';
import { loadInferenceService } from '../../../src/predictor/triton/grpc/grpc-service.js';
import { createHttpAdministration } from '../../../src/predictor/triton/http/http-administration.js';
import { createHttpConnection } from '../../../src/predictor/triton/http/http-connection.js';
import type { TransportCall } from '../../../src/predictor/triton/transport.js';

const OPTIONS = { concurrency: 4, connectTimeoutMs: 5000, maxAnswerBytes: Infinity };

/** The calls under test, without limits of time. */
export type Administration = TritonAdministration<[call: TransportCall]>;

/** The administration of a server on this machine, over one of the protocols. */
export interface OpenAdministration {
  readonly administration: Administration;
  readonly close: () => Promise<void>;
}

/** A call that nothing ends. */
export const CALL: TransportCall = {
  signal: new AbortController().signal,
  remainingMs: () => 60_000,
  headers: {},
};

/** Over HTTP. */
export function openHttp(address: string): OpenAdministration {
  const connection = createHttpConnection(`http://${address}`, OPTIONS);
  return { administration: createHttpAdministration(connection), close: () => connection.close() };
}

/** Over gRPC. */
export function openGrpc(address: string): OpenAdministration {
  const channel = createGrpcChannel(parsePredictorAddress(`grpc://${address}`), OPTIONS);
  const administration = createGrpcAdministration(channel, loadInferenceService());
  return { administration, close: async () => channel.close() };
}

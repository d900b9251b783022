import { createGrpcServer, type GrpcServerOptions } from '../../src/server/grpc/grpc-server.js';
import { createMetrics } from '../../src/observability/metrics.js';
import type { ServedModel } from '../../src/transformers/served-model.js';
import { keptLog, transportParts } from './serve-rest.js';
import { fakeModel, type ServedFakeSettings } from './served-fake.js';

/** How the fake served over gRPC differs from a plain one. */
export interface ServedGrpcSettings
  extends
    Pick<ServedFakeSettings, 'onPredict' | 'missingModels' | 'maxInFlight'>,
    Partial<Pick<GrpcServerOptions, 'tls' | 'assertAuthorized' | 'enableAdmin' | 'tracing'>> {
  /** Served beside the fake. */
  readonly otherModels?: readonly ServedModel[];
  readonly limits?: Partial<GrpcServerOptions['limits']>;
  /** A free one when absent. */
  readonly port?: number;
}

/** Serves the fake transformer as model `fake` over gRPC. */
export async function serveGrpc(settings: ServedGrpcSettings = {}) {
  const { limits, port = 0, otherModels = [], onPredict, missingModels, maxInFlight, ...options } = settings;
  const shared = { log: keptLog(), metrics: createMetrics() };
  const fake = fakeModel({
    ...shared,
    ...(onPredict !== undefined && { onPredict }),
    ...(missingModels !== undefined && { missingModels }),
    ...(maxInFlight !== undefined && { maxInFlight }),
  });
  const { dataPlane, metrics, logger, lines, forwarding, tracing } = transportParts([fake, ...otherModels], shared);
  const server = await createGrpcServer({
    dataPlane,
    journal: { logger, metrics },
    forwarding,
    tracing,
    enableAdmin: false,
    ...options,
    limits: { maxReceiveBytes: 100_000, maxSendBytes: -1, receiveTimeoutMs: 60_000, ...limits },
  }).listen(port);
  return { server, address: `127.0.0.1:${server.port}`, lines, dataPlane, metrics };
}

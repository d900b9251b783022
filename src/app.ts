import { cpuCount } from './concurrency/cpu-count.js';
import { createLimiter } from './concurrency/limiter.js';
import { createSharedArena } from './concurrency/shared-arena.js';
import { createWorkerPool } from './concurrency/worker-pool.js';
import type { Config } from './config/load-config.js';
import { setImagingThreads } from './imaging/decode.js';
import type { Logger } from './observability/logger.js';
import { createMetrics, type Metrics } from './observability/metrics.js';
import { createPredictor } from './predictor/create-predictor.js';
import { createDataPlane } from './server/data-plane.js';
import { createHeaderForwarding } from './server/header-forwarding.js';
import { createHttpApp } from './server/http-app.js';
import { listen } from './server/http-server.js';
import { NO_SPAN } from './observability/span.js';
import { createReadiness, type Readiness } from './transformers/readiness.js';
import { type CreatedTransformer, createTransformer } from './transformers/registry.js';
import { serveItems } from './transformers/serve-items.js';
import { serveRequests } from './transformers/serve-requests.js';
import type { ServedModel } from './transformers/served-model.js';
import { BYTES_PER_PIXEL, createTransformerRunner, type RunLimits } from './transformers/run-transformer.js';

/** A running service. */
export interface App {
  readonly httpPort: number;
  /** Not ready, no new connections, answers under way are finished, then predictor and threads end. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

/** What the service is made from. */
export interface AppOptions {
  readonly config: Config;
  /** The transformer to run and its own options. */
  readonly transformer: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly logger: Logger;
}

/**
 * Builds every part by hand, wires them and starts to listen. The predictor need not be there yet: the service answers
 * 503 until it is.
 * @throws ServiceError when the predictor's address is wrong or the embedded runtime is missing; node:net's Error when
 * the port cannot be had
 */
export async function startApp({ config, transformer: chosen, logger }: AppOptions): Promise<App> {
  const cores = cpuCount();
  const imagingThreads = config.imagingThreads === 0 ? cores : config.imagingThreads;
  // Several pictures at once use the cores better than several threads on one.
  setImagingThreads(1);
  const predictor = await createPredictor(config.predictorHost, {
    protocol: config.predictorProtocol,
    repository: config.modelRepository,
    threads: config.embeddedThreads === 0 ? cores : config.embeddedThreads,
    concurrency: config.concurrency,
    requestTimeoutMs: config.predictorRequestTimeoutSeconds * 1000,
    logger,
  });
  const workers = createWorkerPool({ threads: imagingThreads });
  const metrics = createMetrics();
  const created = createTransformer(
    chosen.name,
    {
      modelName: config.modelName,
      predictor,
      predictorModelName: undefined,
      workers,
      logger,
      maxPixels: config.maxPixels,
      maxPredictorBodyBytes: config.predictorMaxBodyBytes,
    },
    chosen.options,
  );
  const { modelName } = config;
  const readiness = createReadiness({ modelName, transformer: created.transformer, logger });
  const model = serveCreated(created, {
    config,
    limits: runLimits(config, imagingThreads),
    metrics,
    readiness,
    logger,
  });
  const dataPlane = createDataPlane([model], {
    info: { name: 'kserve-transformer', version: '0.1.0', extensions: [] },
    readiness: 'all',
  });
  const bodies = createLimiter({ capacity: config.bodyBudgetBytes, maxQueue: config.maxQueue, what: 'requests' });
  const http = createHttpApp({
    dataPlane,
    metrics,
    logger,
    forwarding: createHeaderForwarding({
      toPredictor: ['x-request-id', 'x-b3-traceid', 'authorization', 'traceparent', 'tracestate'],
      toClient: [],
    }),
    tracing: { startRequest: () => NO_SPAN },
    v1: {
      ...config,
      bodies,
      cloudEvents: { source: undefined, type: 'io.kserve.inference.response', merge: false },
    },
    enableAdmin: false,
  });
  const closeParts = () => Promise.all([workers.close(), predictor.close()]);
  const server = await listen(http, {
    port: config.httpPort,
    receiveTimeoutMs: config.requestTimeoutSeconds * 1000,
    maxBodyBytes: config.maxBodyBytes,
  }).catch(async (error: unknown) => {
    await closeParts();
    throw error;
  });
  logger.info({ port: server.port, modelName, transformer: chosen.name, predictor: predictor.address }, 'listening');
  const stopWatching = readiness.watch();

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    dataPlane.drain();
    stopWatching();
    const { cut } = await server.close(config.shutdownGraceSeconds * 1000);
    if (cut > 0) logger.warn({ requests: cut }, 'requests were cut off: the grace time is over');
    await closeParts();
  };
  return { httpPort: server.port, stop: () => (stopping ??= stop()) };
}

function serveCreated(
  created: CreatedTransformer,
  parts: { config: Config; limits: RunLimits; metrics: Metrics; readiness: Readiness; logger: Logger },
): ServedModel {
  const { config, limits, metrics, readiness, logger } = parts;
  const { modelName, itemErrors, singleResponse } = config;
  if (created.kind === 'requests') {
    return serveRequests({ name: modelName, transformer: created.transformer, limits, metrics, readiness });
  }
  const { transformer } = created;
  const run = createTransformerRunner({ modelName, transformer, limits, itemErrors, metrics, logger });
  return serveItems({ name: modelName, transformer, run, readiness, singleResponse });
}

function runLimits(config: Config, imagingThreads: number): RunLimits {
  return {
    admission: createLimiter({ capacity: config.maxInFlight, maxQueue: config.maxQueue, what: 'requests' }),
    decoding: createLimiter({ capacity: imagingThreads, what: 'pictures' }),
    pixels: createSharedArena({ byteLength: config.pixelBudget * BYTES_PER_PIXEL }),
    maxItems: config.maxItems,
    requestTimeoutMs: config.requestTimeoutSeconds * 1000,
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { cpuCount } from './concurrency/cpu-count.js';
import { createLimiter, type Limiter } from './concurrency/limiter.js';
import { createLoopTurns } from './concurrency/loop-turns.js';
import { createSharedArena } from './concurrency/shared-arena.js';
import { createWorkerPool } from './concurrency/worker-pool.js';
import type { Config, ModelConfig, PredictorConfig } from './config/load-config.js';
import { createPictureSources, type PictureSources } from './imaging/sources/picture-sources.js';
import type { Logger } from './observability/logger.js';
import { createMetrics, type Metrics } from './observability/metrics.js';
import { createBatchingPredictor } from './predictor/batching/batching-predictor.js';
import { createPredictor } from './predictor/create-predictor.js';
import { createPredictorObserver } from './predictor/observed-predictor.js';
import type { Predictor } from './predictor/predictor.js';
import { sharePredictors } from './predictor/shared-predictors.js';
import { parsePredictorAddress } from './predictor/triton/address.js';
import type { RequestTracing } from './server/call-state.js';
import { createDataPlane } from './server/data-plane.js';
import { createHeaderForwarding } from './server/header-forwarding.js';
import { createHttpApp } from './server/http-app.js';
import { listen } from './server/http-server.js';
import { bearerToken, createTokenCheck } from './server/middleware/bearer-token.js';
import { createTlsCredentials } from './server/tls-credentials.js';
import { createPictureSampler } from './transformers/picture-sampler.js';
import { createReadiness } from './transformers/readiness.js';
import { createTransformer } from './transformers/registry.js';
import { BYTES_PER_PIXEL } from './transformers/picture-groups.js';
import { PHASE_BYTES } from './imaging/copy-in-phase.js';
import { createTransformerRunner, type RunLimits } from './transformers/run-transformer.js';
import { serveItems } from './transformers/serve-items.js';
import { serveRequests } from './transformers/serve-requests.js';
import type { ServedModel } from './transformers/served-model.js';
import type { TransformerServices } from './transformers/transformer.js';

/** How long the server of a picture that is named by URL may take; the request's own limit holds, too. */
const FETCH_TIMEOUT_MS = 10_000;

/** Room for some pictures that wait for a worker thread, however small bodies may be. */
const MIN_ENCODED_BYTES = 16 * 1024 * 1024;

/**
 * For how long requests begin in one turn of the event loop: at 32×32 some eight. With 32 clients the health check's p99 was
 * 22 to 35 ms without a limit, 10 to 19 with this one, 15 to 23 with 5 ms, requests a second alike.
 */
const TURN_BUDGET_MS = 2;

/**
 * Pictures that are decoded at once for each thread: one that it works on, and one that lies ready, since the event loop
 * may be busy when the first is done. With one alone, 640×480 pictures took 15 % longer at 8 clients; more gain nothing.
 */
const PICTURES_PER_THREAD = 2;

/** How the service names itself. */
const SERVER_NAME = 'kserve-transformer';

/** A running service. */
export interface App {
  /** Of the REST server. */
  readonly port: number;
  /** Undefined when there is no gRPC server. */
  readonly grpcPort: number | undefined;
  /**
   * Not ready, and after the delay no new connections; answers under way are finished, then predictors and threads end.
   * Safe to call twice; the first call's delay counts.
   */
  readonly stop: (options: { readonly delayMs: number }) => Promise<void>;
}

/** What the service is made from. */
export interface AppOptions {
  readonly config: Config;
  readonly models: readonly ModelConfig[];
  /** The package's. */
  readonly version: string;
  readonly logger: Logger;
  /** Closed by who made it, when the app has stopped. */
  readonly tracing: RequestTracing;
}

/** What is there once for all models of the process. */
interface ProcessParts extends Pick<TransformerServices, 'workers' | 'pictures' | 'sampler'> {
  readonly config: Config;
  readonly limits: RunLimits;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Something that ends. */
interface Closable {
  close(): void | Promise<void>;
}

/** Has a part closed with the others. */
type Own = <Part extends Closable | undefined>(part: Part) => Part;

/**
 * Builds every part by hand, wires them and starts to listen. The predictors need not be there yet: the service answers
 * 503 until they are.
 * @throws ServiceError when an address or a file is wrong or the embedded runtime is missing; node:net's Error when the
 * port cannot be had
 */
export async function startApp(options: AppOptions): Promise<App> {
  const opened: Closable[] = [];
  const own: Own = (part) => {
    if (part !== undefined) opened.push(part);
    return part;
  };
  // What was opened first is closed last: the predictors.
  const closeParts = async () => {
    for (let part = opened.pop(); part !== undefined; part = opened.pop()) await part.close();
  };
  try {
    return await buildApp(options, { own, closeParts });
  } catch (error) {
    await closeParts();
    throw error;
  }
}

async function buildApp(
  { config, models, version, logger, tracing }: AppOptions,
  { own, closeParts }: { own: Own; closeParts: () => Promise<void> },
): Promise<App> {
  const cores = cpuCount();
  const imagingThreads = config.imagingThreads === 0 ? cores : config.imagingThreads;
  const tls = own(tlsCredentials(config, logger));
  const tokens = own(tokenCheck(config, logger));
  const settings = models.map(({ predictor }) => predictor);
  const metrics = createMetrics();
  const predictors = own(
    await sharePredictors(settings, (predictor) => connectPredictor(predictor, { config, cores, logger })),
  );
  const observe = createPredictorObserver({ metrics });
  const limits = runLimits(config, imagingThreads);
  const workers = own(createWorkerPool({ threads: imagingThreads }));
  const parts = {
    config,
    limits,
    workers,
    sampler: createPictureSampler({
      workers,
      pixels: limits.pixels,
      encoded: createSharedArena({ byteLength: Math.max(config.maxBodyBytes, MIN_ENCODED_BYTES) + PHASE_BYTES }),
    }),
    pictures: pictureSources(config),
    metrics,
    logger,
  };
  const served = await Promise.all(
    models.map((model) => {
      return serveModel(model, batching(observe(predictors.of(model.predictor)), model.predictor, parts), parts);
    }),
  );
  const dataPlane = createDataPlane(served, {
    info: {
      name: SERVER_NAME,
      version,
      extensions: ['binary_tensor_data', ...(config.enableAdmin ? ['model_repository'] : [])],
    },
    readiness: config.readiness,
  });
  const bodies = createLimiter({ capacity: config.bodyBudgetBytes, maxQueue: config.maxQueue, what: 'requests' });
  showLoad(metrics, { admission: parts.limits.admission, bodies });
  const common = {
    dataPlane,
    tracing,
    forwarding: createHeaderForwarding({
      toPredictor: config.forwardHeaders,
      toClient: config.forwardResponseHeaders,
    }),
    enableAdmin: config.enableAdmin,
  };
  const http = createHttpApp({
    ...common,
    metrics,
    logger,
    logsLatency: config.enableLatencyLogging,
    v1: {
      ...config,
      bodies,
      cloudEvents: { source: config.ceSource, type: config.ceType, merge: config.ceMerge },
    },
    enableDocs: config.enableDocsUrl,
    guard: tokens && bearerToken(tokens),
  });
  const server = await listen(http.listener, {
    port: config.httpPort,
    receiveTimeoutMs: config.requestTimeoutSeconds * 1000,
    maxBodyBytes: config.maxBodyBytes,
    keepAliveMs: config.timeoutKeepAlive * 1000,
    tls,
  });
  own({ close: () => server.close(0).then(() => undefined) });
  // REST answers already while gRPC is loaded, which takes some 0.2 s; where it is switched off it is not loaded at all.
  const openGrpc = async () => {
    const { createGrpcServer } = await import('./server/grpc/grpc-server.js');
    return createGrpcServer({
      ...common,
      journal: { logger, metrics, logsLatency: config.enableLatencyLogging },
      limits: {
        maxReceiveBytes: config.grpcMaxReceiveMessageLength,
        maxSendBytes: config.grpcMaxSendMessageLength,
        receiveTimeoutMs: config.requestTimeoutSeconds * 1000,
      },
      tls,
      assertAuthorized: tokens && ((authorization) => tokens.assertAuthorized(authorization)),
    }).listen(config.grpcPort);
  };
  const grpcServer = config.enableGrpc ? await openGrpc() : undefined;
  const serves = models.map(({ name, transformer, predictor }) => {
    return { name, transformer, predictor: predictors.of(predictor).address };
  });
  const numbers = { port: server.port, grpcPort: grpcServer?.port };
  logger.info({ ...numbers, tls: tls !== undefined, models: serves }, 'listening');
  const stopWatching = served.map(({ readiness }) => readiness.watch());

  const stop = async (delayMs: number) => {
    dataPlane.drain();
    server.drain();
    for (const stopOne of stopWatching) stopOne();
    if (delayMs > 0) await sleep(delayMs);
    const graceMs = config.shutdownGraceSeconds * 1000;
    const ports = grpcServer === undefined ? [server] : [server, grpcServer];
    const closed = ports.map((port) => port.close(graceMs));
    logger.info({ requests: ports.reduce((sum, { underWay }) => sum + underWay, 0) }, 'draining');
    const cut = (await Promise.all(closed)).reduce((sum, port) => sum + port.cut, 0);
    if (cut > 0) logger.warn({ requests: cut }, 'requests were cut off: the grace time is over');
    await closeParts();
  };
  let stopping: Promise<void> | undefined;
  return { ...numbers, stop: ({ delayMs }) => (stopping ??= stop(delayMs)) };
}

/** Makes one served model: its transformer over its predictor, its probe, its runs within the bounds of the process. */
async function serveModel(model: ModelConfig, predictor: Predictor, parts: ProcessParts): Promise<ServedModel> {
  const { config, workers, sampler, pictures, limits, metrics, logger } = parts;
  const { name, itemErrors, readyModels, resize } = model;
  const created = await createTransformer(
    model.transformer,
    {
      modelName: name,
      predictor,
      predictorModelName: model.predictor.modelName,
      workers,
      sampler,
      resize,
      pictures,
      logger,
      maxPixels: config.maxPixels,
      maxPredictorBodyBytes: config.predictorMaxBodyBytes,
    },
    model.options,
  );
  const policy = typeof readyModels === 'string' ? readyModels : { models: readyModels, predictor };
  const readiness = createReadiness({ modelName: name, transformer: created.transformer, policy, logger });
  if (created.kind === 'requests') {
    return serveRequests({ name, transformer: created.transformer, limits, metrics, readiness });
  }
  const { transformer } = created;
  const run = createTransformerRunner({ modelName: name, transformer, limits, itemErrors, metrics, logger });
  return serveItems({ name, transformer, run, readiness, singleResponse: model.singleResponse });
}

/** Joins the calls of a served model's requests, if that is asked for. */
function batching(
  predictor: Predictor,
  { maxBatchDelayMs: maxDelayMs }: PredictorConfig,
  { config, limits, metrics }: Pick<ProcessParts, 'config' | 'limits' | 'metrics'>,
): Predictor {
  if (maxDelayMs === 0) return predictor;
  return createBatchingPredictor(predictor, {
    maxDelayMs,
    maxBodyBytes: config.predictorMaxBodyBytes,
    requestsAtWork: () => limits.admission.active,
    metrics,
  });
}

function connectPredictor(
  settings: PredictorConfig,
  { config, cores, logger }: { config: Config; cores: number; logger: Logger },
): Promise<Predictor> {
  const { protocol, requestTimeoutMs, retries } = settings;
  return createPredictor(addressOf(settings), {
    protocol,
    retries,
    repository: config.modelRepository,
    threads: config.embeddedThreads === 0 ? cores : config.embeddedThreads,
    concurrency: config.concurrency,
    requestTimeoutMs,
    logger,
  });
}

/** An address without a scheme, of which it is said apart that it is one of TLS, gets its scheme. */
function addressOf({ host, useSsl, protocol }: PredictorConfig): string {
  if (!useSsl || host === 'embedded' || host.includes('://')) return host;
  const isGrpc = protocol !== 'v1' && parsePredictorAddress(host, protocol).protocol === 'grpc-v2';
  const scheme = isGrpc ? 'grpcs' : 'https';
  return `${scheme}://${host}`;
}

function tlsCredentials({ sslCertfile, sslKeyfile }: Config, logger: Logger) {
  return sslCertfile === undefined || sslKeyfile === undefined
    ? undefined
    : createTlsCredentials({ certFile: sslCertfile, keyFile: sslKeyfile, logger });
}

function tokenCheck({ bearerTokenFile }: Config, logger: Logger) {
  return bearerTokenFile === undefined ? undefined : createTokenCheck({ file: bearerTokenFile, logger });
}

/** Shows what is worked on and what waits. */
function showLoad(metrics: Metrics, { admission, bodies }: Record<'admission' | 'bodies', Limiter>): void {
  metrics.showGauge('transformer_requests_in_flight', 'requests worked on', () => admission.active);
  metrics.showGauge(
    'transformer_requests_waiting',
    'requests that wait for their turn, or for room for their body',
    () => {
      return admission.waiting + bodies.waiting;
    },
  );
  metrics.showGauge(
    'transformer_body_bytes_held',
    'bytes of bodies received and not yet answered',
    () => bodies.active,
  );
}

function pictureSources(config: Config): PictureSources {
  const { allowUrlItems, urlAllowedHosts, itemDir, maxBodyBytes } = config;
  return createPictureSources({
    remote: allowUrlItems ? { allowedHosts: urlAllowedHosts, timeoutMs: FETCH_TIMEOUT_MS } : undefined,
    local: itemDir === undefined ? undefined : { folder: itemDir },
    maxBytes: maxBodyBytes,
  });
}

function runLimits(config: Config, imagingThreads: number): RunLimits {
  return {
    admission: createLimiter({ capacity: config.maxInFlight, maxQueue: config.maxQueue, what: 'requests' }),
    turns: createLoopTurns({ budgetMs: TURN_BUDGET_MS }),
    decoding: createLimiter({ capacity: imagingThreads * PICTURES_PER_THREAD, what: 'pictures' }),
    pixels: createSharedArena({ byteLength: config.pixelBudget * BYTES_PER_PIXEL }),
    maxItems: config.maxItems,
    requestTimeoutMs: config.requestTimeoutSeconds * 1000,
  };
}

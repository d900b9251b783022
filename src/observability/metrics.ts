import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { OPENMETRICS_CONTENT_TYPE, prefersOpenMetrics, toOpenMetrics, withCanonicalBounds } from './exposition.js';
import { createLeanHistogram, type LeanHistogram } from './lean-histogram.js';

/** The stages that KServe's Python SDK measures, as in its metrics' names. */
type KServeStage = 'preprocess' | 'predict' | 'postprocess' | 'explain';

/** A call of the service, for its metrics. */
interface CountedRequest {
  /** A served model's, or '' where none was found. */
  readonly modelName: string;
  readonly protocol: 'v1' | 'v2' | 'grpc';
  /** `200`, `429`; over gRPC `OK`, `RESOURCE_EXHAUSTED`. */
  readonly status: string;
  readonly seconds: number;
  /** Bytes of the bodies, as received and sent. */
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** A call of a predictor, for its metrics. */
export interface CountedPredictorCall {
  /** The model's name on the predictor. */
  readonly model: string;
  /** `ok`, or the error's code. */
  readonly code: string;
  readonly seconds: number;
  /** Bytes of the tensors sent. */
  readonly bytes: number;
}

/** A call of a predictor that may stand for those of several requests, for its metrics. */
export interface CountedPredictorBatch {
  /** The model's name on the predictor. */
  readonly model: string;
  /** How many requests' calls it stands for. */
  readonly requests: number;
  /** How long the first of them waited for others. */
  readonly waitSeconds: number;
}

/** What the process counts and times. */
export interface Metrics {
  /** One of KServe's four histograms. */
  observeKServeStage(modelName: string, stage: KServeStage, seconds: number): void;
  observeStage(labels: { readonly modelName: string; readonly stage: string }, seconds: number): void;
  /** @param labels.model one model of a chain, or another part of a stage */
  observeModel(labels: { readonly modelName: string; readonly model: string }, seconds: number): void;
  /** Counts what was found in items, `faces`. */
  countFound(labels: { readonly modelName: string; readonly what: string }, count: number): void;
  /** @param outcomes how many items had which outcome: `ok`, or an error's code */
  countItems(modelName: string, outcomes: ReadonlyMap<string, number>): void;
  countRequest(request: CountedRequest): void;
  countPredictorCall(call: CountedPredictorCall): void;
  countPredictorBatch(batch: CountedPredictorBatch): void;
  /** Has a number shown as it is at each scrape: of what is in flight, of what waits. */
  showGauge(name: `transformer_${string}` | `predictor_${string}`, help: string, read: () => number): void;
  readonly contentType: string;
  /** The Prometheus text of all metrics. */
  text(): Promise<string>;
  /**
   * All metrics in the format that who asks would rather have: OpenMetrics, or the Prometheus text format.
   * @param accept the header `Accept`
   */
  expose(accept: string | undefined): Promise<{ readonly contentType: string; readonly text: string }>;
}

const KSERVE_HELP: Record<KServeStage, string> = {
  preprocess: 'pre-process request latency',
  predict: 'predict request latency',
  postprocess: 'post-process request latency',
  explain: 'explain request latency',
};

/** The default buckets of Python's prometheus_client, which the dashboards made for KServe's SDK expect. */
const KSERVE_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Ours reach from a small model's single run to the time limit of a request, 60 s by default. */
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Batches of the common sizes: powers of two up to a large model's. */
const BUCKETS_REQUESTS = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/**
 * Makes the metrics: KServe's four histograms `request_{preprocess,predict,postprocess,explain}_seconds` with the label
 * `model_name`, our own (`transformer_…`, `predictor_…`), and the process's (memory, CPU, event loop's lag).
 * No label takes what a client sends: models, stages, statuses and codes are all of closed lists.
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const histogram = (
    name: string,
    help: string,
    { labels, buckets = BUCKETS_SECONDS }: { labels: readonly string[]; buckets?: readonly number[] },
  ) => createLeanHistogram({ name, help, labelNames: labels, buckets, register: registry });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames, registers });

  const kserveStage = (stage: KServeStage) =>
    histogram(`request_${stage}_seconds`, KSERVE_HELP[stage], {
      labels: ['model_name'],
      buckets: KSERVE_BUCKETS_SECONDS,
    });
  const kserveStages = {
    preprocess: kserveStage('preprocess'),
    predict: kserveStage('predict'),
    postprocess: kserveStage('postprocess'),
    explain: kserveStage('explain'),
  } satisfies Record<KServeStage, LeanHistogram>;
  const stages = histogram('transformer_stage_seconds', 'Time of one stage of a request.', {
    labels: ['model_name', 'stage'],
  });
  const models = histogram('transformer_model_seconds', 'Time of one model of a chain, all its batches together.', {
    labels: ['model_name', 'model'],
  });
  const requests = counter('transformer_requests_total', 'Requests answered.', ['model_name', 'protocol', 'status']);
  const requestSeconds = histogram('transformer_request_seconds', 'Time of a request from its head to its answer.', {
    labels: ['model_name', 'protocol'],
  });
  const requestBytes = counter('transformer_request_bytes_total', 'Bytes of bodies received.', ['protocol']);
  const responseBytes = counter('transformer_response_bytes_total', 'Bytes of bodies sent.', ['protocol']);
  const items = counter('transformer_items_total', 'Items worked on, by outcome.', ['model_name', 'outcome']);
  const found = counter('transformer_found_total', 'Things found in items, such as faces.', ['model_name', 'what']);
  const predictorCalls = counter('predictor_calls_total', 'Calls to the predictor, by outcome.', ['model', 'code']);
  const predictorSeconds = histogram('predictor_call_seconds', 'Time of one call to the predictor.', {
    labels: ['model'],
  });
  const predictorBytes = counter('predictor_sent_bytes_total', 'Bytes of tensors sent to the predictor.', ['model']);
  const batchRequests = histogram(
    'predictor_batch_requests',
    'Requests whose calls to the predictor were made as one.',
    {
      labels: ['model'],
      buckets: BUCKETS_REQUESTS,
    },
  );
  const batchWaits = histogram('predictor_batch_wait_seconds', 'Time that a batch waited for calls to share it.', {
    labels: ['model'],
  });
  const text = async () => withCanonicalBounds(await registry.metrics());

  return {
    observeKServeStage: (modelName, stage, seconds) => kserveStages[stage].observe([modelName], seconds),
    observeStage: ({ modelName, stage }, seconds) => stages.observe([modelName, stage], seconds),
    observeModel: ({ modelName, model }, seconds) => models.observe([modelName, model], seconds),
    countFound: ({ modelName, what }, count) => found.inc({ model_name: modelName, what }, count),
    countItems: (modelName, outcomes) => {
      for (const [outcome, count] of outcomes) items.inc({ model_name: modelName, outcome }, count);
    },
    countRequest: ({ modelName, protocol, status, seconds, ...bytes }) => {
      requests.inc({ model_name: modelName, protocol, status });
      requestSeconds.observe([modelName, protocol], seconds);
      requestBytes.inc({ protocol }, bytes.requestBytes);
      responseBytes.inc({ protocol }, bytes.responseBytes);
    },
    countPredictorCall: ({ model, code, seconds, bytes }) => {
      predictorCalls.inc({ model, code });
      predictorSeconds.observe([model], seconds);
      predictorBytes.inc({ model }, bytes);
    },
    countPredictorBatch: ({ model, requests: sharers, waitSeconds }) => {
      batchRequests.observe([model], sharers);
      batchWaits.observe([model], waitSeconds);
    },
    showGauge: (name, help, read) => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    contentType: registry.contentType,
    text,
    expose: async (accept) =>
      prefersOpenMetrics(accept)
        ? { contentType: OPENMETRICS_CONTENT_TYPE, text: toOpenMetrics(await text()) }
        : { contentType: registry.contentType, text: await text() },
  };
}

import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** The stages that KServe's Python SDK measures, as in its metrics' names. */
type MeasuredStage = 'preprocess' | 'predict' | 'postprocess' | 'explain';

/** What the process counts and times. */
export interface Metrics {
  observeStage(modelName: string, stage: MeasuredStage, seconds: number): void;
  readonly contentType: string;
  /** The Prometheus text of all metrics. */
  text(): Promise<string>;
}

const HELP: Record<MeasuredStage, string> = {
  preprocess: 'pre-process request latency',
  predict: 'predict request latency',
  postprocess: 'post-process request latency',
  explain: 'explain request latency',
};

/** The default buckets of Python's prometheus_client, which the dashboards made for KServe's SDK expect. */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * Makes the metrics: KServe's four histograms `request_{preprocess,predict,postprocess,explain}_seconds` with the label
 * `model_name`, and the process's own (memory, CPU, event loop).
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const histogram = (stage: MeasuredStage) =>
    new Histogram({
      name: `request_${stage}_seconds`,
      help: HELP[stage],
      labelNames: ['model_name'],
      buckets: BUCKETS_SECONDS,
      registers: [registry],
    });
  const stages = {
    preprocess: histogram('preprocess'),
    predict: histogram('predict'),
    postprocess: histogram('postprocess'),
    explain: histogram('explain'),
  } satisfies Record<MeasuredStage, Histogram>;
  return {
    observeStage: (modelName, stage, seconds) => stages[stage].observe({ model_name: modelName }, seconds),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

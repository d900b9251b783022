import type { Metrics } from '../../src/observability/metrics.js';

/** A metric as it stands in the Prometheus text format. */
export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** The names of its samples' labels, `le` left out. */
  readonly labels: ReadonlySet<string>;
  /** The names that its samples have: of a histogram, with `_bucket`, `_sum`, `_count`. */
  readonly series: readonly string[];
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'] };

/** Reads the families of a text in the Prometheus format. */
export function familiesOf(text: string): ReadonlyMap<string, MetricFamily> {
  const families = new Map<string, MetricFamily>();
  for (const [, name = '', help = '', type = ''] of text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\w+)$/gm)) {
    const series = (SUFFIXES[type] ?? ['']).map((suffix) => name + suffix);
    const samples = text.split('\n').filter((line) => series.some((one) => line.startsWith(`${one}{`)));
    const labels = samples.flatMap((line) => Array.from(line.matchAll(/[{,](\w+)="/g), ([, label = '']) => label));
    families.set(name, { name, type, help, labels: new Set(labels.filter((label) => label !== 'le')), series });
  }
  return families;
}

/** The gauges that the composition root has shown. */
const GAUGES = {
  transformer_requests_in_flight: 'Requests worked on.',
  transformer_requests_waiting: 'Requests that wait to be worked on.',
  transformer_body_bytes_held: 'Bytes of bodies that are read and not yet answered.',
  predictor_calls_in_flight: 'Calls to the predictor under way.',
} as const;

/** Has every metric seen once, so that each has samples with all of its labels. */
export function observeEach(metrics: Metrics): void {
  const modelName = 'facequality';
  for (const stage of ['preprocess', 'predict', 'postprocess', 'explain'] as const)
    metrics.observeKServeStage(modelName, stage, 0.02);
  metrics.observeStage({ modelName, stage: 'decode' }, 0.003);
  metrics.observeModel({ modelName, model: 'face_detect' }, 0.004);
  metrics.countFound({ modelName, what: 'faces' }, 3);
  metrics.countItems(
    modelName,
    new Map([
      ['ok', 2],
      ['unprocessable', 1],
    ]),
  );
  const request = { modelName, protocol: 'v1', status: '200', seconds: 0.05 } as const;
  metrics.countRequest({ ...request, requestBytes: 1000, responseBytes: 100 });
  metrics.countPredictorCall({ model: 'face_detect', code: 'ok', seconds: 0.004, bytes: 500 });
  metrics.countPredictorBatch({ model: 'face_detect', requests: 3, waitSeconds: 0.002 });
  for (const [name, help] of Object.entries(GAUGES)) metrics.showGauge(name as keyof typeof GAUGES, help, () => 1);
}

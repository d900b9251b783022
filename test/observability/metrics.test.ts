import { createMetrics } from '../../src/observability/metrics.js';
import { familiesOf, observeEach } from '../helpers/metric-samples.js';

/** The lines of one family's samples. */
const samplesOf = (text: string, name: string) =>
  text.split('\n').filter((line) => new RegExp(`^${name}(_bucket|_sum|_count)?[{ ]`).test(line));

const boundsOf = (text: string, name: string) =>
  samplesOf(text, `${name}_bucket`).map((line) => /le="([^"]+)"/.exec(line)?.[1]);

describe('createMetrics()', () => {
  it.each([
    ['preprocess', 'pre-process request latency'],
    ['predict', 'predict request latency'],
    ['postprocess', 'post-process request latency'],
    ['explain', 'explain request latency'],
  ] as const)("has KServe's histogram of %s, word for word", async (stage, help) => {
    const metrics = createMetrics();
    metrics.observeKServeStage('facequality', stage, 0.3);
    const text = await metrics.text();
    const name = `request_${stage}_seconds`;
    expect(familiesOf(text).get(name)).toMatchObject({ type: 'histogram', help });
    expect(boundsOf(text, name)).toEqual(
      '0.005 0.01 0.025 0.05 0.075 0.1 0.25 0.5 0.75 1.0 2.5 5.0 7.5 10.0 +Inf'.split(' '),
    );
    expect(samplesOf(text, name)).toEqual(
      expect.arrayContaining([
        `${name}_bucket{le="0.25",model_name="facequality"} 0`,
        `${name}_bucket{le="0.5",model_name="facequality"} 1`,
        `${name}_sum{model_name="facequality"} 0.3`,
        `${name}_count{model_name="facequality"} 1`,
      ]),
    );
  });

  it('counts a request, its time and its bytes', async () => {
    const metrics = createMetrics();
    const request = { modelName: 'facequality', protocol: 'v1', seconds: 0.2, responseBytes: 10 } as const;
    metrics.countRequest({ ...request, status: '200', requestBytes: 100 });
    metrics.countRequest({ ...request, status: '200', requestBytes: 200 });
    metrics.countRequest({ ...request, status: '429', requestBytes: 0 });
    metrics.countRequest({ ...request, modelName: '', protocol: 'grpc', status: 'NOT_FOUND', requestBytes: 5 });
    const text = await metrics.text();
    expect(samplesOf(text, 'transformer_requests_total')).toEqual([
      'transformer_requests_total{model_name="facequality",protocol="v1",status="200"} 2',
      'transformer_requests_total{model_name="facequality",protocol="v1",status="429"} 1',
      'transformer_requests_total{model_name="",protocol="grpc",status="NOT_FOUND"} 1',
    ]);
    expect(samplesOf(text, 'transformer_request_seconds_count')).toEqual([
      'transformer_request_seconds_count{model_name="facequality",protocol="v1"} 3',
      'transformer_request_seconds_count{model_name="",protocol="grpc"} 1',
    ]);
    expect(samplesOf(text, 'transformer_request_bytes_total')).toEqual([
      'transformer_request_bytes_total{protocol="v1"} 300',
      'transformer_request_bytes_total{protocol="grpc"} 5',
    ]);
    expect(samplesOf(text, 'transformer_response_bytes_total')).toEqual([
      'transformer_response_bytes_total{protocol="v1"} 30',
      'transformer_response_bytes_total{protocol="grpc"} 10',
    ]);
  });

  it('has buckets from a short run of a model to the time limit of a request', async () => {
    const metrics = createMetrics();
    observeEach(metrics);
    const text = await metrics.text();
    const bounds = '0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1.0 2.5 5.0 10.0 30.0 60.0 +Inf'.split(' ');
    const names = [
      'transformer_stage',
      'transformer_model',
      'transformer_request',
      'predictor_call',
      'predictor_batch_wait',
    ];
    for (const name of names) expect(boundsOf(text, `${name}_seconds`)).toEqual(bounds);
  });

  it('counts items by outcome, and what was found in them', async () => {
    const metrics = createMetrics();
    const counts: [string, number][] = [
      ['ok', 2],
      ['unprocessable', 1],
    ];
    metrics.countItems('facequality', new Map(counts));
    metrics.countItems('facequality', new Map(counts.slice(0, 1)));
    metrics.countItems('facequality', new Map());
    metrics.countFound({ modelName: 'facequality', what: 'faces' }, 3);
    metrics.countFound({ modelName: 'facequality', what: 'faces' }, 0);
    const text = await metrics.text();
    expect(samplesOf(text, 'transformer_items_total')).toEqual([
      'transformer_items_total{model_name="facequality",outcome="ok"} 4',
      'transformer_items_total{model_name="facequality",outcome="unprocessable"} 1',
    ]);
    expect(samplesOf(text, 'transformer_found_total')).toEqual([
      'transformer_found_total{model_name="facequality",what="faces"} 3',
    ]);
  });

  it('counts calls to the predictor by outcome, their time and their bytes by model', async () => {
    const metrics = createMetrics();
    const call = { model: 'face_detect', seconds: 0.004, bytes: 1000 };
    metrics.countPredictorCall({ ...call, code: 'ok' });
    metrics.countPredictorCall({ ...call, code: 'unavailable' });
    const text = await metrics.text();
    expect(samplesOf(text, 'predictor_calls_total')).toEqual([
      'predictor_calls_total{model="face_detect",code="ok"} 1',
      'predictor_calls_total{model="face_detect",code="unavailable"} 1',
    ]);
    expect(samplesOf(text, 'predictor_call_seconds_count')).toEqual([
      'predictor_call_seconds_count{model="face_detect"} 2',
    ]);
    expect(samplesOf(text, 'predictor_sent_bytes_total')).toEqual([
      'predictor_sent_bytes_total{model="face_detect"} 2000',
    ]);
  });

  it('counts how many requests share a call to the predictor, and how long they waited for each other', async () => {
    const metrics = createMetrics();
    for (const requests of [1, 8, 8]) metrics.countPredictorBatch({ model: 'cifar10', requests, waitSeconds: 0.5 });
    const text = await metrics.text();
    expect(boundsOf(text, 'predictor_batch_requests')).toEqual(
      '1.0 2.0 4.0 8.0 16.0 32.0 64.0 128.0 256.0 +Inf'.split(' '),
    );
    expect(samplesOf(text, 'predictor_batch_requests')).toEqual(
      expect.arrayContaining([
        'predictor_batch_requests_bucket{le="4.0",model="cifar10"} 1',
        'predictor_batch_requests_bucket{le="8.0",model="cifar10"} 3',
        'predictor_batch_requests_sum{model="cifar10"} 17',
        'predictor_batch_requests_count{model="cifar10"} 3',
      ]),
    );
    expect(samplesOf(text, 'predictor_batch_wait_seconds_sum')).toEqual([
      'predictor_batch_wait_seconds_sum{model="cifar10"} 1.5',
    ]);
  });

  it('shows a number as it is at each scrape', async () => {
    const metrics = createMetrics();
    let inFlight = 3;
    metrics.showGauge('transformer_requests_in_flight', 'Requests worked on.', () => inFlight);
    expect(samplesOf(await metrics.text(), 'transformer_requests_in_flight')).toEqual([
      'transformer_requests_in_flight 3',
    ]);
    inFlight = 0;
    expect(samplesOf(await metrics.text(), 'transformer_requests_in_flight')).toEqual([
      'transformer_requests_in_flight 0',
    ]);
  });

  it("shows the process: memory, CPU, file descriptors, garbage collection and the event loop's lag", async () => {
    const text = await createMetrics().text();
    const names = [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_open_fds',
      'process_max_fds',
      'process_start_time_seconds',
      'nodejs_heap_size_used_bytes',
      'nodejs_external_memory_bytes',
      'nodejs_gc_duration_seconds',
      'nodejs_eventloop_lag_seconds',
      ...['mean', 'min', 'max', 'stddev', 'p50', 'p90', 'p99'].map((part) => `nodejs_eventloop_lag_${part}_seconds`),
    ];
    expect([...familiesOf(text).keys()]).toEqual(expect.arrayContaining(names));
  });

  it('names units, counters and labels by the conventions of Prometheus', async () => {
    const metrics = createMetrics();
    observeEach(metrics);
    const own = [...familiesOf(await metrics.text()).values()].filter(({ name }) =>
      /^(transformer|predictor)_/.test(name),
    );
    expect(own.length).toBeGreaterThanOrEqual(15);
    for (const { name, type, help, labels } of own) {
      expect([name, help]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/)]);
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      if (type === 'histogram') expect(name).toMatch(/_(?:seconds|requests)$/);
      for (const label of labels) expect(label).toMatch(/^[a-z_]+$/);
    }
  });

  it('keeps the metrics of each service apart', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.countFound({ modelName: 'facequality', what: 'faces' }, 3);
    expect(samplesOf(await other.text(), 'transformer_found_total')).toEqual([]);
  });

  it('refuses two gauges of one name', () => {
    const metrics = createMetrics();
    metrics.showGauge('transformer_requests_waiting', 'Requests that wait.', () => 0);
    expect(() => metrics.showGauge('transformer_requests_waiting', 'Requests that wait.', () => 0)).toThrow(
      'A metric with the name transformer_requests_waiting has already been registered.',
    );
  });
});

describe('Metrics.expose()', () => {
  it('gives the Prometheus text format to whoever asks for nothing else', async () => {
    const metrics = createMetrics();
    observeEach(metrics);
    const { contentType, text } = await metrics.expose(undefined);
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(contentType).toBe(metrics.contentType);
    expect(text).toContain('\n# TYPE transformer_requests_total counter\ntransformer_requests_total{');
    expect(text).not.toContain('# EOF');
  });

  it('gives OpenMetrics to whoever prefers it, and both time and again', async () => {
    const metrics = createMetrics();
    observeEach(metrics);
    for (let round = 0; round < 2; round++) {
      const { contentType, text } = await metrics.expose('application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
      expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
      expect(text).toContain('\n# TYPE transformer_requests counter\ntransformer_requests_total{');
      expect(text).toMatch(/[^\n]\n# EOF\n$/);
      expect((await metrics.expose('text/plain')).text).toContain('# TYPE transformer_requests_total counter');
    }
  });
});

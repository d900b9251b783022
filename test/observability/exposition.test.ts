import { prefersOpenMetrics, toOpenMetrics, withCanonicalBounds } from '../../src/observability/exposition.js';

describe('prefersOpenMetrics()', () => {
  it.each([
    [
      'Prometheus 3',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      true,
    ],
    [
      'Prometheus 2',
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      true,
    ],
    ["KServe's test", 'application/openmetrics-text', true],
    ['equal wishes', 'text/plain, application/openmetrics-text', true],
    ['capitals and spaces', ' Application/OpenMetrics-Text ; Q=0.5 ', true],
    ['text above it', 'application/openmetrics-text;q=0.3,text/plain;q=0.9', false],
    ['a refusal', 'application/openmetrics-text;q=0', false],
    ['no number', 'application/openmetrics-text;q=high', false],
    ['curl', '*/*', false],
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
    ['protobuf', 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited', false],
    ['nothing', '', false],
    ['no header', undefined, false],
  ])('reads the wish of %s', (_, accept, expected) => {
    expect(prefersOpenMetrics(accept)).toBe(expected);
  });
});

describe('withCanonicalBounds()', () => {
  it.each([
    ['a_bucket{le="1",model_name="m"} 2', 'a_bucket{le="1.0",model_name="m"} 2'],
    ['a_bucket{model_name="m",le="10"} 2', 'a_bucket{model_name="m",le="10.0"} 2'],
    ['a_bucket{le="0.5"} 1', 'a_bucket{le="0.5"} 1'],
    ['a_bucket{le="+Inf"} 1', 'a_bucket{le="+Inf"} 1'],
    ['a{file="1"} 1', 'a{file="1"} 1'],
    [String.raw`a{text="{le=\"1\""} 1`, String.raw`a{text="{le=\"1\""} 1`],
  ])('writes %j as %j', (given, expected) => {
    expect(withCanonicalBounds(given)).toBe(expected);
  });
});

describe('toOpenMetrics()', () => {
  it('names the families of counters without _total, and leaves the rest as it is', () => {
    const text = [
      '# HELP a_total What is counted: b_total.',
      '# TYPE a_total counter',
      'a_total{x="# TYPE c_total counter"} 1',
      '',
      '# HELP b_total A gauge of that name.',
      '# TYPE b_total gauge',
      'b_total 2',
      '',
      '# HELP d_seconds Seconds.',
      '# TYPE d_seconds histogram',
      'd_seconds_bucket{le="+Inf"} 0',
      '',
    ].join('\n');
    expect(toOpenMetrics(text).split('\n')).toEqual([
      '# HELP a What is counted: b_total.',
      '# TYPE a counter',
      'a_total{x="# TYPE c_total counter"} 1',
      '# HELP b_total A gauge of that name.',
      '# TYPE b_total gauge',
      'b_total 2',
      '# HELP d_seconds Seconds.',
      '# TYPE d_seconds histogram',
      'd_seconds_bucket{le="+Inf"} 0',
      '# EOF',
      '',
    ]);
  });

  it('ends an empty text', () => {
    expect(toOpenMetrics('')).toBe('# EOF\n');
  });
});

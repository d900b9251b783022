import { readTracingSettings, type TracingSettings } from '../../src/observability/tracing-settings.js';

const ON = { OTEL_TRACES_EXPORTER: 'otlp' };
const read = (env: Record<string, string>) =>
  readTracingSettings({ env: { ...ON, ...env }, serviceName: 'facequality', serviceVersion: '1.2.3' });

/** The settings where nothing is wrong. */
function settingsOf(env: Record<string, string>): TracingSettings {
  const { settings, problems } = read(env);
  expect(problems).toEqual([]);
  if (settings === undefined) throw new Error('tracing is off');
  return settings;
}

describe('readTracingSettings()', () => {
  it("has the specification's defaults", () => {
    const { otlp, ...settings } = settingsOf({});
    expect({ ...otlp, url: otlp.url.href }).toEqual({
      url: 'http://localhost:4318/v1/traces',
      headers: {},
      timeoutMs: 10_000,
      compression: 'none',
      tls: {},
    });
    expect(settings).toMatchObject({
      exporters: ['otlp'],
      propagators: ['tracecontext', 'baggage'],
      sampler: { name: 'parentbased_always_on', ratio: 1 },
      batches: {
        maxQueueSize: 2048,
        maxExportBatchSize: 512,
        scheduledDelayMillis: 5000,
        exportTimeoutMillis: 30_000,
      },
      resource: { 'service.name': 'facequality', 'service.version': '1.2.3' },
    });
  });

  it.each<[Record<string, string>, string]>([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, 'http://collector:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://host/otlp/?key=1' }, 'https://host/otlp/v1/traces?key=1'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318' }, 'http://collector:4318/'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b:2/v1/traces' },
      'http://b:2/v1/traces',
    ],
  ])('sends to the place that %j names', (env, url) => {
    expect(settingsOf(env).otlp.url.href).toBe(url);
  });

  it("lets the traces' own variables win over those of all signals", () => {
    const all = {
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=2',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_CERTIFICATE: 'all/ca',
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: 'all/cert',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: 'all/key',
    };
    const own = {
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=3',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2',
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'NONE',
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: 'own/ca',
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: 'own/cert',
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: 'own/key',
    };
    expect(settingsOf(all).otlp).toMatchObject({
      headers: { a: '1', b: '2' },
      timeoutMs: 1,
      compression: 'gzip',
      tls: { ca: 'all/ca', cert: 'all/cert', key: 'all/key' },
    });
    expect(settingsOf({ ...all, ...own }).otlp).toMatchObject({
      headers: { a: '1', b: '3' },
      timeoutMs: 2,
      compression: 'none',
      tls: { ca: 'own/ca', cert: 'own/cert', key: 'own/key' },
    });
  });

  it.each([
    ['a=1,b=2', { a: '1', b: '2' }],
    [' a = 1 , ,b=2,', { a: '1', b: '2' }],
    ['authorization=Basic%20dTpw==', { authorization: 'Basic dTpw==' }],
    ['a=50%,b=x;y', { a: '50%', b: 'x;y' }],
    ['a=', { a: '' }],
    ['a%2Fb=c%2Cd', { 'a/b': 'c,d' }],
  ])('reads headers and attributes from %j', (text, expected) => {
    const { otlp, resource } = settingsOf({ OTEL_EXPORTER_OTLP_HEADERS: text, OTEL_RESOURCE_ATTRIBUTES: text });
    expect(otlp.headers).toEqual(expected);
    expect(resource).toMatchObject(expected);
  });

  it('calls the service as the environment does', () => {
    const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,service.version=9,service.instance.id=pod-1' };
    expect(settingsOf(attributes).resource).toMatchObject({
      'service.name': 'a',
      'service.version': '9',
      'service.instance.id': 'pod-1',
    });
    expect(settingsOf({ ...attributes, OTEL_SERVICE_NAME: 'b' }).resource).toMatchObject({ 'service.name': 'b' });
  });

  it('keeps the order of propagators, each once, in any case', () => {
    expect(settingsOf({ OTEL_PROPAGATORS: 'B3, tracecontext,b3' }).propagators).toEqual(['b3', 'tracecontext']);
    expect(settingsOf({ OTEL_PROPAGATORS: 'none' }).propagators).toEqual([]);
  });

  it('does not make a batch larger than the queue', () => {
    expect(settingsOf({ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_SCHEDULE_DELAY: '0' }).batches).toEqual({
      maxQueueSize: 10,
      maxExportBatchSize: 10,
      scheduledDelayMillis: 0,
      exportTimeoutMillis: 30_000,
    });
  });

  it.each(['grpc', 'http/json'])('says that %s is not what it speaks', (protocol) => {
    const { warnings, settings } = read({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
    expect(settings?.exporters).toEqual(['otlp']);
    expect(warnings).toEqual([
      `OTEL_EXPORTER_OTLP_PROTOCOL asks for ${protocol}, but traces are sent as http/protobuf: to the collector's HTTP port, 4318 by default`,
    ]);
  });

  it('says that the port of the endpoint looks like that of another protocol', () => {
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }).warnings).toEqual([
      "The endpoint's port 4317 is usually OTLP's over gRPC, but traces are sent as http/protobuf: to the collector's HTTP port, 4318 by default",
    ]);
  });

  it.each<Record<string, string>>([
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_EXPORTER: 'console' },
  ])('says nothing of the protocol with %j', (env) => {
    expect(read(env).warnings).toEqual([]);
  });

  it.each([
    ['OTEL_TRACES_EXPORTER', 'zipkin', 'a list of otlp, console, received "zipkin"'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'a number from 0 to 1, received "1.5"'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half', 'a number from 0 to 1, received "half"'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0', 'a whole number from 1 to 2147483647, received "0"'],
    ['OTEL_BSP_SCHEDULE_DELAY', '5s', 'a whole number from 0 to 2147483647, received "5s"'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '-1', 'a whole number from 1 to 2147483647, received "-1"'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '2147483648', 'a whole number from 1 to 2147483647, received "2147483648"'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', 'one of gzip, none, received "zstd"'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'thrift', 'one of http/protobuf, http/json, grpc, received "thrift"'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'not a url', 'an http:// or https:// URL, received "not a url"'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'ftp://u:secret@host', 'an http:// or https:// URL, received "ftp://…@host"'],
    [
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
      'x'.repeat(100),
      `an http:// or https:// URL, received "${'x'.repeat(80)}…"`,
    ],
    [
      'OTEL_RESOURCE_ATTRIBUTES',
      'a=1,b',
      'name=value pairs, separated by commas and percent-encoded, received "a=1,b"',
    ],
    ['OTEL_RESOURCE_ATTRIBUTES', ' =1', 'name=value pairs, separated by commas and percent-encoded, received " =1"'],
  ])('does not take %s=%s', (name, value, message) => {
    const { settings, problems } = read({ [name]: value });
    expect(settings).toBeUndefined();
    expect(problems).toEqual([`${name}: expects ${message}`]);
  });

  it('never repeats a header', () => {
    const { problems } = read({ OTEL_EXPORTER_OTLP_HEADERS: 'hunter2', OTEL_EXPORTER_OTLP_TRACES_HEADERS: '=hunter2' });
    expect(problems).toHaveLength(2);
    expect(problems.join()).not.toContain('hunter2');
  });
});

import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { ServiceError } from '../../src/errors.js';
import { createTracing, type TracingOptions } from '../../src/observability/create-tracing.js';
import { NO_SPAN } from '../../src/observability/span.js';
import { NO_TRACING, type Tracing } from '../../src/observability/tracing.js';
import { type OtlpCollector, startOtlpCollector } from '../helpers/otlp-collector.js';
import { recordingLog } from '../helpers/recording-log.js';
import { serveBytes } from '../helpers/own-server.js';

type Env = TracingOptions['env'];

const { lines, logger } = recordingLog();
const warnings = () => lines.filter(({ level }) => level === 'warn');
beforeEach(() => {
  lines.length = 0;
});

const tracingOf = (env: Env, changes: Partial<TracingOptions> = {}) =>
  createTracing({ env, serviceName: 'facequality', serviceVersion: '1.2.3', logger, ...changes });

/** What reaches a collector of what a test traces. */
async function traced(
  work: (tracing: Tracing) => void,
  env: Env = {},
  collecting: Parameters<typeof startOtlpCollector>[0] = {},
): Promise<OtlpCollector> {
  const collector = await startOtlpCollector(collecting);
  try {
    const tracing = await tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...env });
    work(tracing);
    await tracing.close();
  } finally {
    await collector.close();
  }
  return collector;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

describe('createTracing()', () => {
  it('sends a request and the work within it as one trace', async () => {
    const collector = await traced((tracing) => {
      const request = tracing.startRequest('POST /v1/models/{name}:predict', {}, { 'http.request.method': 'POST' });
      const stage = request.child('predict', { items: 2, ratio: 0.5, cached: false });
      const call = stage.child('infer face_detect', { 'server.port': 8001 }, 'client');
      call.end();
      stage.set({ faces: 3 });
      stage.end();
      request.child('postprocess').end();
      request.set({ 'http.response.status_code': 200 });
      request.end();
    });
    const request = collector.span('POST /v1/models/{name}:predict');
    const stage = collector.span('predict');
    const call = collector.span('infer face_detect');
    const last = collector.span('postprocess');

    expect([request.kind, stage.kind, call.kind]).toEqual(['server', 'internal', 'client']);
    expect([request.parentSpanId, stage.parentSpanId, call.parentSpanId]).toEqual(['', request.spanId, stage.spanId]);
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(request.attributes).toEqual({ 'http.request.method': 'POST', 'http.response.status_code': 200 });
    expect(stage.attributes).toEqual({ items: 2, ratio: 0.5, cached: false, faces: 3 });
    const times = [request.startNs, stage.startNs, call.startNs, call.endNs, stage.endNs];
    times.push(last.startNs, last.endNs, request.endNs);
    expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
    expect(Number(request.startNs / 1_000_000n)).toBeCloseTo(Date.now(), -4);
    expect(request.status).toEqual({ code: 'unset', message: '' });
    expect(request.scope).toEqual({ name: 'kserve-transformer', version: '1.2.3' });
  });

  it('says in the log where the traces go, without the password on the way', async () => {
    const tracing = await tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:secret@127.0.0.1:1' });
    await tracing.close();
    expect(lines).toEqual([
      {
        level: 'info',
        fields: {
          exporters: ['otlp'],
          endpoint: 'http://127.0.0.1:1/v1/traces',
          propagators: ['tracecontext', 'baggage'],
          sampler: { name: 'parentbased_always_on', ratio: 1 },
          service: 'facequality',
        },
        message: 'tracing',
      },
    ]);
  });

  it('names the service, its version, its instance and what the environment adds', async () => {
    const collector = await traced((tracing) => tracing.startRequest('r', {}, {}).end(), {
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod,team=a%2Cb',
    });
    expect(collector.span('r').resource).toMatchObject({
      'service.name': 'facequality',
      'service.version': '1.2.3',
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'host.name': expect.stringMatching(/./),
      'deployment.environment.name': 'prod',
      team: 'a,b',
      'telemetry.sdk.language': 'nodejs',
    });
  });

  it('ends a span once, and passes over what comes after', async () => {
    const collector = await traced((tracing) => {
      const span = tracing.startRequest('r', {}, {});
      span.end();
      span.set({ late: true });
      span.end(new ServiceError('internal', 'late'));
    });
    expect(collector.span('r')).toMatchObject({ attributes: {}, events: [], status: { code: 'unset' } });
    expect(warnings()).toEqual([]);
  });

  it('sends headers, gzip and the path that the environment asks for', async () => {
    const collector = await startOtlpCollector();
    const tracing = await tracingOf({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/otlp/traces`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc==, x-tenant=all',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=vision',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    });
    tracing.startRequest('r', {}, {}).end();
    await tracing.close();
    await collector.close();
    expect(collector.requests.map(({ path }) => path)).toEqual(['/otlp/traces']);
    expect(collector.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer abc==',
      'x-tenant': 'vision',
      'content-encoding': 'gzip',
      'content-type': 'application/x-protobuf',
    });
    expect(collector.spans.map(({ name }) => name)).toEqual(['r']);
  });

  it('sends over TLS to a receiver that its certificate authority vouches for, and shows its own certificate', async () => {
    const file = (name: string) => `test/fixtures/tls/${name}.pem`;
    const tls = {
      cert: readFileSync(file('server')),
      key: readFileSync(file('server-key')),
      ca: readFileSync(file('ca')),
      requestCert: true,
      rejectUnauthorized: true,
    };
    const collector = await traced(
      (tracing) => tracing.startRequest('r', {}, {}).end(),
      {
        OTEL_EXPORTER_OTLP_CERTIFICATE: file('ca'),
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file('client'),
        OTEL_EXPORTER_OTLP_CLIENT_KEY: file('client-key'),
      },
      { tls },
    );
    expect(warnings()).toEqual([]);
    expect(collector.spans.map(({ name }) => name)).toEqual(['r']);
  });

  it('writes the spans to the console when that is asked for', async () => {
    const written: unknown[] = [];
    const dir = jest.spyOn(console, 'dir').mockImplementation((span) => void written.push(span));
    try {
      const tracing = await tracingOf({ OTEL_TRACES_EXPORTER: 'console' });
      tracing.startRequest('r', {}, {}).end();
      await tracing.close();
    } finally {
      dir.mockRestore();
    }
    expect(written).toEqual([expect.objectContaining({ name: 'r' })]);
  });

  it('sends both ways when both are asked for', async () => {
    const dir = jest.spyOn(console, 'dir').mockImplementation(() => undefined);
    try {
      const collector = await traced((tracing) => tracing.startRequest('r', {}, {}).end(), {
        OTEL_TRACES_EXPORTER: 'otlp,console',
      });
      expect(collector.spans).toHaveLength(1);
      expect(dir).toHaveBeenCalledTimes(1);
    } finally {
      dir.mockRestore();
    }
  });
});

describe('createTracing(), contexts in headers', () => {
  const formats: [string, string, Record<string, string>, (spanId: string) => Record<string, string>][] = [
    [
      'W3C',
      'tracecontext',
      { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=1' },
      (spanId) => ({ traceparent: `00-${TRACE}-${spanId}-01`, tracestate: 'vendor=1' }),
    ],
    ['B3 in one header', 'b3', { b3: `${TRACE}-${PARENT}-1` }, (spanId) => ({ b3: `${TRACE}-${spanId}-1` })],
    [
      'B3 in several headers',
      'b3multi',
      { 'x-b3-traceid': TRACE, 'x-b3-spanid': PARENT, 'x-b3-sampled': '1' },
      (spanId) => ({ 'x-b3-traceid': TRACE, 'x-b3-spanid': spanId, 'x-b3-sampled': '1' }),
    ],
  ];

  it.each(formats)('goes on with a trace in %s, and hands it on so', async (_, propagator, headers, expected) => {
    let handedOn: Readonly<Record<string, string>> = {};
    const collector = await traced(
      (tracing) => {
        const request = tracing.startRequest('r', headers, {});
        const call = request.child('c', {}, 'client');
        handedOn = call.headers();
        expect(request.traceId).toBe(TRACE);
        call.end();
        request.end();
      },
      { OTEL_PROPAGATORS: propagator },
    );
    expect(collector.span('r')).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
    expect(handedOn).toEqual(expected(collector.span('c').spanId));
  });

  it.each(['b3', 'b3multi'])('reads both forms of B3 with %s', async (propagator) => {
    const collector = await traced(
      (tracing) => {
        for (const [name, , headers] of formats.slice(1)) tracing.startRequest(name, headers, {}).end();
      },
      { OTEL_PROPAGATORS: propagator },
    );
    expect(collector.spans.map(({ traceId }) => traceId)).toEqual([TRACE, TRACE]);
  });

  it('takes a B3 trace id of 64 bits', async () => {
    const collector = await traced((tracing) => tracing.startRequest('r', { b3: `${PARENT}-${PARENT}-1` }, {}).end(), {
      OTEL_PROPAGATORS: 'b3',
    });
    expect(collector.span('r').traceId).toBe(`0000000000000000${PARENT}`);
  });

  it('speaks W3C by default, with its baggage, and not B3', async () => {
    const tracing = await tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
    const baggage = 'tenant=blue,user=7';
    const w3c = tracing.startRequest('r', { traceparent: `00-${TRACE}-${PARENT}-00`, baggage }, {});
    expect(w3c.child('c').headers()).toEqual({
      traceparent: expect.stringMatching(`^00-${TRACE}-[0-9a-f]{16}-00$`),
      baggage,
    });
    expect(tracing.startRequest('r', { b3: `${TRACE}-${PARENT}-0` }, {}).traceId).not.toBe(TRACE);
    await tracing.close();
  });

  it('writes and reads several formats side by side', async () => {
    const env = { OTEL_PROPAGATORS: 'tracecontext,b3,b3multi', OTEL_TRACES_SAMPLER: 'always_off' };
    const tracing = await tracingOf({ OTEL_TRACES_EXPORTER: 'otlp', ...env });
    const { traceId, ...span } = tracing.startRequest('r', { b3: `${TRACE}-${PARENT}-1` }, {});
    expect(traceId).toBe(TRACE);
    const names = ['traceparent', 'b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled'];
    expect(Object.keys(span.headers())).toEqual(names);
    await tracing.close();
  });

  it('neither reads nor writes headers when told none', async () => {
    const tracing = await tracingOf({
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_PROPAGATORS: 'none',
      OTEL_TRACES_SAMPLER: 'always_off',
    });
    const span = tracing.startRequest('r', { traceparent: `00-${TRACE}-${PARENT}-00` }, {});
    expect(span.traceId).not.toBe(TRACE);
    expect(span.headers()).toEqual({});
    await tracing.close();
  });

  it.each([
    ['too short', `00-${TRACE}-${PARENT}`],
    ['all zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['of a forbidden version', `ff-${TRACE}-${PARENT}-01`],
    ['no text', 7],
    ['many values', ['x', 'y']],
  ])('begins a trace of its own where traceparent is %s', async (_, traceparent) => {
    const collector = await traced((tracing) => tracing.startRequest('r', { traceparent }, {}).end());
    expect(collector.span('r')).toMatchObject({ parentSpanId: '', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(collector.span('r').traceId).not.toBe(TRACE);
  });
});

describe('createTracing(), sampling', () => {
  const sampled = { traceparent: `00-${TRACE}-${PARENT}-01` };
  const unsampled = { traceparent: `00-${TRACE}-${PARENT}-00` };
  // TraceIdRatioBasedSampler compares the trace id's halves, xor-ed 32 bits at a time, with the ratio of 2^32.
  const low = { traceparent: `00-${'0'.repeat(31)}1-${PARENT}-00` };
  const high = { traceparent: `00-${'0'.repeat(24)}ffffffff-${PARENT}-01` };

  it.each([
    { sampler: 'always_on', ratio: '', of: [sampled, unsampled], count: 2 },
    { sampler: 'always_off', ratio: '', of: [sampled, unsampled], count: 0 },
    { sampler: 'traceidratio', ratio: '0.5', of: [low, high], count: 1 },
    { sampler: 'traceidratio', ratio: '', of: [low, high], count: 2 },
    { sampler: 'parentbased_always_on', ratio: '', of: [sampled, unsampled, {}], count: 2 },
    { sampler: 'parentbased_always_off', ratio: '', of: [sampled, unsampled, {}], count: 1 },
    { sampler: 'parentbased_traceidratio', ratio: '0', of: [sampled, unsampled, {}], count: 1 },
    { sampler: 'parentbased_traceidratio', ratio: '1', of: [sampled, unsampled, {}], count: 2 },
    { sampler: '', ratio: '', of: [sampled, unsampled, {}], count: 2 },
  ])(
    'records $count of $of.length with sampler "$sampler" and ratio "$ratio"',
    async ({ sampler, ratio, of, count }) => {
      const collector = await traced(
        (tracing) => {
          for (const headers of of) {
            const request = tracing.startRequest('r', headers, {});
            request.child('c').end();
            request.end();
          }
        },
        { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: ratio },
      );
      expect(collector.spans.map(({ name }) => name)).toEqual(Array(count).fill(['c', 'r']).flat());
    },
  );

  it('hands on the context of a trace that is not recorded, as one that is not', async () => {
    const tracing = await tracingOf({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_TRACES_SAMPLER: 'always_off' });
    const request = tracing.startRequest('r', sampled, {});
    request.set({ a: 1 });
    const call = request.child('c', {}, 'client');
    expect(call.headers()).toEqual({ traceparent: expect.stringMatching(`^00-${TRACE}-[0-9a-f]{16}-00$`) });
    expect(call.headers()['traceparent']).not.toContain(PARENT);
    call.end(new Error('x'));
    await tracing.close();
  });
});

describe('createTracing(), failures', () => {
  /** The server's span and the client's span of a request that failed. */
  const failed = async (error: unknown) => {
    const collector = await traced((tracing) => {
      const request = tracing.startRequest('server', {}, {});
      request.child('client', {}, 'client').end(error);
      request.end(error);
    });
    return { server: collector.span('server'), client: collector.span('client') };
  };

  it('marks a span that failed with its code and its message', async () => {
    const { server, client } = await failed(new ServiceError('unavailable', 'The predictor cannot be reached'));
    for (const span of [server, client]) {
      expect(span.status).toEqual({ code: 'error', message: 'The predictor cannot be reached' });
      expect(span.attributes).toEqual({ 'error.type': 'unavailable' });
      expect(span.events).toEqual([
        {
          name: 'exception',
          attributes: { 'exception.type': 'ServiceError', 'exception.message': 'The predictor cannot be reached' },
        },
      ]);
    }
  });

  it("does not count a client's fault as the server's, but as the caller's", async () => {
    const { server, client } = await failed(new ServiceError('invalid_argument', 'instances is missing'));
    expect(server).toMatchObject({ status: { code: 'unset' }, attributes: { 'error.type': 'invalid_argument' } });
    expect(server.events).toHaveLength(1);
    expect(client).toMatchObject({ status: { code: 'error' }, attributes: { 'error.type': 'invalid_argument' } });
  });

  it('takes a caller who left for no failure', async () => {
    const { server, client } = await failed(new ServiceError('cancelled', 'The client left'));
    for (const span of [server, client]) {
      expect(span.status.code).toBe('unset');
      expect(span.attributes).toEqual({ 'transformer.cancelled': true });
      expect(span.events).toEqual([]);
    }
  });

  it('tells of an unexpected error what it was and where, but hardly a piece of what was sent', async () => {
    const payload = '/9j/'.repeat(1000);
    const { server } = await failed(new TypeError(`cannot decode\n ${payload}`));
    const [event] = server.events;
    expect(server).toMatchObject({ status: { code: 'error' }, attributes: { 'error.type': 'internal' } });
    expect(event?.attributes).toMatchObject({
      'exception.type': 'TypeError',
      'exception.message': expect.stringMatching(/^cannot decode\n .{241}…$/),
      'exception.stacktrace': expect.stringMatching(/^ +at .*create-tracing\.test/),
    });
    expect(JSON.stringify(server.events).length).toBeLessThan(4000);
    expect(event?.attributes['exception.stacktrace']).not.toContain('/9j/');
  });

  it.each([['text'], [null], [42]])('takes %j that was thrown for an internal error', async (thrown) => {
    const { server } = await failed(thrown);
    expect(server).toMatchObject({ status: { code: 'error' }, attributes: { 'error.type': 'internal' } });
  });
});

describe('createTracing() without a receiver', () => {
  it('costs spans and one warning when nobody listens', async () => {
    const nobody = await serveBytes(() => undefined);
    await nobody.close();
    const tracing = await tracingOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${nobody.port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '100',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1',
    });
    for (let i = 0; i < 5; i++) tracing.startRequest('r', {}, {}).end();
    await tracing.close();
    expect(warnings()).toEqual([
      {
        level: 'warn',
        fields: { reason: expect.stringContaining('ECONNREFUSED'), droppedSpans: 1 },
        message: 'traces cannot be sent',
      },
    ]);
  });

  it('costs spans and one warning when the receiver refuses', async () => {
    const collector = await traced((tracing) => tracing.startRequest('r', {}, {}).end(), {}, { status: 400 });
    expect(collector.requests).toHaveLength(1);
    expect(warnings()).toEqual([
      { level: 'warn', fields: { reason: '400: Bad Request', droppedSpans: 1 }, message: 'traces cannot be sent' },
    ]);
  });

  it('says when the receiver is back', async () => {
    const answered: (() => void)[] = [];
    const arrived = () => new Promise<void>((resolve) => answered.push(resolve));
    const settings = { status: 400, onRequest: () => answered.shift()?.() };
    const collector = await startOtlpCollector(settings);
    const first = arrived();
    const tracing = await tracingOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1',
    });
    tracing.startRequest('r', {}, {}).end();
    await first;
    while (warnings().length === 0) await turn();
    collector.answerWith(200);
    tracing.startRequest('r', {}, {}).end();
    await tracing.close();
    await collector.close();
    expect(lines.at(-1)).toEqual({ level: 'info', fields: { droppedSpans: 0 }, message: 'traces are sent again' });
  });

  it('drops what the queue does not hold, and says how much that was', async () => {
    const collector = await startOtlpCollector({ status: 0 });
    const tracing = await tracingOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_MAX_QUEUE_SIZE: '2',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2',
      OTEL_EXPORTER_OTLP_TIMEOUT: '50',
    });
    for (let i = 0; i < 100; i++) tracing.startRequest('r', {}, {}).end();
    while (warnings().length === 0) await turn();
    tracing.startRequest('r', {}, {}).end();
    await tracing.close();
    await collector.close();
    expect(collector.spans).toHaveLength(2 + 2 + 1);
    expect(warnings().map(({ message, fields }) => [message, fields])).toEqual([
      ['traces cannot be sent', { reason: 'Request timed out', droppedSpans: 2 }],
      ['OpenTelemetry: Dropped 96 spans because maxQueueSize reached', { heldBack: 0 }],
    ]);
  });

  it('ends within its time when the receiver never answers, and tries no more', async () => {
    const collector = await startOtlpCollector({ status: 0 });
    const tracing = await tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, { closeTimeoutMs: 100 });
    tracing.startRequest('r', {}, {}).end();
    const startedAt = performance.now();
    await tracing.close();
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(95);
    expect(tookMs).toBeLessThan(2000);
    while (collector.open > 0 || warnings().length < 2) await turn();
    await collector.close();
    expect(collector.total).toBe(1);
    expect(warnings().map(({ message, fields }) => [message, fields])).toEqual([
      ['the last traces were not sent in time', { afterMs: 100 }],
      ['traces cannot be sent', { reason: 'Tracing has ended', droppedSpans: 1 }],
    ]);
  });

  it('sends all that the queue holds when it closes, in however many batches', async () => {
    const collector = await traced(
      (tracing) => {
        for (let i = 0; i < 100; i++) tracing.startRequest('r', {}, {}).end();
      },
      { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' },
    );
    expect(warnings()).toEqual([]);
    expect(collector.spans).toHaveLength(100);
  });

  it('closes once, however often it is asked', async () => {
    const collector = await traced((tracing) => {
      tracing.startRequest('r', {}, {}).end();
      expect(tracing.close()).toBe(tracing.close());
    });
    expect(collector.requests).toHaveLength(1);
  });
});

describe('createTracing() when it is off', () => {
  it.each<[string, Env]>([
    ['nothing asks for it', {}],
    ['what asks for it is empty', { OTEL_TRACES_EXPORTER: ' ', OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['the exporter is none', { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }],
    ['the SDK is disabled', { OTEL_SDK_DISABLED: 'TRUE', OTEL_TRACES_EXPORTER: 'otlp' }],
    ['other signals alone are configured', { OTEL_METRICS_EXPORTER: 'otlp', OTEL_SERVICE_NAME: 'x' }],
  ])('traces nothing when %s', async (_, env) => {
    const tracing = await tracingOf(env);
    expect(tracing).toBe(NO_TRACING);
    expect(tracing.startRequest('r', { traceparent: `00-${TRACE}-${PARENT}-01` }, {})).toBe(NO_SPAN);
    await tracing.close();
    expect(lines).toEqual([]);
  });

  it('starts without tracing, and says all that is wrong, when the configuration is invalid', async () => {
    const tracing = await tracingOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
      OTEL_TRACES_SAMPLER: 'often',
      OTEL_PROPAGATORS: 'tracecontext,jaeger',
      OTEL_EXPORTER_OTLP_HEADERS: 'secret-without-a-name',
    });
    expect(tracing).toBe(NO_TRACING);
    expect(lines).toEqual([
      {
        level: 'warn',
        fields: {
          problems: [
            'OTEL_PROPAGATORS: expects a list of tracecontext, baggage, b3, b3multi, none, received "tracecontext,jaeger"',
            'OTEL_TRACES_SAMPLER: expects one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio, received "often"',
            'OTEL_EXPORTER_OTLP_ENDPOINT: expects an http:// or https:// URL, received "collector:4318"',
            'OTEL_EXPORTER_OTLP_HEADERS: expects name=value pairs, separated by commas and percent-encoded, received something else',
          ],
        },
        message: 'tracing is off: its configuration is invalid',
      },
    ]);
  });

  it('starts without tracing when a certificate is not there', async () => {
    const tracing = await tracingOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_CERTIFICATE: 'test/fixtures/tls/nowhere.pem',
    });
    expect(tracing).toBe(NO_TRACING);
    expect(lines).toEqual([
      {
        level: 'warn',
        fields: { err: expect.objectContaining({ code: 'ENOENT' }) },
        message: 'tracing is off: it cannot be started',
      },
    ]);
  });
});

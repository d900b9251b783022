import { compressionAlgorithms } from '@grpc/grpc-js';
import fc from 'fast-check';
import { encodeInferRequest } from '../../../src/oip/grpc/infer-request-codec.js';
import { NO_SPAN } from '../../../src/observability/span.js';
import type { RequestTracing } from '../../../src/server/call-state.js';
import { type ErrorCode, ServiceError } from '../../../src/errors.js';
import { type CallSettings, connectGrpc } from '../../helpers/grpc-client.js';
import { requestModel } from '../../helpers/request-model.js';
import { serveGrpc, type ServedGrpcSettings } from '../../helpers/served-grpc.js';
import { createWaitingRoom } from '../../helpers/waiting-room.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function serve(settings?: ServedGrpcSettings) {
  const served = await serveGrpc(settings);
  const client = connectGrpc(served.address);
  ends.push(
    () => client.close(),
    () => served.server.close(0),
  );
  return { ...served, ...client };
}

/** One picture, or what the fake takes for such, in Triton's form. */
const WORD = {
  model_name: 'fake',
  id: 'call-7',
  inputs: [{ name: 'words', datatype: 'BYTES', shape: [1] }] as const,
  raw_input_contents: [Buffer.from('\x03\0\0\0abc')],
};
const EMPTY = { model_version: '', id: '', parameters: {}, outputs: [] };
const FP32 = { name: 'x', datatype: 'FP32', shape: [2] };

/** A request of the echo model. */
const echo = (request: object = {}) => ({
  model_name: 'echo',
  inputs: [FP32],
  raw_input_contents: [Buffer.from(Float32Array.of(1, -2.5).buffer)],
  ...request,
});

const rejecting = (error: Error) => requestModel({ onInfer: () => Promise.reject(error) });

async function inferAt(model: ReturnType<typeof requestModel>, request = echo(), settings?: CallSettings) {
  const served = await serve({ otherModels: [model] });
  return { ...served, outcome: await served.call('ModelInfer', request, settings) };
}

/** The lines that the log has of calls, as soon as there is one. */
async function callLines({ lines }: Pick<Awaited<ReturnType<typeof serve>>, 'lines'>) {
  const ofCalls = () => lines.filter(({ line }) => 'rpc' in line);
  while (ofCalls().length === 0) await new Promise((done) => setImmediate(done));
  return ofCalls();
}

/** A signal's reason, when it is aborted. */
const reasonOf = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason));
  });

describe('ModelInfer', () => {
  it('answers raw contents with raw contents', async () => {
    const { call } = await serve();
    const { status, response } = await call('ModelInfer', WORD);
    expect(status).toBe('OK');
    expect(response).toEqual({
      model_name: 'fake',
      model_version: '1',
      id: 'call-7',
      parameters: {},
      outputs: [
        { name: 'length', datatype: 'FP32', shape: ['1'], parameters: {}, contents: null },
        { name: 'response', datatype: 'BYTES', shape: ['1'], parameters: {}, contents: null },
      ],
      raw_output_contents: [
        Buffer.from(Float32Array.of(3).buffer),
        Buffer.from('\x35\0\0\0{"data":[{"score":3}],"extra_info":{"source":"fake"}}'),
      ],
    });
  });

  it('answers typed contents with typed contents, and no id with an empty one', async () => {
    const { call } = await serve();
    const contents = { bytes_contents: [Buffer.from('a'), Buffer.from('bb')] };
    const inputs = [{ ...WORD.inputs[0], shape: [2], contents }];
    const request = { model_name: 'fake', inputs, outputs: [{ name: 'length' }] };
    const { response } = await call('ModelInfer', request, { headers: { 'x-request-id': 'r-3' } });
    expect(response).toMatchObject({
      id: '',
      outputs: [{ name: 'length', shape: ['2'], contents: { fp32_contents: [1, 2] } }],
      raw_output_contents: [],
    });
  });

  it('answers all outputs raw when one of them has no form but bytes', async () => {
    const outputs = new Map([
      ['half', { datatype: 'FP16' as const, shape: [1], data: Uint16Array.of(0x3c00) }],
      ['whole', { datatype: 'INT8' as const, shape: [2], data: Int8Array.of(-1, 2) }],
    ]);
    const typed = echo({ inputs: [{ ...FP32, contents: { fp32_contents: [1, 2] } }], raw_input_contents: [] });
    const { outcome } = await inferAt(requestModel({ onInfer: () => ({ outputs }) }), typed);
    expect(outcome.response).toMatchObject({
      model_version: '',
      outputs: [{ contents: null }, { contents: null }],
      raw_output_contents: [Buffer.of(0, 0x3c), Buffer.of(0xff, 2)],
    });
  });

  it('hands on version, id, outputs and parameters of all kinds, and gives parameters of all kinds back', async () => {
    const parameters = {
      text: { string_param: 'Grüße' },
      flag: { bool_param: false },
      int: { int64_param: '-9007199254740993' },
      unsigned: { uint64_param: '18446744073709551615' },
      double: { double_param: 0.5 },
    };
    const model = requestModel({
      onInfer: (request) => ({ outputs: new Map(), ...(request.parameters && { parameters: request.parameters }) }),
    });
    const outputs = [{ name: 'y' }, { name: 'z', parameters: { classification: { int64_param: '3' } } }];
    const { outcome } = await inferAt(model, echo({ id: 'i', model_version: '3', parameters, outputs }));
    expect(model.asked[0]?.request).toEqual({
      model: 'echo',
      version: '3',
      id: 'i',
      inputs: new Map([['x', { datatype: 'FP32', shape: [2], data: Float32Array.of(1, -2.5) }]]),
      outputs: ['y', { name: 'z', classification: 3 }],
      parameters: {
        text: 'Grüße',
        flag: false,
        int: -9007199254740993n,
        unsigned: 18446744073709551615n,
        double: 0.5,
      },
    });
    expect(outcome.response).toMatchObject({
      id: 'i',
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([name, value]) => [name, expect.objectContaining(value)]),
      ),
    });
  });

  it('keeps an item’s error within the answer', async () => {
    const { call } = await serve();
    const request = { ...WORD, raw_input_contents: [Buffer.from('\x03\0\0\0abc\x03\0\0\0bad')] };
    const { status, response } = await call('ModelInfer', { ...request, inputs: [{ ...WORD.inputs[0], shape: [2] }] });
    expect(status).toBe('OK');
    const [lengths, texts] = response?.['raw_output_contents'] as Buffer[];
    expect(lengths).toEqual(Buffer.from(Float32Array.of(3, 0).buffer));
    expect(texts?.toString()).toContain(
      '"error":{"code":"unprocessable","message":"inputs[0].data[1]: not a picture"}',
    );
  });

  it('hands the request id and the forwarded headers on, and answers with the id and what the predictor sends back', async () => {
    const model = requestModel({
      onInfer: (_, call) => {
        const answered = { 'x-model-load': '0.5', 'x-model-note': 'Grüße', 'x-model-key-bin': 'AA==', other: 'no' };
        call.onResponseHeaders?.(new Map(Object.entries(answered)));
        return { outputs: new Map() };
      },
    });
    const headers = { 'x-request-id': 'r-1', authorization: 'Bearer t', traceparent: '00-1-2-01', cookie: 'c' };
    const { outcome } = await inferAt(model, echo(), { headers });
    expect(model.asked[0]?.call.headers).toEqual({
      'x-request-id': 'r-1',
      authorization: 'Bearer t',
      traceparent: '00-1-2-01',
    });
    expect(outcome.head).toMatchObject({ 'x-request-id': 'r-1', 'x-model-load': '0.5' });
    expect(Object.keys(outcome.head)).not.toEqual(expect.arrayContaining([expect.stringMatching(/note|bin|other/)]));
  });

  it('unpacks messages that come packed', async () => {
    const model = requestModel();
    const served = await serve({ otherModels: [model] });
    const options = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip };
    const client = connectGrpc(served.address, { options });
    ends.push(() => client.close());
    expect((await client.call('ModelInfer', echo())).status).toBe('OK');
    expect(model.asked[0]?.request.inputs.get('x')?.data).toEqual(Float32Array.of(1, -2.5));
  });
});

describe('ModelInfer, refusing', () => {
  it.each<[string, object, string, string]>([
    [
      'an unknown model',
      { model_name: 'other' },
      'NOT_FOUND',
      'Model with name "other" does not exist; served here: fake',
    ],
    ['no model', { model_name: '' }, 'NOT_FOUND', 'Model with name "" does not exist; served here: fake'],
    ['an unknown version', { model_version: '2' }, 'NOT_FOUND', 'Model with name "fake" has no version 2, only 1'],
    [
      'a version that is no number',
      { model_version: 'v1' },
      'INVALID_ARGUMENT',
      'model_version must be digits, such as "1"; received "v1"',
    ],
    [
      'an unknown output',
      { outputs: [{ name: 'score' }] },
      'INVALID_ARGUMENT',
      'outputs[0].name: unexpected inference output "score" for model "fake"; it has length, response',
    ],
    [
      'classification by a model of items',
      { outputs: [{ name: 'length', parameters: { classification: { int64_param: 1 } } }] },
      'INVALID_ARGUMENT',
      'outputs[0]: classification is not supported for "fake"',
    ],
    [
      'an item that fails',
      { raw_input_contents: [Buffer.from('\x03\0\0\0bad')] },
      'INVALID_ARGUMENT',
      'inputs[0].data[0]: not a picture',
    ],
  ])('%s', async (_, change, status, message) => {
    const { call } = await serve();
    expect(await call('ModelInfer', { ...WORD, ...change })).toMatchObject({ status, message, response: undefined });
  });

  it.each<[ErrorCode, string]>([
    ['invalid_argument', 'INVALID_ARGUMENT'],
    ['unauthenticated', 'UNAUTHENTICATED'],
    ['permission_denied', 'PERMISSION_DENIED'],
    ['not_found', 'NOT_FOUND'],
    ['method_not_allowed', 'UNIMPLEMENTED'],
    ['not_acceptable', 'INVALID_ARGUMENT'],
    ['unsupported_media_type', 'INVALID_ARGUMENT'],
    ['payload_too_large', 'RESOURCE_EXHAUSTED'],
    ['unprocessable', 'INVALID_ARGUMENT'],
    ['resource_exhausted', 'RESOURCE_EXHAUSTED'],
    ['cancelled', 'CANCELLED'],
    ['unimplemented', 'UNIMPLEMENTED'],
    ['upstream_error', 'INTERNAL'],
    ['unavailable', 'UNAVAILABLE'],
    ['deadline_exceeded', 'DEADLINE_EXCEEDED'],
  ])('answers %s as %s, with the request id', async (code, status) => {
    const settings = { headers: { 'x-request-id': 'r-2' } };
    const { outcome } = await inferAt(rejecting(new ServiceError(code, 'what is wrong')), echo(), settings);
    expect(outcome).toMatchObject({ status, message: 'what is wrong', trailers: { 'x-request-id': 'r-2' } });
    expect(outcome.trailers['retry-after']).toBe(code === 'resource_exhausted' ? '1' : undefined);
  });

  it('tells of its own faults no more than the request id', async () => {
    const settings = { headers: { 'x-request-id': 'r-3' } };
    const { outcome, ...served } = await inferAt(rejecting(new TypeError('secret detail')), echo(), settings);
    expect(outcome).toMatchObject({
      status: 'INTERNAL',
      message: 'Internal error; the log has the details under the request id r-3',
    });
    expect(await callLines(served)).toMatchObject([{ level: 'error', line: { err: new TypeError('secret detail') } }]);
  });

  it('hands a predictor’s own status and words on where they are for clients', async () => {
    const upstream = { status: 'FAILED_PRECONDITION', text: 'Received message larger than max (1 vs 2): not ours' };
    const error = new ServiceError('upstream_error', 'no', { upstream, isForwarded: true });
    const { outcome } = await inferAt(rejecting(error));
    expect(outcome).toMatchObject({ status: 'FAILED_PRECONDITION', message: upstream.text });
  });

  it('sends messages beyond ASCII, half a character and very long ones', async () => {
    const text = `100 % Größe\n世界 \ud83d `;
    const { outcome } = await inferAt(rejecting(new ServiceError('not_found', text + '字'.repeat(5000))));
    expect(outcome.status).toBe('NOT_FOUND');
    expect(outcome.message).toBe(`100 % Größe\n世界 \ufffd ${'字'.repeat(800 - text.length)}…`);
  });

  it('refuses a message that is no request', async () => {
    const served = await serve();
    expect(await served.call('ModelInfer', Buffer.of(0x2a, 5, 1))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      message: 'The message cannot be read: the message ends within a field',
    });
    expect(await served.metrics.text()).toContain(
      'transformer_requests_total{model_name="",protocol="grpc",status="INVALID_ARGUMENT"} 1',
    );
  });

  it('answers a request that was cut off anywhere, and bytes of any kind', async () => {
    const { call } = await serve();
    const whole = encodeInferRequest({ ...EMPTY, ...WORD, inputs: [{ ...WORD.inputs[0], parameters: {} }] });
    const cut = Array.from(whole, (_, length) => whole.subarray(0, length));
    const others = fc.sample(fc.uint8Array({ maxLength: 100 }), 100).map((bytes) => Buffer.from(bytes));
    for (const bytes of [...cut, ...others]) {
      const { status, message } = await call('ModelInfer', bytes);
      expect(message).not.toMatch(/internal/i);
      expect(['INVALID_ARGUMENT', 'NOT_FOUND']).toContain(status);
    }
    expect((await call('ModelInfer', whole)).status).toBe('OK');
  });

  it('turns a request away when there is no room, and says when to try again', async () => {
    const room = createWaitingRoom();
    const { call } = await serve({ maxInFlight: 1, onPredict: room.enter });
    const first = call('ModelInfer', WORD);
    await room.holds(1);
    expect(await call('ModelInfer', WORD)).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      message: 'Too many requests at once; try again later',
      trailers: { 'retry-after': '1' },
    });
    room.release();
    expect((await first).status).toBe('OK');
  });
});

describe('ModelInfer, ending before its answer', () => {
  /** A fake whose model waits for its signal, and what that was aborted with. */
  async function serveWaiting() {
    const room = createWaitingRoom();
    let reason: Promise<unknown> | undefined;
    const served = await serve({
      onPredict: async (_, { signal }) => {
        reason = reasonOf(signal);
        void room.enter();
        await reason;
      },
    });
    return { ...served, room, reasonOfModel: () => reason };
  }

  it('stops the model when the client leaves', async () => {
    const { room, reasonOfModel, ...served } = await serveWaiting();
    let cancel: () => void = () => undefined;
    const outcome = served.call('ModelInfer', WORD, { onSent: (cancelCall) => (cancel = cancelCall) });
    await room.holds(1);
    cancel();
    expect(await reasonOfModel()).toMatchObject({ code: 'cancelled', message: 'The client left' });
    expect((await outcome).status).toBe('CANCELLED');
    expect(await callLines(served)).toMatchObject([{ level: 'info', line: { status: 'CANCELLED' } }]);
    expect(await served.metrics.text()).toContain('protocol="grpc",status="CANCELLED"} 1');
  });

  it('stops the model when the client’s deadline has passed', async () => {
    const { reasonOfModel, ...served } = await serveWaiting();
    // Not as the client's own deadline, which it would keep by itself.
    const outcome = await served.call('ModelInfer', WORD, { headers: { 'grpc-timeout': '80m' } });
    expect(outcome.status).toBe('DEADLINE_EXCEEDED');
    expect(await reasonOfModel()).toMatchObject({ code: 'deadline_exceeded' });
    expect(await callLines(served)).toMatchObject([
      { line: { status: 'DEADLINE_EXCEEDED', error: { code: 'deadline_exceeded' } } },
    ]);
  });

  it('keeps the client’s own limit in milliseconds, too', async () => {
    const { call } = await serveWaiting();
    expect(await call('ModelInfer', WORD, { headers: { 'x-request-timeout-ms': '20' } })).toMatchObject({
      status: 'DEADLINE_EXCEEDED',
      message: expect.stringMatching(/^The request took longer than its limit of \d/),
    });
    expect(await call('ModelInfer', WORD, { headers: { 'x-request-timeout-ms': 'soon' } })).toMatchObject({
      status: 'INVALID_ARGUMENT',
      message: 'x-request-timeout-ms must be a number of milliseconds, such as 2500',
    });
  });
});

describe('the account of ModelInfer', () => {
  it('is one line in the log', async () => {
    const served = await serve();
    await served.call('ModelInfer', WORD, { headers: { 'x-request-id': 'r-4' } });
    expect(await callLines(served)).toEqual([
      {
        level: 'info',
        message: 'request',
        line: {
          requestId: 'r-4',
          rpc: 'inference.GRPCInferenceService/ModelInfer',
          status: 'OK',
          ms: expect.any(Number),
          bytes: expect.any(Number),
          items: 1,
          itemErrors: 0,
          stagesMs: expect.objectContaining({ predict: expect.any(Number) }),
        },
      },
    ]);
  });

  it('is counted under the model’s name, with its bytes', async () => {
    const served = await serve();
    await served.call('ModelInfer', WORD);
    await callLines(served);
    const text = await served.metrics.text();
    expect(text).toContain('transformer_requests_total{model_name="fake",protocol="grpc",status="OK"} 1');
    expect(text).toMatch(/transformer_request_bytes_total\{protocol="grpc"\} [1-9]/);
    expect(text).toMatch(/transformer_response_bytes_total\{protocol="grpc"\} [1-9]/);
  });

  it('is a trace, which begins with what the client sent', async () => {
    const begun: unknown[] = [];
    const ended: unknown[] = [];
    const span = { ...NO_SPAN, end: (error?: unknown) => void ended.push(error) };
    const startRequest: RequestTracing['startRequest'] = (name, headers, attributes) => {
      begun.push({ name, traceparent: headers['traceparent'], attributes });
      return span;
    };
    const served = await serve({ tracing: { startRequest } });
    await served.call('ModelInfer', WORD, { headers: { traceparent: '00-1-2-01', 'x-request-id': 'r-5' } });
    await callLines(served);
    expect(begun).toEqual([
      {
        name: 'inference.GRPCInferenceService/ModelInfer',
        traceparent: '00-1-2-01',
        attributes: {
          'rpc.system.name': 'grpc',
          'rpc.method': 'inference.GRPCInferenceService/ModelInfer',
          'model.name': 'fake',
          'request.id': 'r-5',
        },
      },
    ]);
    expect(ended).toEqual([undefined]);
  });
});

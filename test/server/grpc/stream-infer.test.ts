import { ServiceError } from '../../../src/errors.js';
import { type CallSettings, connectGrpc, endOf, take } from '../../helpers/grpc-client.js';
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
  const open = (callSettings?: CallSettings) => {
    const stream = client.stream('ModelStreamInfer', callSettings);
    return { stream, end: endOf(stream) };
  };
  return { ...served, ...client, open };
}

interface Line {
  readonly level: string;
  readonly line: Record<string, unknown>;
}

/** The lines that the log has of calls, as soon as there are so many. */
async function callLines({ lines }: { lines: readonly Line[] }, count: number) {
  const ofCalls = () => lines.filter(({ line }) => 'rpc' in line);
  while (ofCalls().length < count) await new Promise((done) => setImmediate(done));
  return ofCalls();
}

/** A request of one word. */
const word = (id: string, text: string, change: object = {}) => ({
  model_name: 'fake',
  id,
  inputs: [{ name: 'words', datatype: 'BYTES', shape: [1] }],
  outputs: [{ name: 'length' }],
  raw_input_contents: [Buffer.concat([Buffer.of(text.length, 0, 0, 0), Buffer.from(text)])],
  ...change,
});

const length = (id: string, value: number) => ({
  error_message: '',
  infer_response: expect.objectContaining({ id, raw_output_contents: [Buffer.from(Float32Array.of(value).buffer)] }),
});

const failure = (id: string, message: unknown) => ({
  error_message: message,
  infer_response: expect.objectContaining({ id, outputs: [] }),
});

describe('ModelStreamInfer', () => {
  it('answers each request under its id, errors of single requests too, and ends with its client', async () => {
    const { open } = await serve();
    const { stream, end } = open();
    stream.write(word('1', 'a'));
    stream.write(word('2', 'bad'));
    stream.write(word('3', 'abc', { model_name: 'other' }));
    stream.write(Buffer.of(0x2a, 5, 1));
    stream.write(word('', 'abcd'));
    stream.end();
    const answers = await take(stream, 6);
    expect(answers).toHaveLength(5);
    expect(answers).toEqual(
      expect.arrayContaining([
        length('1', 1),
        failure('2', 'inputs[0].data[0]: not a picture'),
        failure('3', 'Model with name "other" does not exist; served here: fake'),
        failure('', 'The message cannot be read: the message ends within a field'),
        length('', 4),
      ]),
    );
    expect(await end).toMatchObject({ status: 'OK' });
  });

  it('ends at once when its client sends nothing', async () => {
    const { open } = await serve();
    const { stream, end } = open();
    stream.end();
    expect(await take(stream, 1)).toEqual([]);
    expect(await end).toMatchObject({ status: 'OK' });
  });

  it('answers as requests finish, and not as they came', async () => {
    const room = createWaitingRoom();
    const { open } = await serve({ onPredict: ([first]) => (first === 'slow' ? room.enter() : Promise.resolve()) });
    const { stream } = open();
    stream.write(word('1', 'slow'));
    await room.holds(1);
    stream.write(word('2', 'fast!'));
    expect(await take(stream, 1)).toEqual([length('2', 5)]);
    room.release();
    expect(await take(stream, 1)).toEqual([length('1', 4)]);
    stream.end();
  });

  it('serves requests for several models, typed and raw', async () => {
    const { open } = await serve({ otherModels: [requestModel()] });
    const { stream } = open();
    stream.write(word('1', 'abc'));
    const contents = { fp32_contents: [1, 2] };
    stream.write({ model_name: 'echo', id: '2', inputs: [{ name: 'x', datatype: 'FP32', shape: [2], contents }] });
    const answers = await take(stream, 2);
    expect(answers).toEqual(
      expect.arrayContaining([
        length('1', 3),
        {
          error_message: '',
          infer_response: expect.objectContaining({
            id: '2',
            outputs: [expect.objectContaining({ contents: expect.objectContaining(contents) })],
          }),
        },
      ]),
    );
    stream.end();
  });

  it('works on 16 requests at once', async () => {
    const room = createWaitingRoom();
    let begun = 0;
    const model = requestModel({
      onInfer: async () => {
        begun += 1;
        await room.enter();
        return { outputs: new Map() };
      },
    });
    const served = await serve({ otherModels: [model] });
    const { stream, end } = served.open();
    const message = { model_name: 'echo', inputs: [], raw_input_contents: [] };
    for (let i = 0; i < 200; i++) stream.write({ ...message, id: String(i) });
    stream.end();
    await room.holds(16);
    // Another call has come and gone, so all that the stream would read has been read.
    await served.call('ServerLive');
    expect(begun).toBe(16);
    const answers = take(stream, 200);
    const releasing = setInterval(() => room.release(), 1);
    expect(new Set((await answers).map(({ infer_response: answer }) => (answer as { id: string }).id)).size).toBe(200);
    clearInterval(releasing);
    expect(await end).toMatchObject({ status: 'OK' });
  });

  it('stops all its models when the client leaves', async () => {
    const room = createWaitingRoom();
    const reasons: unknown[] = [];
    const served = await serve({
      onPredict: async (_, { signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        await room.enter();
      },
    });
    const { stream, end } = served.open();
    stream.write(word('1', 'a'));
    stream.write(word('2', 'b'));
    await room.holds(2);
    stream.cancel();
    expect(await end).toMatchObject({ status: 'CANCELLED' });
    while (served.server.underWay > 0) await new Promise((done) => setImmediate(done));
    expect(reasons).toEqual([
      expect.objectContaining({ code: 'cancelled', message: 'The client left' }),
      expect.objectContaining({ code: 'cancelled' }),
    ]);
    room.release();
    const lines = await callLines(served, 3);
    expect(lines.map(({ line }) => line['status'])).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
  });

  it('keeps the client’s deadline', async () => {
    const room = createWaitingRoom();
    const { open } = await serve({ onPredict: room.enter });
    const { stream, end } = open({ headers: { 'grpc-timeout': '80m' } });
    stream.write(word('1', 'a'));
    expect(await end).toMatchObject({ status: 'DEADLINE_EXCEEDED' });
    room.release();
  });

  it('turns single requests away when there is no room', async () => {
    const room = createWaitingRoom();
    const { open } = await serve({ maxInFlight: 1, onPredict: room.enter });
    const { stream } = open();
    stream.write(word('1', 'a'));
    await room.holds(1);
    stream.write(word('2', 'b'));
    expect(await take(stream, 1)).toEqual([failure('2', 'Too many requests at once; try again later')]);
    room.release();
    expect(await take(stream, 1)).toEqual([length('1', 1)]);
    stream.end();
  });

  it('says in the stream that an answer is over the limit', async () => {
    const { open } = await serve({ limits: { maxSendBytes: 60 } });
    const { stream } = open();
    stream.write(word('1', 'a', { outputs: [] }));
    expect(await take(stream, 1)).toEqual([
      failure(
        '1',
        expect.stringMatching(
          /^The answer has \d+ bytes, more than the limit of 60 bytes \(--grpc_max_send_message_length\)$/,
        ),
      ),
    ]);
    stream.end();
  });

  it('is told to log and metrics request by request', async () => {
    const served = await serve();
    const { stream, end } = served.open({ headers: { 'x-request-id': 'r-1' } });
    stream.write(word('one', 'a'));
    await take(stream, 1);
    stream.write(word('two', 'bad'));
    await take(stream, 1);
    stream.end();
    stream.resume();
    await end;
    const rpc = 'inference.GRPCInferenceService/ModelStreamInfer';
    expect(await callLines(served, 3)).toMatchObject([
      { level: 'info', line: { requestId: 'r-1', rpc, id: 'one', status: 'OK', items: 1, bytes: expect.any(Number) } },
      { level: 'info', line: { requestId: 'r-1', rpc, id: 'two', status: 'INVALID_ARGUMENT', itemErrors: 1 } },
      { level: 'info', line: { requestId: 'r-1', rpc, status: 'OK' } },
    ]);
    const text = await served.metrics.text();
    expect(text).toContain('transformer_requests_total{model_name="fake",protocol="grpc",status="OK"} 1');
    expect(text).toContain('transformer_requests_total{model_name="fake",protocol="grpc",status="INVALID_ARGUMENT"} 1');
  });

  it('begins with the request id and what the predictor sends back', async () => {
    const model = requestModel({
      onInfer: (_, call) => {
        call.onResponseHeaders?.(new Map([['x-model-load', '0.5']]));
        return { outputs: new Map() };
      },
    });
    const { open } = await serve({ otherModels: [model] });
    const { stream } = open({ headers: { 'x-request-id': 'r-2' } });
    const head = new Promise((resolve) => stream.on('metadata', (metadata) => resolve(metadata.getMap())));
    stream.write({ model_name: 'echo' });
    expect(await head).toMatchObject({ 'x-request-id': 'r-2', 'x-model-load': '0.5' });
    stream.end();
    stream.resume();
  });

  it('answers what it has read when the server stops, and then ends as unavailable', async () => {
    const room = createWaitingRoom();
    const { open, server } = await serve({ onPredict: room.enter });
    const { stream, end } = open();
    stream.write(word('1', 'a'));
    await room.holds(1);
    const closing = server.close(60_000);
    room.release();
    expect(await take(stream, 1)).toEqual([length('1', 1)]);
    stream.resume();
    expect(await end).toMatchObject({ status: 'UNAVAILABLE', message: 'The server is stopping' });
    expect(await closing).toEqual({ cut: 0 });
  });
});

describe('ModelStreamInfer, handed on', () => {
  type InferStream = NonNullable<ReturnType<typeof requestModel>['inferStream']>;

  /** A model that answers each request as often as its id says. */
  const repeating: InferStream = async function* (requests) {
    for await (const { id = '', inputs } of requests) {
      if (id === 'bad') {
        const upstream = { status: 'INVALID_ARGUMENT', text: 'not this one' };
        yield { id, error: new ServiceError('upstream_error', 'no', { upstream, isForwarded: true }) };
      }
      for (let turn = 1; turn <= Number(id); turn++) {
        yield {
          id,
          response: { outputs: inputs, version: '3', parameters: { triton_final_response: turn === Number(id) } },
        };
      }
    }
  };
  const request = (id: string, change: object = {}) => ({
    model_name: 'echo',
    id,
    inputs: [{ name: 'x', datatype: 'INT8', shape: [1] }],
    raw_input_contents: [Buffer.of(5)],
    ...change,
  });
  const turn = (id: string, isFinal: boolean) => ({
    error_message: '',
    infer_response: expect.objectContaining({
      model_name: 'echo',
      model_version: '3',
      id,
      parameters: { triton_final_response: expect.objectContaining({ bool_param: isFinal }) },
      raw_output_contents: [Buffer.of(5)],
    }),
  });

  it('gives all answers of a request, and errors of single requests in the stream', async () => {
    const model = requestModel({ inferStream: repeating });
    const served = await serve({ otherModels: [model] });
    const { stream, end } = served.open();
    stream.write(request('2'));
    expect(await take(stream, 2)).toEqual([turn('2', false), turn('2', true)]);
    stream.write(request('bad'));
    expect(await take(stream, 1)).toEqual([failure('bad', 'not this one')]);
    stream.write(request('1', { model_name: 'fake' }));
    expect(await take(stream, 1)).toEqual([
      failure('1', 'The stream is one for model "echo"; open another for "fake"'),
    ]);
    stream.write(request('1', { raw_input_contents: [Buffer.of(5, 6)] }));
    expect(await take(stream, 1)).toEqual([failure('1', 'input x has 2 bytes, but INT8 of shape [1] takes 1')]);
    stream.write(Buffer.of(0x2a, 5, 1));
    expect(await take(stream, 1)).toEqual([failure('', 'The message cannot be read: the message ends within a field')]);
    stream.write(request('1'));
    stream.end();
    expect(await take(stream, 2)).toEqual([turn('1', true)]);
    expect(await end).toMatchObject({ status: 'OK' });
    expect(model.asked).toEqual([]);
    expect(await callLines(served, 1)).toMatchObject([
      { line: { status: 'OK', bytes: expect.any(Number), error: { code: 'upstream_error' } } },
    ]);
    expect(await served.metrics.text()).toContain(
      'transformer_requests_total{model_name="echo",protocol="grpc",status="OK"} 1',
    );
  });

  it('is not, when its first request is for another model, or cannot be read', async () => {
    const model = requestModel({ inferStream: repeating });
    const { open } = await serve({ otherModels: [model] });
    for (const first of [word('1', 'a'), Buffer.of(0x2a, 5, 1)]) {
      const { stream } = open();
      stream.write(first);
      await take(stream, 1);
      stream.write(request('2'));
      await take(stream, 1);
      stream.end();
    }
    expect(model.asked).toHaveLength(2);
  });

  it('hands on the headers and the client’s limits, and stops when the client leaves', async () => {
    const room = createWaitingRoom();
    let reason: Promise<unknown> | undefined;
    const model = requestModel({
      // eslint-disable-next-line require-yield -- it waits for ever
      inferStream: async function* (_, call) {
        expect(call).toMatchObject({ headers: { 'x-request-id': 'r-3' }, timeoutMs: expect.any(Number) });
        reason = new Promise((resolve) => {
          call.signal.addEventListener('abort', () => resolve(call.signal.reason));
        });
        void room.enter();
        await reason;
      },
    });
    const served = await serve({ otherModels: [model] });
    const { stream, end } = served.open({ headers: { 'x-request-id': 'r-3', 'x-request-timeout-ms': '60000' } });
    stream.write(request('1'));
    await room.holds(1);
    stream.cancel();
    expect(await end).toMatchObject({ status: 'CANCELLED' });
    expect(await reason).toMatchObject({ code: 'cancelled', message: 'The client left' });
    while (served.server.underWay > 0) await new Promise((done) => setImmediate(done));
  });

  it('ends with the error that the predictor’s stream ends with', async () => {
    const model = requestModel({
      inferStream: async function* (requests) {
        for await (const { id = '' } of requests) {
          yield { id, response: { outputs: new Map() } };
          throw new ServiceError('unavailable', 'The predictor went away');
        }
      },
    });
    const { open } = await serve({ otherModels: [model] });
    const { stream, end } = open();
    stream.write(request('1'));
    await take(stream, 1);
    stream.resume();
    expect(await end).toMatchObject({ status: 'UNAVAILABLE', message: 'The predictor went away' });
  });

  it('sends no more requests when the server stops, and gives the answers that are outstanding', async () => {
    const room = createWaitingRoom();
    const model = requestModel({
      inferStream: async function* (requests) {
        const ids: string[] = [];
        for await (const { id = '' } of requests) {
          ids.push(id);
          void room.enter();
        }
        for (const id of ids) yield { id, response: { outputs: new Map() } };
      },
    });
    const { open, server } = await serve({ otherModels: [model] });
    const { stream, end } = open();
    stream.write(request('1'));
    await room.holds(1);
    const closing = server.close(60_000);
    expect(await take(stream, 1)).toMatchObject([{ infer_response: { id: '1' } }]);
    stream.resume();
    expect(await end).toMatchObject({ status: 'UNAVAILABLE', message: 'The server is stopping' });
    expect(await closing).toEqual({ cut: 0 });
  });

  it('says in the stream that an answer is over the limit', async () => {
    const { open } = await serve({
      otherModels: [requestModel({ inferStream: repeating })],
      limits: { maxSendBytes: 20 },
    });
    const { stream } = open();
    stream.write(request('1'));
    expect(await take(stream, 1)).toEqual([
      failure('1', expect.stringContaining('more than the limit of 20 bytes (--grpc_max_send_message_length)')),
    ]);
    stream.end();
  });
});

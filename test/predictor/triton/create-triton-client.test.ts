import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { ServiceError } from '../../../src/errors.js';
import type { TritonInferRequest } from '../../../src/predictor/triton/inference.js';
import { createTritonClient } from '../../../src/predictor/triton/create-triton-client.js';
import type { TransportCall } from '../../../src/predictor/triton/transport.js';
import type { TritonClient } from '../../../src/predictor/triton/triton-client.js';
import {
  echoOf,
  facesRequest,
  firstOf,
  literalClient,
  literalTransport,
  waitingInfer,
} from '../../helpers/literal-transport.js';
import { serviceErrorOf, serviceErrorThrownBy } from '../../helpers/service-error-of.js';
import { recordingLogger } from './triton-setup.js';

const refused = () => new ServiceError('unavailable', 'The predictor cannot be reached', { isSafeToRetry: true });

/** An `infer` that fails as often as told before it echoes; and how often it was called. */
function failingInfer(times: number, error: () => ServiceError = refused) {
  const calls = { made: 0 };
  const infer = (request: TritonInferRequest) => {
    calls.made++;
    return calls.made <= times ? Promise.reject(error()) : Promise.resolve(echoOf(request));
  };
  return { infer, calls };
}

const RETRIES = { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 };

describe('createTritonClient()', () => {
  it.each([
    ['http://127.0.0.1:1', 'http://127.0.0.1:1'],
    ['127.0.0.1:8001', 'grpc://127.0.0.1:8001'],
    [{ protocol: 'v2', tls: true, host: '[::1]', port: 8000 }, 'https://[::1]:8000'],
  ] as const)('is at %j', async (address, expected) => {
    const client = createTritonClient(address);
    expect(client.address).toBe(expected);
    await client.close();
  });

  it.each([
    ['nowhere at all', {}, "The predictor's address must be"],
    ['host', { concurrency: 0 }, 'The option concurrency must be'],
    ['http://host', { tls: {} }, 'The option tls needs an address with https:// or grpcs://; received http://host:80'],
    ['grpc://host', { tls: { ca: 'pem' } }, 'needs an address with https:// or grpcs://; received grpc://host:80'],
    ['host', { headers: { te: 'trailers' } }, 'headers must not name "te"'],
  ])('refuses the address %j with %j', (address, options, message) => {
    expect(serviceErrorThrownBy(() => createTritonClient(address, options)).message).toContain(message);
  });

  it.each([
    ['grpc', (client: TritonClient) => client.generate({ model: 'm', payload: {} }), 'generate needs HTTP'],
    [
      'grpc',
      (client: TritonClient) => next(client.generateStream({ model: 'm', payload: {} })),
      'generateStream needs',
    ],
    [
      'http',
      (client: TritonClient) => next(client.inferStream([])),
      'of inference (inferStream, inferDecoupled) needs',
    ],
    ['http', (client: TritonClient) => next(client.inferDecoupled(facesRequest())), 'inferDecoupled) needs gRPC'],
  ])('says over %s that the protocol has no such call', async (scheme, call, message) => {
    const client = createTritonClient(`${scheme}://127.0.0.1:1`);
    const error = await serviceErrorOf(call(client));
    expect(error.code).toBe('unimplemented');
    expect(error.message).toContain(message);
    await client.close();
  });
});

describe('infer()', () => {
  it('makes no more calls at once than it may, and matches results to calls', async () => {
    const inFlight = { now: 0, most: 0 };
    const infer = async (request: TritonInferRequest) => {
      inFlight.most = Math.max(inFlight.most, ++inFlight.now);
      await sleep(1);
      inFlight.now--;
      return echoOf(request);
    };
    const client = literalClient({ infer }, { concurrency: 7 });
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    const results = await Promise.all(numbers.map((first) => client.infer(facesRequest(first))));
    expect(results.map(firstOf)).toEqual(numbers);
    expect(inFlight.most).toBe(7);
  });

  it('refuses at once what the queue does not hold', async () => {
    const { infer, room, counts } = waitingInfer();
    const client = literalClient({ infer }, { concurrency: 2, maxQueue: 3, checksRequests: false });
    const calls = Array.from({ length: 5 }, () => client.infer(facesRequest()));
    const error = await serviceErrorOf(client.infer(facesRequest()));
    expect(error).toMatchObject({
      code: 'resource_exhausted',
      message: 'Too many predictor calls at once; try again later',
    });
    const done = Promise.all(calls);
    for (let released = 0; released < 3; released++) {
      await room.holds(released < 2 ? 2 : 1);
      room.release();
    }
    await done;
    expect(counts).toMatchObject({ sent: 5, mostAtOnce: 2 });
  });

  it('gives the place in the queue of a cancelled call to the next', async () => {
    const { infer, room, counts } = waitingInfer();
    const client = literalClient({ infer }, { concurrency: 1, maxQueue: 1, checksRequests: false });
    const first = client.infer(facesRequest());
    await room.holds(1);
    const waiting = client.inferAsync(facesRequest());
    waiting.cancel();
    expect((await serviceErrorOf(waiting.getResult())).code).toBe('cancelled');
    const next = client.infer(facesRequest(9));
    room.release();
    await first;
    await room.holds(1);
    room.release();
    expect(firstOf(await next)).toBe(9);
    expect(counts.sent).toBe(2);
  });

  it.each([
    ['in the queue', 1, 'The call to model faces, waiting for a place, took longer than its limit of 20 ms'],
    ['under way', 2, 'The call to model faces took longer than its limit of 20 ms'],
  ])('ends a call that is %s when its time is over, and says where it was', async (_, concurrency, message) => {
    const { infer, room } = waitingInfer();
    const client = literalClient({ infer }, { concurrency });
    const first = client.infer(facesRequest());
    await room.holds(1);
    const error = await serviceErrorOf(client.infer(facesRequest(), { timeoutMs: 20 }));
    expect(error).toMatchObject({ code: 'deadline_exceeded', message });
    room.release();
    await first;
  });

  it('counts the waiting for a place into the time that is left for the server', async () => {
    const { infer, room } = waitingInfer();
    const left: number[] = [];
    const spying = (request: TritonInferRequest, call: TransportCall) => {
      left.push(call.remainingMs());
      return infer(request);
    };
    const client = literalClient({ infer: spying }, { concurrency: 1, timeoutMs: 60_000 });
    const calls = [client.infer(facesRequest()), client.infer(facesRequest())];
    await room.holds(1);
    await sleep(50);
    room.release();
    await room.holds(1);
    room.release();
    await Promise.all(calls);
    expect(left[0]).toBeGreaterThan(59_000);
    expect((left[0] ?? 0) - (left[1] ?? 0)).toBeGreaterThan(45);
  });

  it('gives a place back when a call is aborted, though the transport goes on', async () => {
    const { infer, room, counts } = waitingInfer();
    const client = literalClient({ infer }, { concurrency: 1 });
    const aborted = client.inferAsync(facesRequest());
    await room.holds(1);
    aborted.cancel();
    expect((await serviceErrorOf(aborted.getResult())).code).toBe('cancelled');
    const next = client.infer(facesRequest(5));
    await room.holds(2);
    room.release();
    expect(firstOf(await next)).toBe(5);
    expect(counts.sent).toBe(2);
  });

  it('sends what the client and the call say', async () => {
    const seen: unknown[] = [];
    const infer = (request: TritonInferRequest, { headers, compression }: TransportCall) => {
      seen.push({ headers, compression });
      return Promise.resolve(echoOf(request));
    };
    const client = literalClient({ infer }, { headers: { 'x-team': 'a' }, auth: { bearer: 't' } });
    await client.infer(facesRequest());
    await client.infer(facesRequest(), { headers: { traceparent: '00-1', cookie: 'c' }, compression: 'gzip' });
    expect(seen).toEqual([
      { headers: { 'x-team': 'a', authorization: 'Bearer t' } },
      { headers: { 'x-team': 'a', authorization: 'Bearer t', traceparent: '00-1' }, compression: 'gzip' },
    ]);
  });

  it.each([
    [{ timeoutMs: 0 }, "The call's option timeoutMs must be"],
    [{ signal: AbortSignal.abort() }, 'The caller cancelled the call'],
  ])('sends nothing with %j', async (options, message) => {
    const { infer, counts } = waitingInfer();
    const error = await serviceErrorOf(literalClient({ infer }).infer(facesRequest(), options));
    expect(error.message).toContain(message);
    expect(counts.sent).toBe(0);
  });

  it('makes a ServiceError of whatever is thrown', async () => {
    const client = literalClient({ infer: () => Promise.reject(new TypeError('broken')) });
    const error = await serviceErrorOf(client.infer(facesRequest()));
    expect(error).toMatchObject({
      code: 'internal',
      message: 'The client of the predictor failed unexpectedly; the cause says why',
      cause: new TypeError('broken'),
    });
  });
});

describe('a request that is none', () => {
  const { inputs } = facesRequest();
  it.each<[unknown, string]>([
    [undefined, 'The request must be an object; received undefined'],
    [{ inputs }, 'model must be text; received undefined'],
    [{ model: '', inputs }, 'model must not be empty'],
    [{ model: 'faces', inputs, version: 'v1' }, 'version must be digits, such as "2"; received "v1"'],
    [{ model: 'faces', inputs, version: 1 }, 'version must be digits, such as "2"; received number'],
    [{ model: 'faces', inputs, id: 7 }, 'id must be text; received number'],
    [{ model: 'faces' }, 'inputs must be tensors by their names; received undefined'],
    [{ model: 'faces', inputs: [] }, 'inputs must be tensors by their names; received Array'],
    [{ model: 'faces', inputs: { a: null } }, 'inputs.a must be { datatype, shape, data } or { datatype,'],
    [{ model: 'faces', inputs: { a: { shape: [1], data: [1] } } }, 'inputs.a.datatype must be one of BOOL,'],
    [
      { model: 'faces', inputs: { a: { datatype: 'FP32', shape: [1], sharedMemory: null } } },
      'inputs.a.sharedMemory must be { region, offset, byteSize }; received null',
    ],
    [{ model: 'faces', inputs, outputs: 'X' }, 'outputs must be a list of names; received string'],
    [{ model: 'faces', inputs, outputs: [null] }, 'outputs[0] must be a name or { name, … }; received null'],
    [{ model: 'faces', inputs, outputs: [{ n: 1 }] }, 'outputs[0].name must be text; received undefined'],
    [{ model: 'faces', inputs, sequence: null }, 'sequence must be an object; received null'],
    [{ model: 'faces', inputs, parameters: 'x' }, 'parameters must be values by their names; received string'],
  ])('is refused: %j', async (request, message) => {
    const { infer, counts } = waitingInfer();
    const client = literalClient({ infer, inferStream: (requests) => requests as never }, { checksRequests: false });
    const wrong = request as TritonInferRequest;
    for (const error of [
      await serviceErrorOf(client.infer(wrong)),
      await serviceErrorOf(next(client.inferStream([wrong]))),
    ]) {
      expect(error.code).toBe('invalid_argument');
      expect(error.message).toContain(message);
    }
    expect(counts.sent).toBe(0);
  });
});

describe('the checks of requests', () => {
  it('refuse what the model would refuse, before anything is sent', async () => {
    const { infer, counts } = waitingInfer();
    const error = await serviceErrorOf(literalClient({ infer }).infer(facesRequest(0, 9)));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain('9');
    expect(counts.sent).toBe(0);
  });

  it('are left out when they are not wanted', async () => {
    const client = literalClient({}, { checksRequests: false });
    expect((await client.infer(facesRequest(0, 9))).outputs.size).toBe(1);
  });

  it('always refuse a tensor that is none, since Triton may not survive it', async () => {
    const client = literalClient({}, { checksRequests: false });
    const shape = [100_000, 100_000];
    const inputs = { input: { datatype: 'FP32', shape, data: new Float32Array(1) } } as const;
    const error = await serviceErrorOf(client.infer({ model: 'faces', inputs }));
    expect(error.message).toBe(
      'inputs.input.data must be 10000000000 elements for the shape [100000,100000]; received 1',
    );
  });

  it('ask for what the model takes once, and again when a failure shows that it may have changed', async () => {
    let asked = 0;
    const modelConfig = () => {
      asked++;
      return Promise.resolve({ max_batch_size: 8 });
    };
    const { infer } = failingInfer(51, () => new ServiceError('upstream_error', 'wrong shape'));
    const client = literalClient({ infer, modelConfig });
    for (let call = 0; call < 50; call++) await serviceErrorOf(client.infer(facesRequest()));
    expect(asked).toBe(1);
    const later = performance.now() + 1001;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => later);
    await serviceErrorOf(client.infer(facesRequest()));
    clock.mockRestore();
    await Promise.all([client.infer(facesRequest()), client.infer(facesRequest()), client.modelInfo('faces')]);
    expect(asked).toBe(2);
  });

  it('let a request pass when the model cannot be described', async () => {
    const client = literalClient({ modelMetadata: () => Promise.reject(refused()) });
    expect((await client.infer(facesRequest(0, 9))).outputs.size).toBe(1);
  });

  it('let a request pass when the description does not come in half of its time', async () => {
    let asked = 0;
    const modelMetadata = () => {
      asked++;
      return new Promise<never>(() => undefined);
    };
    const client = literalClient({ modelMetadata });
    const info = serviceErrorOf(client.modelInfo('faces'));
    expect((await client.infer(facesRequest(0, 9), { timeoutMs: 100 })).outputs.size).toBe(1);
    expect((await client.infer(facesRequest(0, 9))).outputs.size).toBe(1);
    expect(asked).toBe(1);
    await client.close();
    expect((await info).message).toBe('The predictor is closed');
  });

  it('have no more calls wait for a description than the queue holds', async () => {
    const client = literalClient(
      { modelMetadata: () => new Promise(() => undefined) },
      { concurrency: 1, maxQueue: 1 },
    );
    const waiting = [client.infer(facesRequest()), client.infer(facesRequest())].map(serviceErrorOf);
    expect((await serviceErrorOf(client.infer(facesRequest()))).code).toBe('resource_exhausted');
    await client.close();
    for (const error of await Promise.all(waiting)) expect(error.message).toBe('The predictor is closed');
  });

  it('are not made again for another attempt', async () => {
    let asked = 0;
    const modelConfig = () => {
      asked++;
      return Promise.resolve({ max_batch_size: 8 });
    };
    const { infer, calls } = failingInfer(2);
    await literalClient({ infer, modelConfig }, { retries: RETRIES }).infer(facesRequest());
    expect({ asked, made: calls.made }).toEqual({ asked: 1, made: 3 });
  });
});

describe('retries', () => {
  it('are off by default', async () => {
    const { infer, calls } = failingInfer(1);
    expect((await serviceErrorOf(literalClient({ infer }).infer(facesRequest()))).code).toBe('unavailable');
    expect(calls.made).toBe(1);
  });

  it('send what was not answered again', async () => {
    const { infer, calls } = failingInfer(2);
    expect(firstOf(await literalClient({ infer }, { retries: RETRIES }).infer(facesRequest(6)))).toBe(6);
    expect(calls.made).toBe(3);
  });

  it.each<[string, Partial<TritonInferRequest>]>([
    ['that counts in a sequence', { sequence: { id: 1, start: true } }],
    [
      'whose output is written to shared memory',
      { outputs: [{ name: 'output', sharedMemory: { region: 'r', offset: 0, byteSize: 16 } }] },
    ],
  ])('leave a request alone %s, which the server may still be at work on', async (_, more) => {
    const { infer, calls } = failingInfer(1);
    const client = literalClient({ infer }, { retries: RETRIES });
    await serviceErrorOf(client.infer({ ...facesRequest(), ...more }));
    expect(calls.made).toBe(1);
  });

  it('leave alone what may still be written to shared memory', async () => {
    const { infer, calls } = failingInfer(1);
    const client = literalClient({ infer }, { retries: RETRIES, checksRequests: false });
    const sharedMemory = { region: 'faces', offset: 0, byteSize: 64 };
    await serviceErrorOf(client.infer({ ...facesRequest(), outputs: [{ name: 'SCORES', sharedMemory }] }));
    expect(calls.made).toBe(1);
  });

  it('hold no place between attempts', async () => {
    let isFirst = true;
    const order: unknown[] = [];
    const infer = (request: TritonInferRequest) => {
      order.push(request.id);
      if (!isFirst || request.id !== 'a') return Promise.resolve(echoOf(request));
      isFirst = false;
      return Promise.reject(refused());
    };
    const retries = { attempts: 2, baseDelayMs: 500, maxDelayMs: 500 };
    const client = literalClient({ infer }, { concurrency: 1, checksRequests: false, retries });
    await Promise.all([client.infer({ ...facesRequest(), id: 'a' }), client.infer({ ...facesRequest(), id: 'b' })]);
    expect(order).toEqual(['a', 'b', 'a']);
  });

  it('ask for the credentials anew', async () => {
    const seen: unknown[] = [];
    const { infer } = failingInfer(1);
    const spying = (request: TritonInferRequest, call: TransportCall) => {
      seen.push(call.headers['authorization']);
      return infer(request);
    };
    let count = 0;
    const auth = () => ({ bearer: `${++count}` });
    await literalClient({ infer: spying }, { retries: RETRIES, auth, checksRequests: false }).infer(facesRequest());
    expect(seen).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('are made for what reads, and not for readiness and changes', async () => {
    const counts = { metadata: 0, ready: 0, load: 0 };
    const client = literalClient(
      {
        serverMetadata: () => {
          return ++counts.metadata < 3
            ? Promise.reject(refused())
            : Promise.resolve({ name: 'triton', version: '2', extensions: [] });
        },
        isServerReady: () => {
          counts.ready++;
          return Promise.reject(refused());
        },
        loadModel: () => {
          counts.load++;
          return Promise.reject(refused());
        },
      },
      { retries: RETRIES },
    );
    expect((await client.serverMetadata()).name).toBe('triton');
    expect(await client.isServerReady()).toBe(false);
    expect((await serviceErrorOf(client.loadModel({ model: 'm' }))).code).toBe('unavailable');
    expect(counts).toEqual({ metadata: 3, ready: 1, load: 1 });
  });
});

describe('modelInfo()', () => {
  it('says what the model takes and gives', async () => {
    expect(await literalClient().modelInfo('faces')).toEqual({
      name: 'faces',
      inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'output', datatype: 'FP32', shape: [-1, 4] }],
      maxBatchSize: 8,
      versions: ['1'],
      platform: 'onnxruntime_onnx',
    });
  });

  it.each([
    ['loaded', (client: TritonClient) => client.loadModel({ model: 'faces' })],
    ['unloaded', (client: TritonClient) => client.unloadModel({ model: 'faces' })],
    ['unloaded with others', (client: TritonClient) => client.unloadModel({ model: 'e', unloadDependents: true })],
  ])('asks again when the model was %s', async (_, change) => {
    let size = 8;
    const done = () => Promise.resolve();
    const modelConfig = () => Promise.resolve({ max_batch_size: size });
    const client = literalClient({ modelConfig, loadModel: done, unloadModel: done });
    expect((await client.modelInfo('faces')).maxBatchSize).toBe(8);
    size = 4;
    expect((await client.modelInfo('faces')).maxBatchSize).toBe(8);
    await change(client);
    expect((await client.modelInfo('faces')).maxBatchSize).toBe(4);
  });

  it('asks again when the server was lost', async () => {
    let size = 8;
    const modelConfig = () => Promise.resolve({ max_batch_size: size });
    const client = literalClient({ modelConfig, serverMetadata: () => Promise.reject(refused()) });
    expect((await client.modelInfo('faces')).maxBatchSize).toBe(8);
    size = 4;
    await serviceErrorOf(client.serverMetadata());
    expect((await client.modelInfo('faces')).maxBatchSize).toBe(4);
  });

  it("fails one caller by its own headers, and not those who wait for that caller's answer", async () => {
    const { open, opened } = gate();
    const askers: unknown[] = [];
    const transport = literalTransport();
    const client = literalClient({
      modelMetadata: async (model, call) => {
        askers.push(call.headers['authorization']);
        await opened;
        if (call.headers['authorization'] === 'good') return transport.modelMetadata(model, call);
        throw new ServiceError('upstream_error', 'HTTP status 403');
      },
    });
    const ask = (authorization: string, signal = new AbortController().signal) =>
      client.modelInfo('faces', { headers: { authorization }, signal });
    const leaving = new AbortController();
    const bad = serviceErrorOf(ask('bad'));
    const left = serviceErrorOf(ask('left', leaving.signal));
    const good = Promise.all([ask('good'), ask('good')]);
    leaving.abort();
    open();
    expect((await bad).code).toBe('upstream_error');
    expect((await left).code).toBe('cancelled');
    expect((await good).map(({ name }) => name)).toEqual(['faces', 'faces']);
    expect((await client.modelInfo('faces', { headers: { authorization: 'bad' } })).name).toBe('faces');
    expect(askers).toEqual(['bad', 'good', 'good']);
  });
});

describe('readiness and administration', () => {
  it('take no place', async () => {
    const { infer, room } = waitingInfer();
    const index = [{ name: 'faces', version: '1', state: 'READY', reason: '' }];
    const client = literalClient(
      {
        infer,
        isServerLive: () => Promise.resolve(true),
        isModelReady: () => Promise.resolve(false),
        repositoryIndex: () => Promise.resolve(index),
      },
      { concurrency: 1, maxQueue: 0 },
    );
    const call = client.infer(facesRequest());
    await room.holds(1);
    expect(await client.isServerLive()).toBe(true);
    expect(await client.isModelReady('faces')).toBe(false);
    expect(await client.repositoryIndex()).toEqual(index);
    expect((await client.modelInfo('faces')).maxBatchSize).toBe(8);
    room.release();
    await call;
  });

  it('end when their time is over', async () => {
    const client = literalClient({ statistics: () => new Promise(() => undefined) }, { timeoutMs: 20 });
    expect(await serviceErrorOf(client.statistics({ model: 'faces' }))).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The call to the predictor for model faces took longer than its limit of 20 ms',
    });
  });

  it('send nothing when their signal is aborted already', async () => {
    let sent = 0;
    const client = literalClient({
      serverMetadata: () => {
        sent++;
        return Promise.reject(refused());
      },
    });
    expect((await serviceErrorOf(client.serverMetadata({ signal: AbortSignal.abort() }))).code).toBe('cancelled');
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBe(0);
  });

  it('hand over what they are asked, and the options of the call', async () => {
    const seen: unknown[] = [];
    const client = literalClient({
      updateTraceSettings: (request, call) => {
        seen.push(request, call.headers);
        return Promise.resolve({});
      },
    });
    await client.updateTraceSettings({ settings: { trace_rate: '1' } }, { headers: { traceparent: '00-1' } });
    expect(seen).toEqual([{ settings: { trace_rate: '1' } }, { traceparent: '00-1' }]);
  });

  it('throw what is wrong with a probe, rather than call it unready', async () => {
    const client = literalClient({
      isServerReady: () => Promise.reject(new ServiceError('upstream_error', 'HTTP status 403')),
    });
    expect((await serviceErrorOf(client.isServerReady())).code).toBe('upstream_error');
    expect((await serviceErrorOf(client.isModelReady(''))).message).toBe('model must not be empty');
  });
});

describe('the log', () => {
  it('says once that the server is lost, and once that it is back', async () => {
    const { lines, logger } = recordingLogger();
    const { infer } = failingInfer(3);
    const client = literalClient({ infer }, { logger, checksRequests: false });
    for (let count = 0; count < 3; count++) await serviceErrorOf(client.infer(facesRequest()));
    for (let count = 0; count < 3; count++) await client.infer(facesRequest());
    expect(lines).toEqual(['warn: the predictor is unavailable', 'info: the predictor is back']);
  });

  it('says nothing of a server that is overloaded, of cancelled calls and of close()', async () => {
    const { lines, logger } = recordingLogger();
    const upstream = { status: 'UNAVAILABLE', text: 'Exceeds maximum queue size' };
    const { infer } = failingInfer(1, () => new ServiceError('unavailable', 'overloaded', { upstream }));
    const generate = () => new Promise<never>(() => undefined);
    const client = literalClient({ infer, generate }, { logger });
    await serviceErrorOf(client.infer(facesRequest()));
    await serviceErrorOf(client.infer(facesRequest(), { signal: AbortSignal.abort() }));
    const running = serviceErrorOf(client.generate({ model: 'faces', payload: {} }));
    await new Promise((resolve) => setImmediate(resolve));
    await client.close();
    expect((await running).message).toBe('The predictor is closed');
    await serviceErrorOf(client.infer(facesRequest()));
    expect(lines).toEqual([]);
  });
});

describe('close()', () => {
  it('leaves calls alone that have ended', async () => {
    const signals: AbortSignal[] = [];
    const infer = (request: TritonInferRequest, { signal }: TransportCall) => {
      signals.push(signal);
      return Promise.resolve(echoOf(request));
    };
    const client = literalClient({ infer });
    await client.infer(facesRequest());
    await client.close();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it('ends what runs and what waits, refuses what follows, and may be called twice', async () => {
    const { infer, room } = waitingInfer();
    let closed = 0;
    const close = () => {
      closed++;
      return Promise.resolve();
    };
    const client = literalClient({ infer, close }, { concurrency: 1 });
    const calls = [client.infer(facesRequest()), client.infer(facesRequest())].map(serviceErrorOf);
    await room.holds(1);
    await Promise.all([client.close(), client.close()]);
    calls.push(serviceErrorOf(client.infer(facesRequest())), serviceErrorOf(client.serverMetadata()));
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: 'unavailable', message: 'The predictor is closed' });
    }
    for (const probe of [client.isServerLive(), client.isServerReady(), client.isModelReady('faces')]) {
      expect((await serviceErrorOf(probe)).message).toBe('The predictor is closed');
    }
    expect(closed).toBe(1);
  });
});

function next(stream: AsyncIterable<unknown>): Promise<unknown> {
  return stream[Symbol.asyncIterator]().next();
}

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ErrorCode, ServiceError } from '../../../../src/errors.js';
import { inputsOf } from '../../../../src/predictor/triton/answer.js';
import { createTritonClient } from '../../../../src/predictor/triton/create-triton-client.js';
import type { TritonInferRequest } from '../../../../src/predictor/triton/inference.js';
import {
  type SharedMemoryClient,
  type SharedMemoryOptions,
  withSharedMemory,
} from '../../../../src/predictor/triton/shared-memory/shared-memory-client.js';
import { float32Tensor, type AnyTensor } from '../../../../src/tensor.js';
import {
  createFakeSharedMemoryServer,
  type FakeSharedMemoryServer,
  tritonError,
} from '../../../helpers/fake-shared-memory-server.js';

const COLUMNS = 10_000;

let directory: string;
let server: FakeSharedMemoryServer;
let client: SharedMemoryClient;
let warnings: string[];

function open(options: SharedMemoryOptions = {}): SharedMemoryClient {
  const logger = { warn: (_: object, message: string) => warnings.push(message) };
  return withSharedMemory(server.client, { directory, logger, ...options });
}

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'regions-'));
  server = createFakeSharedMemoryServer(directory);
  warnings = [];
  client = open();
});

afterEach(async () => {
  await client.close();
  server.restart();
  rmSync(directory, { recursive: true });
});

function batched(first = 0, rows = 2): AnyTensor {
  const data = Float32Array.from({ length: rows * COLUMNS }, (_, index) => first + index);
  return float32Tensor([rows, COLUMNS], data);
}

function request(input = batched()): TritonInferRequest {
  return { ...unnamed(input), outputs: ['BATCHED'] };
}

/** A request for every output. */
function unnamed(input = batched()): TritonInferRequest {
  return { model: 'copy', inputs: { BATCHED: input } };
}

/** Says as a server or a proxy does that the call may succeed later. */
function busy(status: string, text: string, code: ErrorCode = 'unavailable'): ServiceError {
  return new ServiceError(code, text, { upstream: { status, text } });
}

/** A promise to be resolved by the test. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open?.() };
}

/** Whether tensors of the n-th request were in its message. */
function sentByMessage(index: number): boolean[] {
  const sent = server.requests[index];
  return sent === undefined ? [] : inputsOf(sent).map(([, tensor]) => !('sharedMemory' in tensor));
}

describe('withSharedMemory()', () => {
  it('sends a large input and receives a large output through a region', async () => {
    const result = await client.infer(request());
    expect(result.outputs.get('BATCHED')).toEqual(batched());
    expect(result.sharedOutputs.size).toBe(0);
    expect(sentByMessage(0)).toEqual([false]);
  });

  it('leaves no name in the directory while its regions are registered', async () => {
    await client.infer(request());
    expect(server.regions()).toHaveLength(1);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('uses one region for calls one after the other, and as many as there are calls at once', async () => {
    for (let call = 0; call < 5; call++) await client.infer(request(batched(call)));
    expect(server.registered).toBe(1);
    const results = await Promise.all([1, 2, 3].map((call) => client.infer(request(batched(call)))));
    expect(results.map(({ outputs }) => outputs.get('BATCHED')?.data[0])).toEqual([1, 2, 3]);
    expect(server.registered).toBe(3);
  });

  it('has the server let go of every region on close()', async () => {
    await Promise.all([1, 2, 3].map((call) => client.infer(request(batched(call)))));
    await client.close();
    expect(server.regions()).toEqual([]);
    await client.close();
  });

  it('does not wait on close() for a client that was closed before it, and says what that leaves', async () => {
    const closed = createTritonClient('http://127.0.0.1:1');
    await closed.close();
    await client.close();
    client = open();
    await client.infer(request());
    server.client.unregisterSystemSharedMemory = (name) => closed.unregisterSystemSharedMemory(name);
    const startedAt = performance.now();
    await client.close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    const order = 'since the client was closed before its shared memory; close that first';
    expect(warnings).toEqual([`the server keeps 1 regions until it ends, ${order}`]);
  });

  it('goes by message once it is closed', async () => {
    await client.close();
    expect((await client.infer(request())).outputs.get('BATCHED')).toEqual(batched());
    expect(sentByMessage(0)).toEqual([true]);
  });

  it('ends the region of a call that outlasts close() with the call', async () => {
    const { opened, open: finish } = gate();
    server.behaviour.work = opened;
    const late = client.infer(request());
    while (server.requests.length === 0) await new Promise(setImmediate);
    await client.close();
    finish();
    expect((await late).outputs.get('BATCHED')).toEqual(batched());
    while (server.regions().length > 0) await new Promise(setImmediate);
  });
});

describe('the other forms of a call', () => {
  it('give a result to be released, too', async () => {
    const { result, error } = await new Promise<Record<'result' | 'error', unknown>>((resolve) => {
      client.inferWithCallback(request(batched(3)), (result, error) => resolve({ result, error }));
    });
    expect(result).toMatchObject({ outputs: new Map([['BATCHED', batched(3)]]) });
    expect(error).toBeUndefined();
    const handle = client.inferAsync(request(batched(4)));
    const later = await handle.getResult();
    expect(later.outputs.get('BATCHED')).toEqual(batched(4));
    later.release();
    expect(server.registered).toBe(1);
  });

  it('give the region of a cancelled call up', async () => {
    const { opened, open: finish } = gate();
    server.behaviour.work = opened;
    const handle = client.inferAsync(request());
    while (server.requests.length === 0) await new Promise(setImmediate);
    handle.cancel();
    await expect(handle.getResult()).rejects.toMatchObject({ code: 'cancelled' });
    finish();
    await client.infer(request());
    expect(server.registered).toBe(2);
  });
});

describe('what goes through a region', () => {
  it.each([
    ['an input below the threshold', request(float32Tensor([1, 4], new Float32Array(4))), [true]],
    ['a large input', unnamed(), [false]],
  ])('decides by size: %s', async (_, sent, byMessage) => {
    await client.infer(sent);
    expect(sentByMessage(0)).toEqual(byMessage);
  });

  it('leaves outputs that are not named in the message', async () => {
    const result = await client.infer(unnamed());
    expect(result.outputs.get('BATCHED')).toEqual(batched());
    expect(server.requests[0]?.outputs).toBeUndefined();
  });

  it.each([
    ['a variable dimension', 'VARIABLE', float32Tensor([2, COLUMNS], new Float32Array(2 * COLUMNS).fill(7))],
    ['BYTES', 'TEXTS', { datatype: 'BYTES', shape: [1, 1], data: [Buffer.alloc(70_000, 'é')] } as const],
  ])(
    'has an output of unknown size in the message, or through a region of a given size: %s',
    async (_, name, tensor) => {
      const sent = { model: 'copy', inputs: { [name]: tensor }, outputs: [name] };
      expect((await client.infer(sent)).outputs.get(name)).toEqual(tensor);
      expect(server.requests[0]?.outputs).toEqual([name]);
      const result = await client.infer(sent, { outputByteSizes: { [name]: 100_000 } });
      expect(result.outputs.get(name)).toEqual(tensor);
      expect(server.requests[1]?.outputs).toEqual([
        { name, sharedMemory: expect.objectContaining({ byteSize: 100_000 }) as unknown },
      ]);
    },
  );

  it('keeps the order of outputs, however they come', async () => {
    const small = float32Tensor([2, 1], Float32Array.of(1, 2));
    const inputs = { BATCHED: batched(), VARIABLE: small };
    const result = await client.infer({ model: 'copy', inputs, outputs: ['VARIABLE', 'BATCHED'] });
    expect([...result.outputs]).toEqual([
      ['VARIABLE', small],
      ['BATCHED', batched()],
    ]);
  });

  it("leaves a caller's own regions alone", async () => {
    const first = await client.infer(request());
    const [region = ''] = server.regions();
    const sharedMemory = { region, offset: 0, byteSize: 2 * COLUMNS * 4 };
    const own = { datatype: 'FP32', shape: [2, COLUMNS], sharedMemory } as const;
    const result = await client.infer({
      model: 'copy',
      inputs: { BATCHED: own },
      outputs: [{ name: 'BATCHED', sharedMemory }],
    });
    expect(result.sharedOutputs.get('BATCHED')).toEqual(own);
    first.release();
  });
});

describe('release()', () => {
  it('has a later result use the memory again', async () => {
    const first = await client.infer(request(batched(1)));
    const memory = first.outputs.get('BATCHED')?.data as Float32Array;
    first.release();
    first.release();
    const [second, third] = await Promise.all([client.infer(request(batched(2))), client.infer(request(batched(3)))]);
    const later = [second, third].map(({ outputs }) => outputs.get('BATCHED')?.data as Float32Array);
    expect(later.filter(({ buffer }) => buffer === memory.buffer)).toHaveLength(1);
    expect(later.map(([value]) => value)).toEqual([2, 3]);
  });

  it('never hands memory out that was not released', async () => {
    const results = [];
    for (let call = 0; call < 4; call++) results.push(await client.infer(request(batched(call))));
    expect(results.map(({ outputs }) => outputs.get('BATCHED')?.data[0])).toEqual([0, 1, 2, 3]);
  });
});

describe('a call that ends before its answer', () => {
  it.each([
    ['is cancelled', { code: 'cancelled' }, () => ({ signal: AbortSignal.timeout(20) })],
    ['runs out of time', { code: 'deadline_exceeded' }, () => ({ timeoutMs: 20 })],
  ])('%s, and its region is never used again', async (_, error, options) => {
    const { opened, open: finish } = gate();
    server.behaviour.work = opened;
    await expect(client.infer(request(batched(99)), options())).rejects.toMatchObject(error);
    delete server.behaviour.work;
    const [abandoned] = server.regions();
    const result = await client.infer(request(batched(1)));
    expect(server.registered).toBe(2);
    finish();
    await new Promise(setImmediate);
    expect(result.outputs.get('BATCHED')).toEqual(batched(1));
    await client.infer(request(batched(2)));
    expect(server.registered).toBe(2);
    while (server.regions().includes(abandoned ?? '')) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('keeps the region registered for good where the server would die of letting go of it', async () => {
    server.behaviour.version = '2.49.0';
    const { opened, open: finish } = gate();
    server.behaviour.work = opened;
    await expect(client.infer(request(), { timeoutMs: 20 })).rejects.toMatchObject({ code: 'deadline_exceeded' });
    finish();
    await client.close();
    expect(server.regions()).toHaveLength(1);
    expect(warnings).toEqual([
      expect.stringContaining('the server keeps 1 regions until it ends: calls that were given up'),
    ]);
  });

  it('counts what the server keeps: beyond the limit, calls go by message', async () => {
    client = open({ maxBytes: 250_000 });
    server.behaviour.work = new Promise(() => undefined);
    await expect(client.infer(request(), { timeoutMs: 20 })).rejects.toMatchObject({ code: 'deadline_exceeded' });
    delete server.behaviour.work;
    expect((await client.infer(request())).outputs.get('BATCHED')).toEqual(batched());
    expect(sentByMessage(1)).toEqual([true]);
    const reason = 'the server still has the memory of calls that ended early';
    expect(warnings).toEqual([`tensors go without shared memory: ${reason}`]);
  });
});

describe('a call that is refused', () => {
  it.each([
    ['by the client, before it is sent', new ServiceError('invalid_argument', 'inputs: INPTU0 is not known'), 1],
    ['by the client, which has too much to do', new ServiceError('resource_exhausted', 'Too many calls'), 1],
    ['by the server', tritonError('INVALID_ARGUMENT', 'unexpected shape'), 1],
    ['by the server, whose queue is full', busy('UNAVAILABLE', 'Exceeds maximum queue size'), 1],
    ['by a proxy, while the server may work on it', busy('UNAVAILABLE', 'upstream connect error'), 2],
    ['by a proxy that waited too long', busy('DEADLINE_EXCEEDED', 'timeout', 'deadline_exceeded'), 2],
    ['as cancelled', tritonError('CANCELLED', 'cancelled'), 2],
    ['by nobody: its connection broke', new ServiceError('unavailable', 'went away', { isSafeToRetry: true }), 2],
  ])('keeps its region only where the server is done with it: %s', async (_, inferFailure, registered) => {
    server.behaviour.inferFailure = inferFailure;
    await expect(client.infer(request())).rejects.toBe(inferFailure);
    delete server.behaviour.inferFailure;
    expect((await client.infer(request())).outputs.get('BATCHED')).toEqual(batched());
    expect(server.registered).toBe(registered);
    expect(sentByMessage(1)).toEqual([false]);
  });
});

describe('a bounded pool', () => {
  it('has calls wait in order', async () => {
    client = open({ maxBytes: 250_000 });
    const results = await Promise.all([1, 2, 3, 4].map((call) => client.infer(request(batched(call)))));
    expect(results.map(({ outputs }) => outputs.get('BATCHED')?.data[0])).toEqual([1, 2, 3, 4]);
    expect(server.registered).toBe(1);
    expect(warnings).toEqual([]);
  });

  it('lets a waiting call give up', async () => {
    client = open({ maxBytes: 250_000 });
    const { opened, open: finish } = gate();
    server.behaviour.work = opened;
    const first = client.infer(request());
    await expect(client.infer(request(), { timeoutMs: 20 })).rejects.toMatchObject({ code: 'deadline_exceeded' });
    finish();
    await first;
    expect(server.requests).toHaveLength(1);
  });

  it('lets no call wait for ever: its own limit counts, or that of all calls', async () => {
    client = open({ maxBytes: 250_000, timeoutMs: 20 });
    const { opened, open: finish } = gate();
    server.behaviour.work = opened;
    const first = client.infer(request(), { timeoutMs: 10_000 });
    await expect(client.infer(request())).rejects.toMatchObject({
      code: 'deadline_exceeded',
      message: 'The call for model copy took longer than its limit of 20 ms',
    });
    finish();
    await first;
    expect(server.requests).toHaveLength(1);
  });

  it('refuses at once when too many wait', async () => {
    client = open({ maxBytes: 250_000, maxQueue: 1 });
    const calls = [1, 2, 3].map((call) => client.infer(request(batched(call))));
    await expect(calls[2]).rejects.toMatchObject({
      code: 'resource_exhausted',
      message: 'Too many calls with shared memory at once; try again later',
    });
    await Promise.all(calls.slice(0, 2));
  });

  it('ends idle regions of another size for a new one', async () => {
    client = open({ maxBytes: 300_000 });
    await client.infer(request(batched(0, 2)));
    await client.infer(request(batched(0, 3)));
    await new Promise(setImmediate);
    expect(server.regions()).toHaveLength(1);
    expect(server.registered).toBe(2);
  });

  it('sends a tensor by message that is larger than the pool', async () => {
    client = open({ maxBytes: 100_000 });
    expect((await client.infer(request())).outputs.get('BATCHED')).toEqual(batched());
    expect(sentByMessage(0)).toEqual([true]);
  });
});

describe('a server that was started again', () => {
  it('gets new regions, and the call is repeated once', async () => {
    await Promise.all([1, 2].map((call) => client.infer(request(batched(call)))));
    server.restart();
    expect((await client.infer(request(batched(5)))).outputs.get('BATCHED')).toEqual(batched(5));
    expect(server.registered).toBe(3);
    expect(server.requests).toHaveLength(4);
    expect(warnings).toEqual([]);
  });

  it('is not asked for ever when it keeps no region', async () => {
    const { infer } = server.client;
    client = withSharedMemory(
      {
        ...server.client,
        infer: (sent, options) => {
          server.restart();
          return infer(sent, options);
        },
      },
      { directory, logger: { warn: (_, message) => warnings.push(message) } },
    );
    await client.infer(request());
    expect([0, 1, 2].flatMap(sentByMessage)).toEqual([false, false, true]);
    expect(warnings).toEqual([expect.stringContaining('the server does not keep its regions')]);
    await client.infer(request());
    expect(sentByMessage(3)).toEqual([true]);
  });
});

describe('falling back to messages', () => {
  const DISABLED = "Client shared memory is disabled. Start the server with '--allow-client-shm=true' to enable.";
  it.each([
    ['is disabled', tritonError('INVALID_ARGUMENT', DISABLED), 'started without --allow-client-shm=true'],
    ['is remote', tritonError('INTERNAL', "Unable to open shared memory region: '/x'"), 'it is remote'],
    ['restricts', tritonError('UNAVAILABLE', "This protocol is restricted, expecting header 'k'"), 'restricts'],
    ['has no such call', new ServiceError('unimplemented', 'no'), 'refuses to register'],
  ])('says so once when the server %s', async (_, refusal, words) => {
    server.behaviour.refusal = refusal;
    const results = await Promise.all([1, 2].map((call) => client.infer(request(batched(call)))));
    results.push(await client.infer(request(batched(3))));
    expect(results.map(({ outputs }) => outputs.get('BATCHED')?.data[0])).toEqual([1, 2, 3]);
    expect([0, 1, 2].flatMap(sentByMessage)).toEqual([true, true, true]);
    expect(warnings).toEqual([expect.stringContaining(words)]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('does so on a machine without /dev/shm', async () => {
    client = open({ directory: path.join(directory, 'none') });
    expect((await client.infer(request())).outputs.get('BATCHED')).toEqual(batched());
    expect(warnings).toEqual(['tensors go without shared memory: this machine has no /dev/shm']);
  });

  it('does not where another try may succeed: the call fails, and the next one goes through a region', async () => {
    server.behaviour.refusal = new ServiceError('unavailable', 'The predictor cannot be reached');
    await expect(client.infer(request())).rejects.toMatchObject({ code: 'unavailable' });
    delete server.behaviour.refusal;
    await client.infer(request());
    expect(sentByMessage(0)).toEqual([false]);
    expect(warnings).toEqual([]);
  });
});

describe('options that are undefined', () => {
  it('have their defaults', async () => {
    const options = { maxBytes: undefined, minBytes: undefined, maxQueue: undefined, mode: undefined };
    client = open(options as unknown as SharedMemoryOptions);
    await client.infer(request());
    expect(sentByMessage(0)).toEqual([false]);
  });
});

describe('what is wrong', () => {
  it("says what an output's size has to be", async () => {
    const call = client.infer(request(), { outputByteSizes: { BATCHED: 70_000 } });
    await expect(call).rejects.toMatchObject({
      code: 'invalid_argument',
      message: 'outputByteSizes.BATCHED must be at least 80000 for this request; received 70000',
    });
  });

  it("keeps the server's words where the size was the model's", async () => {
    const metadata = await server.client.modelInfo('copy');
    server.client.modelInfo = () =>
      Promise.resolve({
        ...metadata,
        maxBatchSize: 0,
        outputs: [{ name: 'BATCHED', datatype: 'FP32', shape: [18_000] }],
      });
    await expect(client.infer(request())).rejects.toMatchObject({
      code: 'upstream_error',
      upstream: { text: expect.stringContaining('should be at least 80000 bytes') as unknown },
    });
  });

  it('refuses a size that is none, and an input that is none', async () => {
    await expect(client.infer(request(), { outputByteSizes: { BATCHED: -1 } })).rejects.toMatchObject({
      message: 'outputByteSizes.BATCHED must be an unsigned 64-bit integer; received -1',
    });
    const short = { ...batched(), shape: [3, COLUMNS] } as AnyTensor;
    await expect(client.infer(request(short))).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('inputs.BATCHED') as unknown,
    });
    await expect(client.infer(request(), { timeoutMs: 1e12 })).rejects.toMatchObject({
      message: expect.stringContaining('timeoutMs must be a number of milliseconds') as unknown,
    });
    expect(() => open({ timeoutMs: NaN })).toThrow('timeoutMs must be a number of milliseconds');
    expect(() => open({ maxBytes: 1.5 })).toThrow('maxBytes must be an unsigned 64-bit integer; received 1.5');
  });

  it('refuses an answer that claims more than its place holds', async () => {
    server.behaviour.outputShape = [200, COLUMNS];
    await expect(client.infer(request())).rejects.toMatchObject({
      code: 'upstream_error',
      message: expect.stringContaining('takes 8000000 bytes, and its place has 80000') as unknown,
    });
  });
});

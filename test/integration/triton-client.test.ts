import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError } from '../../src/errors.js';
import { createTritonClient } from '../../src/predictor/triton/create-triton-client.js';
import type { TritonInferRequest } from '../../src/predictor/triton/inference.js';
import type { TritonClient } from '../../src/predictor/triton/triton-client.js';
import { createTensor } from '../../src/predictor/triton/tensors/create-tensor.js';
import { float32Tensor } from '../../src/tensor.js';
import { serviceErrorOf } from '../helpers/service-error-of.js';
import { type OwnTriton, type Protocol, startOwnTriton, tritonAddress } from './real-triton.js';

/** How soon calls have to succeed once Triton is back. */
const RECOVERY_LIMIT_MS = 2000;

/** The time limit of the calls that run while Triton is killed, and how late a busy machine may notice that. */
const CALL_LIMIT_MS = 3000;
const TOLERANCE_MS = 500;

const IN_FLIGHT = 16;

/** Four numbers, the first of which is `first`. */
function identityRequest(first: number): TritonInferRequest {
  return {
    model: 'identity',
    inputs: { input: float32Tensor([1, 4], Float32Array.of(first, 1, 2, 3)) },
    outputs: ['output'],
  };
}

/** A request that the model `copy` needs some milliseconds for. */
function largeRequest(): TritonInferRequest {
  return { model: 'copy', inputs: { INPUT0: float32Tensor([500_000], new Float32Array(500_000)) } };
}

describe.each<Protocol>(['http', 'grpc'])("a client's calls to a real Triton over %s", (protocol) => {
  const clients: TritonClient[] = [];
  const connect = (...[options]: Parameters<typeof createTritonClient> extends [unknown, ...infer O] ? O : never) => {
    const client = createTritonClient(`${protocol}://${tritonAddress(protocol)}`, options);
    clients.push(client);
    return client;
  };
  afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

  it('come back in all three forms, each to its own caller', async () => {
    const client = connect({ concurrency: 8 });
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    const byPromise = numbers.map((first) => client.infer(identityRequest(first)));
    const byHandle = numbers.map((first) => client.inferAsync(identityRequest(first)).getResult());
    const firsts = async (results: typeof byPromise) =>
      (await Promise.all(results)).map(({ outputs }) => outputs.get('output')?.data[0]);
    expect(await firsts(byPromise)).toEqual(numbers);
    expect(await firsts(byHandle)).toEqual(numbers);
    const byCallback = await Promise.all(
      numbers.map((first) => {
        return new Promise((resolve) => {
          client.inferWithCallback(identityRequest(first), (result, error) =>
            resolve(error ?? result?.outputs.get('output')?.data[0]),
          );
        });
      }),
    );
    expect(byCallback).toEqual(numbers);
  });

  it('are refused at once beyond the queue, and done up to it', async () => {
    const client = connect({ concurrency: 2, maxQueue: 3, checksRequests: false });
    const outcomes = await Promise.allSettled(Array.from({ length: 7 }, () => client.infer(largeRequest())));
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? 'done' : codeOf(outcome.reason)))).toEqual([
      ...Array.from({ length: 5 }, () => 'done'),
      'resource_exhausted',
      'resource_exhausted',
    ]);
  });

  it('end at once when they are cancelled, waiting or under way, and leave the others alone', async () => {
    const client = connect({ concurrency: 4 });
    await client.infer(largeRequest());
    const handles = Array.from({ length: 40 }, () => client.inferAsync(largeRequest()));
    await sleep(5);
    const cancelledAt = performance.now();
    const cancelled = handles.filter((_, index) => index % 2 === 1);
    cancelled.forEach((handle) => handle.cancel());
    const errors = await Promise.all(cancelled.map((handle) => serviceErrorOf(handle.getResult())));
    expect(performance.now() - cancelledAt).toBeLessThan(TOLERANCE_MS);
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['cancelled']));
    const kept = await Promise.all(handles.filter((_, index) => index % 2 === 0).map((handle) => handle.getResult()));
    expect(kept.map(({ outputs }) => outputs.get('OUTPUT0')?.data.length)).toEqual(kept.map(() => 500_000));
    expect((await client.infer(identityRequest(5))).outputs.get('output')?.data[0]).toBe(5);
  });

  it('end at their time limit', async () => {
    const client = connect({ concurrency: 1, checksRequests: false });
    const calls = Array.from({ length: 20 }, () => client.infer(largeRequest()));
    const startedAt = performance.now();
    const error = await serviceErrorOf(client.infer(identityRequest(0), { timeoutMs: 3 }));
    expect(performance.now() - startedAt).toBeLessThan(TOLERANCE_MS);
    expect(error.message).toBe('The call to model identity, waiting for a place, took longer than its limit of 3 ms');
    await Promise.all(calls);
  });

  it('are refused before they are sent where the model would refuse them', async () => {
    const error = await serviceErrorOf(connect().infer({ ...identityRequest(0), inputs: {} }));
    expect(error).toMatchObject({ code: 'invalid_argument', upstream: undefined });
  });
});

describe('streams of a client to a real Triton', () => {
  const request = {
    model: 'repeat',
    inputs: { text_input: createTensor('BYTES', [1], ['hello']) },
    parameters: { times: 5 },
  };

  it('give every result of a decoupled model over gRPC, to the last', async () => {
    const client = createTritonClient(`grpc://${tritonAddress('grpc')}`, { concurrency: 1, maxQueue: 0 });
    try {
      const indices: unknown[] = [];
      for await (const { outputs } of client.inferDecoupled(request)) indices.push(outputs.get('index')?.data[0]);
      expect(indices).toEqual([0, 1, 2, 3, 4]);
      const slow = { ...request, parameters: { times: 50, delay_ms: 100 } };
      for await (const { outputs } of client.inferDecoupled(slow)) {
        expect(outputs.size).toBe(2);
        break;
      }
      // Its place is free again.
      expect((await client.infer(identityRequest(8))).outputs.get('output')?.data[0]).toBe(8);
      const late = async () => {
        for await (const result of client.inferDecoupled(slow, { timeoutMs: 250 })) expect(result.model).toBe('repeat');
      };
      expect((await serviceErrorOf(late())).code).toBe('deadline_exceeded');
    } finally {
      await client.close();
    }
  });

  it('generate over HTTP', async () => {
    const client = createTritonClient(`http://${tritonAddress('http')}`);
    try {
      const prompt = { model: 'repeat', payload: { text_input: 'hello', times: 3 } };
      const texts: unknown[] = [];
      for await (const result of client.generateStream(prompt)) texts.push(result['index']);
      expect(texts).toEqual([0, 1, 2]);
      const once = await client.generate({ ...prompt, payload: { text_input: 'hello' } });
      expect(once).toMatchObject({ text_output: 'hello' });
    } finally {
      await client.close();
    }
  });
});

describe.each<Protocol>(['http', 'grpc'])(
  'a client of a real Triton that is killed under load, over %s',
  (protocol) => {
    let triton: OwnTriton;
    beforeAll(async () => {
      triton = await startOwnTriton();
    });
    afterAll(() => triton.close());

    it.each([
      ['without retries', {}],
      ['with retries', { retries: { attempts: 5 } }],
    ])('sees every call end in time, and calls succeed soon after its return, %s', async (_, options) => {
      const client = createTritonClient(`${protocol}://${triton.address(protocol)}`, {
        concurrency: IN_FLIGHT,
        timeoutMs: CALL_LIMIT_MS,
        ...options,
      });
      const ends: { startedAt: number; endedAt: number; outcome: string }[] = [];
      let isOver = false;
      const caller = async () => {
        for (let count = 0; !isOver; count++) {
          const startedAt = performance.now();
          const outcome = await client
            .infer(identityRequest(count))
            .then(({ outputs }) => (outputs.get('output')?.data[0] === count ? 'answered' : 'another answer'), codeOf);
          ends.push({ startedAt, endedAt: performance.now(), outcome });
          if (outcome !== 'answered') await sleep(5);
        }
      };
      try {
        // Twice as many as there are places, so that calls wait as well.
        const callers = Array.from({ length: 2 * IN_FLIGHT }, caller);
        await sleep(500);
        const killedAt = performance.now();
        await triton.kill();
        await sleep(500);
        await triton.restart();
        const backAt = performance.now();
        await sleep(RECOVERY_LIMIT_MS + 500);
        isOver = true;
        await Promise.all(callers);

        const outcomes = new Set(ends.map(({ outcome }) => outcome));
        expect([...outcomes].sort()).toEqual(['answered', 'unavailable']);
        expect(Math.max(...ends.map((end) => end.endedAt - end.startedAt))).toBeLessThan(CALL_LIMIT_MS + TOLERANCE_MS);
        expect(ends.filter(({ endedAt, outcome }) => endedAt < killedAt && outcome !== 'answered')).toEqual([]);
        const late = ends.filter(({ startedAt }) => startedAt > backAt + RECOVERY_LIMIT_MS);
        expect(late.length).toBeGreaterThan(IN_FLIGHT);
        expect(late.filter(({ outcome }) => outcome !== 'answered')).toEqual([]);
      } finally {
        isOver = true;
        await client.close();
      }
    });
  },
);

function codeOf(error: unknown): string {
  return error instanceof ServiceError ? error.code : String(error);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { ServiceError } from '../../../../src/errors.js';
import type { TritonInferResult } from '../../../../src/predictor/triton/inference.js';
import { echoOf, facesRequest, firstOf, literalClient, waitingInfer } from '../../../helpers/literal-transport.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

describe('inferAsync()', () => {
  it('gives the result as often as it is asked for', async () => {
    const client = literalClient();
    const handle = client.inferAsync(facesRequest(7));
    const result = await handle.getResult();
    expect(firstOf(result)).toBe(7);
    expect(await handle.getResult({ timeoutMs: 0 })).toBe(result);
  });

  it('starts the call at once, before it is waited for', async () => {
    const { infer, room, counts } = waitingInfer();
    const handle = literalClient({ infer }).inferAsync(facesRequest());
    await room.holds(1);
    expect(counts.sent).toBe(1);
    room.release();
    await handle.getResult();
  });

  it('ends one wait when its time is over, and not the call', async () => {
    const { infer, room } = waitingInfer();
    const handle = literalClient({ infer }).inferAsync(facesRequest(3));
    const error = await serviceErrorOf(handle.getResult({ timeoutMs: 5 }));
    expect(error).toMatchObject({
      code: 'deadline_exceeded',
      message: 'The result of model faces did not come within 5 ms; the call goes on',
    });
    room.release();
    expect(firstOf(await handle.getResult({ timeoutMs: 5000 }))).toBe(3);
  });

  it.each([Infinity, 2 ** 31])('waits to the end with a limit of %d ms', async (timeoutMs) => {
    const { infer, room } = waitingInfer();
    const handle = literalClient({ infer }).inferAsync(facesRequest(3));
    const result = handle.getResult({ timeoutMs });
    await room.holds(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    room.release();
    expect(firstOf(await result)).toBe(3);
  });

  it.each([NaN, -1])('refuses to wait for %d ms', async (timeoutMs) => {
    const handle = literalClient().inferAsync(facesRequest());
    expect(await serviceErrorOf(handle.getResult({ timeoutMs }))).toMatchObject({
      code: 'invalid_argument',
      message: `getResult: timeoutMs must be milliseconds from 0 on, or Infinity; received ${timeoutMs}`,
    });
    await handle.getResult();
  });

  it('ends the call when it is cancelled', async () => {
    const { infer, room } = waitingInfer();
    const handle = literalClient({ infer }).inferAsync(facesRequest());
    await room.holds(1);
    handle.cancel();
    handle.cancel();
    const error = await serviceErrorOf(handle.getResult());
    expect(error).toMatchObject({ code: 'cancelled', message: 'The caller cancelled the call' });
  });

  it("ends the call when the caller's signal is aborted", async () => {
    const { infer, room } = waitingInfer();
    const caller = new AbortController();
    const handle = literalClient({ infer }).inferAsync(facesRequest(), { signal: caller.signal });
    await room.holds(1);
    caller.abort();
    expect((await serviceErrorOf(handle.getResult())).code).toBe('cancelled');
  });

  it('reports options that are none by its result', async () => {
    const handle = literalClient().inferAsync(facesRequest(), { timeoutMs: -1 });
    expect((await serviceErrorOf(handle.getResult())).code).toBe('invalid_argument');
  });
});

describe('inferWithCallback()', () => {
  type Outcome = [result: TritonInferResult | undefined, error: ServiceError | undefined];

  /** Waits for a callback's one call, and a little longer for a second one. */
  async function outcomeOf(start: (callback: (...outcome: Outcome) => void) => void): Promise<Outcome> {
    const outcomes: Outcome[] = [];
    await new Promise<void>((resolve) => {
      start((...outcome) => {
        outcomes.push(outcome);
        resolve();
      });
      expect(outcomes).toEqual([]);
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    const [outcome] = outcomes;
    expect(outcomes).toHaveLength(1);
    return outcome ?? [undefined, undefined];
  }

  it('hands over the result, after it has returned', async () => {
    const [result, error] = await outcomeOf((callback) => literalClient().inferWithCallback(facesRequest(4), callback));
    expect(result && firstOf(result)).toBe(4);
    expect(error).toBeUndefined();
  });

  it.each([
    ['the transport', {}, 'internal'],
    ['wrong options', { timeoutMs: 0 }, 'invalid_argument'],
    ['an aborted signal', { signal: AbortSignal.abort() }, 'cancelled'],
  ] as const)('hands over the error of %s', async (_, options, code) => {
    const client = literalClient({ infer: () => Promise.reject(new Error('broken')) });
    const [result, error] = await outcomeOf((callback) => client.inferWithCallback(facesRequest(), callback, options));
    expect(result).toBeUndefined();
    expect(error?.code).toBe(code);
  });

  it('gives a handle that cancels the call', async () => {
    const { infer } = waitingInfer();
    const [, error] = await outcomeOf((callback) => {
      literalClient({ infer }).inferWithCallback(facesRequest(), callback).cancel();
    });
    expect(error?.code).toBe('cancelled');
  });

  it('hands each of many calls its own result', async () => {
    const client = literalClient({ infer: async (request) => Promise.resolve(echoOf(request)) });
    const received = await Promise.all(
      Array.from({ length: 500 }, (_, index) => {
        return new Promise((resolve) => {
          client.inferWithCallback(facesRequest(index), (result) => resolve(result && firstOf(result)));
        });
      }),
    );
    expect(received).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });
});

describe('a process that calls', () => {
  /** Runs a program after one that makes `start`, which starts a call that ends as told; gives what it prints. */
  async function outputOf(program: string): Promise<string> {
    const prelude = `
      import { callBack, startInfer } from './dist/predictor/triton/calls/infer-handle.js';
      process.on('uncaughtException', (error, origin) => console.log(origin, error.message));
      process.on('unhandledRejection', (error) => console.log('unhandledRejection', error.message));
      const start = (infer) => startInfer(infer, { model: 'faces', inputs: {} }, {});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', prelude + program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    return output.trim();
  }

  it('sees what its callback throws as an uncaught exception, once', async () => {
    const program = `
      let calls = 0;
      const callback = () => { calls++; throw new Error('thrown by the callback'); };
      callBack(start(() => Promise.resolve({})), callback);
      callBack(start(() => Promise.reject(new Error('x'))), callback);
      setTimeout(() => console.log(calls, 'calls'), 50);`;
    expect(await outputOf(program)).toBe(
      'uncaughtException thrown by the callback\nuncaughtException thrown by the callback\n2 calls',
    );
  });

  it('hears nothing of a failure that it does not ask for', async () => {
    const program = `
      start(() => Promise.reject(new Error('unasked')));
      setTimeout(() => console.log('went on'), 20);`;
    expect(await outputOf(program)).toBe('went on');
  });
});

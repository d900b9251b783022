import { createLimiter } from '../../src/concurrency/limiter.js';
import { createLoopTurns } from '../../src/concurrency/loop-turns.js';
import { ServiceError } from '../../src/errors.js';
import { NO_SPAN } from '../../src/observability/span.js';
import { type CallMetrics, runCall, type ServedCall } from '../../src/transformers/served-call.js';
import type { RequestContext } from '../../src/transformers/transformer.js';

type Work<T> = (context: RequestContext) => Promise<T>;

function caller({ requestTimeoutMs = 60_000, capacity = 1, maxQueue = 0 } = {}) {
  const observed: string[] = [];
  const metrics: CallMetrics = {
    observeKServeStage: (model, stage, seconds) => void observed.push(`kserve ${model} ${stage} ${rounded(seconds)}`),
    observeStage: ({ modelName, stage }, seconds) => {
      // The time of the queue is the machine's own.
      observed.push(`stage ${modelName} ${stage} ${stage === 'queue' ? '' : rounded(seconds)}`.trim());
    },
    observeModel: ({ modelName, model }, seconds) =>
      void observed.push(`model ${modelName} ${model} ${rounded(seconds)}`),
    countFound: ({ modelName, what }, count) => void observed.push(`found ${modelName} ${what} ${count}`),
  };
  const limits = {
    admission: createLimiter({ capacity, maxQueue, what: 'requests' }),
    turns: createLoopTurns({ budgetMs: 10 }),
    requestTimeoutMs,
  };
  const run = <T>(work: Work<T>, changes: Partial<ServedCall> = {}) =>
    runCall(call(changes), { modelName: 'm', limits, metrics }, work);
  return { run, observed };
}

function call(changes: Partial<ServedCall> = {}): ServedCall {
  const { signal } = new AbortController();
  return { requestId: 'r1', headers: { a: '1' }, signal, span: NO_SPAN, times: new Map(), ...changes };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

const hang: Work<never> = () => new Promise(() => undefined);

describe('runCall()', () => {
  it('gives what the work gives, and the work what it needs', async () => {
    const onResponseHeaders = () => undefined;
    const context = await caller().run(async (given) => given, { onResponseHeaders });
    expect(context).toMatchObject({ requestId: 'r1', span: NO_SPAN });
    expect(context.call).toEqual({ signal: context.signal, headers: { a: '1' }, span: NO_SPAN, onResponseHeaders });
    expect((await caller().run(async (given) => given)).call).not.toHaveProperty('onResponseHeaders');
  });

  it('throws what the work throws', async () => {
    const error = new ServiceError('unavailable', 'no');
    await expect(caller().run(() => Promise.reject(error))).rejects.toBe(error);
  });

  it.each([
    [20, undefined, 20],
    [20, 60_000, 20],
    [60_000, 20, 20],
    [60_000, 0, 0],
  ])('ends within the service’s %i ms and the client’s %p ms', async (requestTimeoutMs, timeoutMs, limit) => {
    let signal: AbortSignal | undefined;
    const { run } = caller({ requestTimeoutMs });
    const work: Work<never> = (context) => {
      ({ signal } = context);
      return hang(context);
    };
    const problem = { code: 'deadline_exceeded', message: `The request took longer than its limit of ${limit} ms` };
    await expect(run(work, { timeoutMs })).rejects.toMatchObject(problem);
    expect(signal?.reason).toMatchObject(problem);
  });

  it('ends when the client leaves, with its reason, and hears nothing of the work any more', async () => {
    const client = new AbortController();
    const reason = new ServiceError('cancelled', 'The client left');
    const { run } = caller();
    let signal: AbortSignal | undefined;
    const running = run(
      (context) => {
        ({ signal } = context);
        client.abort(reason);
        return Promise.reject(new Error('nobody listens'));
      },
      { signal: client.signal },
    );
    await expect(running).rejects.toBe(reason);
    expect(signal?.reason).toBe(reason);
  });

  it('turns calls away when as many run and wait as may, and lets the next in', async () => {
    let letGo: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const { run } = caller();
    const first = run(() => gate);
    await expect(run(hang)).rejects.toMatchObject({
      code: 'resource_exhausted',
      message: 'Too many requests at once; try again later',
    });
    letGo();
    await first;
    expect(await run(async () => 'next')).toBe('next');
  });

  it('counts the wait for admission within its time limit', async () => {
    const { run } = caller({ maxQueue: 1, requestTimeoutMs: 30 });
    const first = run(hang);
    let hasRun = false;
    const second = run(async () => {
      hasRun = true;
    });
    await expect(first).rejects.toMatchObject({ code: 'deadline_exceeded' });
    await expect(second).rejects.toMatchObject({ code: 'deadline_exceeded' });
    expect(hasRun).toBe(false);
  });

  it('counts times and findings, also when the work fails', async () => {
    const { run, observed } = caller();
    const times = new Map<string, number>();
    const work: Work<never> = async ({ addTime, addFound }) => {
      for (const [name, ms] of [
        ['decode', 10],
        ['preprocess', 20],
        ['predict', 30],
        ['face_detect', 12],
        ['face_detect', 13],
        ['postprocess', 5],
      ] as const) {
        addTime(name, ms);
      }
      addFound('faces', 2);
      throw new ServiceError('unavailable', 'no');
    };
    await expect(run(work, { times })).rejects.toThrow('no');
    expect(observed).toEqual([
      'found m faces 2',
      'kserve m preprocess 0.03',
      'kserve m predict 0.03',
      'kserve m postprocess 0.005',
      'stage m queue',
      'stage m decode 0.01',
      'stage m preprocess 0.02',
      'stage m predict 0.03',
      'model m face_detect 0.025',
      'stage m postprocess 0.005',
    ]);
    expect([...times]).toEqual([
      ['queue', expect.any(Number)],
      ['decode', 10],
      ['preprocess', 20],
      ['predict', 30],
      ['face_detect', 25],
      ['postprocess', 5],
    ]);
  });

  it('counts what each of several calls took that share one account', async () => {
    const { run, observed } = caller();
    const times = new Map<string, number>();
    const work: Work<void> = async ({ addTime }) => addTime('predict', 10);
    await run(work, { times });
    await run(work, { times });
    expect(observed.filter((line) => line.startsWith('kserve'))).toEqual([
      'kserve m predict 0.01',
      'kserve m predict 0.01',
    ]);
    expect(times.get('predict')).toBe(20);
  });
});

import { startDeadline } from '../../../../src/concurrency/deadline.js';
import { ServiceError } from '../../../../src/errors.js';
import { createRetries, NO_RETRIES, retryDelayMs } from '../../../../src/predictor/triton/calls/retries.js';
import { serviceErrorOf } from '../../../helpers/service-error-of.js';

const refused = () => new ServiceError('unavailable', 'The predictor cannot be reached', { isSafeToRetry: true });

/** A call with that much time, and what it waited for. */
function callOf(timeoutMs = 60_000) {
  const deadline = startDeadline({ timeoutMs, what: 'The call' });
  const waits: string[] = [];
  const call = {
    signal: deadline.signal,
    remainingMs: () => deadline.remainingMs(),
    waitFor: <T>(what: string, wait: () => Promise<T>) => {
      waits.push(what);
      return wait();
    },
  };
  return { call, waits, deadline };
}

/** Attempts of which the first ones fail. */
function attemptsFailing(times: number, error: () => Error = refused) {
  const attempts = { made: 0, attempt: () => Promise.resolve('done') };
  attempts.attempt = () => {
    attempts.made++;
    return attempts.made <= times ? Promise.reject(error()) : Promise.resolve('done');
  };
  return attempts;
}

const OPTIONS = { attempts: 3, baseDelayMs: 8, maxDelayMs: 20, budgetRatio: 0.1 };

describe('createRetries()', () => {
  it.each([0, 1, 2])('makes another attempt after %i that are safe to retry', async (failures) => {
    const { call, waits, deadline } = callOf();
    const attempts = attemptsFailing(failures);
    expect(await createRetries(OPTIONS).run(call, attempts.attempt)).toBe('done');
    expect(attempts.made).toBe(failures + 1);
    expect(waits).toEqual(Array.from({ length: failures }, () => 'another attempt'));
    deadline.close();
  });

  it('reports the last failure when the attempts are made', async () => {
    const { call, deadline } = callOf();
    const attempts = attemptsFailing(9);
    const error = await serviceErrorOf(createRetries(OPTIONS).run(call, attempts.attempt));
    expect(error.message).toBe('The predictor cannot be reached');
    expect(attempts.made).toBe(3);
    deadline.close();
  });

  it.each([
    ['an answer that has begun', () => new ServiceError('unavailable', 'went away', { isSafeToRetry: false })],
    ['a refusal by the model', () => new ServiceError('upstream_error', 'no')],
    ['no error of this project', () => new Error('broken')],
  ])('makes no other attempt after %s', async (_, error) => {
    const { call, deadline } = callOf();
    const attempts = attemptsFailing(1, error);
    await expect(createRetries(OPTIONS).run(call, attempts.attempt)).rejects.toThrow(error().message);
    expect(attempts.made).toBe(1);
    deadline.close();
  });

  it('reports the failure at once when its time would be over before the next attempt', async () => {
    const { call, waits, deadline } = callOf(5000);
    // A random part of this is longer than the call has, but for one in a hundred thousand.
    const options = { ...OPTIONS, baseDelayMs: 5e8, maxDelayMs: 5e8 };
    const from = performance.now();
    const error = await serviceErrorOf(createRetries(options).run(call, attemptsFailing(1).attempt));
    expect(error.code).toBe('unavailable');
    expect(waits).toEqual([]);
    expect(performance.now() - from).toBeLessThan(1000);
    deadline.close();
  });

  it('ends its waiting when the call is aborted', async () => {
    const { call, deadline } = callOf();
    const attempts = attemptsFailing(1);
    const options = { ...OPTIONS, baseDelayMs: 50_000, maxDelayMs: 50_000 };
    const retried = createRetries(options).run(call, attempts.attempt);
    setImmediate(() => deadline.abort(new ServiceError('cancelled', 'left')));
    await expect(retried).rejects.toThrow();
    expect(attempts.made).toBe(1);
    deadline.close();
  });

  it('retries no more than its reserve and its share of the calls', async () => {
    const retries = createRetries({ ...OPTIONS, attempts: 2, baseDelayMs: 0.001, budgetRatio: 0.125 });
    const { call, deadline } = callOf();
    let made = 0;
    const failing = () => {
      made++;
      return Promise.reject(refused());
    };
    const retriesOf = async (calls: number) => {
      made = 0;
      for (let count = 0; count < calls; count++) await serviceErrorOf(retries.run(call, failing));
      return made - calls;
    };
    // The reserve of 100, and what 113 calls have paid for until it is spent.
    expect(await retriesOf(114)).toBe(114);
    // From then on one of eight.
    expect(await retriesOf(80)).toBe(10);
    deadline.close();
  });
});

describe('retryDelayMs()', () => {
  it.each([
    [1, 0.5, 25],
    [2, 0.5, 50],
    [3, 0.25, 50],
    [4, 0.5, 150],
    [60, 0.5, 150],
    [3, 0, 0],
  ])('after %i failures is, by the part %d, %d ms', (failures, part, expected) => {
    expect(retryDelayMs(failures, { baseDelayMs: 50, maxDelayMs: 300 }, part)).toBe(expected);
  });
});

describe('NO_RETRIES', () => {
  it('makes one attempt', async () => {
    const { call, deadline } = callOf();
    const attempts = attemptsFailing(1);
    await serviceErrorOf(NO_RETRIES.run(call, attempts.attempt));
    expect(attempts.made).toBe(1);
    deadline.close();
  });
});

import { createLimiter } from '../../src/concurrency/limiter.js';

/** Work that runs until it is let go. */
function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { work: () => opened, open };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('createLimiter()', () => {
  it('never runs more than its capacity and gives results in the callers’ order', async () => {
    const limiter = createLimiter({ capacity: 16, what: 'calls' });
    let [running, most] = [0, 0];
    const results = await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        limiter.run(async () => {
          most = Math.max(most, ++running);
          await tick();
          running--;
          return index;
        }),
      ),
    );
    expect(most).toBe(16);
    expect(results).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });

  it('counts weights, and does not let light work pass heavy work that waits', async () => {
    const limiter = createLimiter({ capacity: 10, what: 'pixels' });
    const [first, heavy] = [gate(), gate()];
    const order: string[] = [];
    const running = [
      limiter.run(first.work, { weight: 6 }),
      limiter.run(() => (order.push('heavy'), heavy.work()), { weight: 5 }),
      limiter.run(() => Promise.resolve(order.push('light')), { weight: 1 }),
    ];
    await tick();
    expect(order).toEqual([]);
    first.open();
    heavy.open();
    await Promise.all(running);
    expect(order).toEqual(['heavy', 'light']);
  });

  it('runs work heavier than its capacity alone', async () => {
    const limiter = createLimiter({ capacity: 10, what: 'pixels' });
    const large = gate();
    const order: string[] = [];
    const running = [
      limiter.run(large.work, { weight: 99 }),
      limiter.run(() => Promise.resolve(order.push('next')), { weight: 1 }),
    ];
    await tick();
    expect(order).toEqual([]);
    large.open();
    await Promise.all(running);
    expect(order).toEqual(['next']);
  });

  it('gives the place back when work fails', async () => {
    const limiter = createLimiter({ capacity: 1, what: 'calls' });
    await expect(limiter.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await limiter.run(() => Promise.resolve('next'))).toBe('next');
  });

  it('lets others in when a place shrinks, and when it is released, once', async () => {
    const limiter = createLimiter({ capacity: 10, what: 'bytes' });
    const place = await limiter.acquire({ weight: 10 });
    const order: string[] = [];
    const half = limiter.acquire({ weight: 5 }).then((held) => (order.push('half'), held));
    const other = limiter.acquire({ weight: 5 }).then((held) => (order.push('other'), held));
    place.shrinkTo(7);
    place.shrinkTo(9);
    await tick();
    expect(order).toEqual([]);
    place.shrinkTo(5);
    await half;
    expect(order).toEqual(['half']);
    place.release();
    place.release();
    await other;
    await expect(
      Promise.race([limiter.acquire({ weight: 1 }).then(() => 'in'), tick().then(() => 'waits')]),
    ).resolves.toBe('waits');
  });

  it('takes the place of a caller who leaves the queue and starts those behind it', async () => {
    const limiter = createLimiter({ capacity: 10, what: 'calls' });
    const [first, caller] = [gate(), new AbortController()];
    const running = limiter.run(first.work, { weight: 6 });
    const leaving = limiter.run(() => Promise.resolve('never'), { weight: 10, signal: caller.signal });
    const behind = limiter.run(() => Promise.resolve('behind'), { weight: 4 });
    caller.abort();
    await expect(leaving).rejects.toMatchObject({ code: 'cancelled' });
    expect(await behind).toBe('behind');
    first.open();
    await running;
  });

  it('refuses at once when its queue is full', async () => {
    const limiter = createLimiter({ capacity: 1, maxQueue: 1, what: 'requests' });
    const first = gate();
    const running = [limiter.run(first.work), limiter.run(() => Promise.resolve())];
    await expect(limiter.run(() => Promise.resolve())).rejects.toMatchObject({
      code: 'resource_exhausted',
      message: 'Too many requests at once; try again later',
    });
    first.open();
    await Promise.all(running);
  });

  it('does not start for a signal that is aborted already', async () => {
    const limiter = createLimiter({ capacity: 1, what: 'calls' });
    const signal = AbortSignal.abort();
    await expect(limiter.run(() => Promise.resolve(), { signal })).rejects.toMatchObject({ code: 'cancelled' });
  });
});

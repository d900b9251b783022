import { createRateLimit } from '../../src/observability/rate-limit.js';

describe('createRateLimit()', () => {
  it('lets the first through, and one in each interval after it, counting the others', () => {
    let now = 1000;
    const limit = createRateLimit({ intervalMs: 100, now: () => now });
    const passes = [0, 0, 99, 1, 50, 50].map((ms) => {
      now += ms;
      return limit.pass();
    });
    expect(passes).toEqual([0, undefined, undefined, 2, undefined, 1]);
  });

  it('goes by the clock of the process', () => {
    const limit = createRateLimit({ intervalMs: 60_000 });
    expect([limit.pass(), limit.pass()]).toEqual([0, undefined]);
  });
});

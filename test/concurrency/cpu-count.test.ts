import { availableParallelism } from 'node:os';
import { cpuCount } from '../../src/concurrency/cpu-count.js';

describe('cpuCount()', () => {
  it.each([
    ['100000 100000\n', 1],
    ['50000 100000\n', 1],
    ['150000 100000\n', Math.min(2, availableParallelism())],
    ['max 100000\n', availableParallelism()],
    ['nonsense', availableParallelism()],
    ['', availableParallelism()],
  ])('with the quota %j is %i', (quota, cores) => {
    expect(cpuCount(() => quota)).toBe(cores);
  });

  it('is what the machine has where there is no quota', () => {
    const noFile = () => {
      throw new Error('ENOENT');
    };
    expect(cpuCount(noFile)).toBe(availableParallelism());
    expect(cpuCount()).toBeGreaterThanOrEqual(1);
  });
});

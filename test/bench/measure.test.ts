import { cellsOf, figuresOf, lineOf, planOf } from '../../bench/service/measure.mjs';
import { SERVERS } from '../../bench/service/servers.mjs';
import { runOf } from './runs.js';

const DEFAULT_PLAN = {
  names: Object.keys(SERVERS).filter((name) => SERVERS[name]?.isExtra !== true),
  bodies: ['cifar', 'vga', 'hd', 'vga8'],
  clientCounts: [1, 8, 32],
  rounds: 3,
  seconds: 3,
  starts: 5,
};

describe('planOf()', () => {
  it('takes at most half an hour by default', () => {
    expect(planOf(DEFAULT_PLAN).minutes).toBeLessThanOrEqual(30);
  });

  it('counts each round of each body at each number of clients', () => {
    const plan = {
      ...DEFAULT_PLAN,
      names: ['ours-http', 'triton-bls'],
      bodies: ['cifar', 'vga'],
      clientCounts: [1, 8],
    };
    expect(planOf(plan).runs).toBe(4 * 2 * 2 * 3);
  });

  it('runs what joins calls of simultaneous requests only where there are some', () => {
    expect(cellsOf(['ours-batching', 'ours-grpc'], 1)).toEqual([{ server: 'ours-grpc', kind: 'v1' }]);
    expect(cellsOf(['ours-batching'], 8)).toHaveLength(2);
  });
});

describe('figuresOf()', () => {
  const load = { ...runOf({ server: 'x' }), calls: 1000, elapsedMs: 2000 };

  it('divides CPU times by calls, and leaves others the rest of the machine', () => {
    const cpuSeconds = { server: 1, triton: 0.5, generator: 0.25, busy: 2.75 };
    expect(figuresOf({ ...load, cpuSeconds })).toMatchObject({
      serverCpuMsPerCall: 1,
      tritonCpuMsPerCall: 0.5,
      generatorCpuMsPerCall: 0.25,
      machineCpuMsPerCall: 1.75,
      othersCores: 0.5,
    });
  });

  it('takes Triton for the server where it is', () => {
    const cpuSeconds = { server: 1, generator: 0.25, busy: 1.25 };
    expect(figuresOf({ ...load, cpuSeconds })).toMatchObject({ tritonCpuMsPerCall: 0, othersCores: 0 });
  });

  it('knows no time of a call where none was answered', () => {
    const cpuSeconds = { server: 1, triton: 0, generator: 0, busy: 0.99 };
    const figures = figuresOf({ ...load, calls: 0, cpuSeconds });
    expect(figures.serverCpuMsPerCall).toBeUndefined();
    // The kernel's counters of the machine and of processes differ by some ticks.
    expect(figures.othersCores).toBe(0);
  });
});

describe('lineOf()', () => {
  it('names errors and others', () => {
    expect(lineOf(runOf({ server: 'x' }))).toBe('1000 req/s, p50 4.00 ms, p99 9.00 ms');
    expect(lineOf(runOf({ server: 'x', errors: 2, firstError: '503 no', othersCores: 0.4 }))).toBe(
      '1000 req/s, p50 4.00 ms, p99 9.00 ms, 2 ERRORS: 503 no, others used 0.40 cores',
    );
  });
});

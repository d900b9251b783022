import type { Results, Run } from '../../bench/service/results.mjs';

/** A run of a quiet machine, with some figures of its own. */
export function runOf(figures: Pick<Run, 'server'> & Partial<Run>): Run {
  return {
    kind: 'v1',
    body: 'cifar',
    clients: 8,
    round: 0,
    calls: 3000,
    errors: 0,
    elapsedMs: 3000,
    callsPerSecond: 1000,
    p50Ms: 4,
    p99Ms: 9,
    healthP50Ms: 1,
    healthP99Ms: 5,
    healthFailures: 0,
    serverCpuMsPerCall: 0.5,
    tritonCpuMsPerCall: 0.2,
    generatorCpuMsPerCall: 0.02,
    machineCpuMsPerCall: 0.72,
    othersCores: 0.02,
    rssMiB: 150,
    pssMiB: 110,
    ...figures,
  };
}

export function resultsOf(runs: readonly Run[], starts: Results['starts'] = {}): Results {
  return {
    facts: {
      processor: 'AMD EPYC',
      cores: 2,
      memoryGiB: 24,
      system: 'linux 6.18',
      node: 'v20.20.2',
      python: 'Python 3.11.7',
      date: '2026-11-28',
      all: false,
      seconds: 3,
      rounds: 3,
    },
    floors: {
      triton: [{ way: 'gRPC, by h2load', clients: 8, callsPerSecond: 7079.4, p50Ms: 1.07, p99Ms: 1.47 }],
      decode: { vga: { exact: 1.54, fast: 0.98 } },
    },
    starts,
    answers: { cifar: { 'ours-http v1': '2' } },
    runs,
  };
}

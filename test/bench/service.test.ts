import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chart } from '../../bench/service/chart.mjs';
import { stagesChart } from '../../bench/service/stages-chart.mjs';
import { percentile, spread } from '../../bench/service/statistics.mjs';
import { cell, ratios, type Run } from '../../bench/service/targets.mjs';
import { cpuSecondsOf, familyOf, parseBusyTicks, parseStat, residentMiBOf } from '../../bench/service/usage.mjs';

describe('percentile() and spread()', () => {
  it('give the nearest rank', () => {
    const sorted = Array.from({ length: 200 }, (_, i) => i + 1);
    expect([0, 0.5, 0.99, 1].map((share) => percentile(sorted, share))).toEqual([1, 100, 198, 200]);
    expect(percentile([], 0.5)).toBeUndefined();
  });

  it('pass over what was not measured', () => {
    expect(spread([3, undefined, 10, NaN, 2])).toEqual({ median: 3, min: 2, max: 10 });
    expect(spread([])).toEqual({ median: undefined, min: undefined, max: undefined });
  });
});

describe('the reading of /proc', () => {
  it('adds up what the processors did', () => {
    const text = 'cpu  100 20 30 4000 500 6 7 80 0 0\ncpu0 1 1 1 1 1 1 1 0 0 0\n';
    expect(parseBusyTicks(text)).toBe(100 + 20 + 30 + 6 + 7);
  });

  it('finds parent and ticks behind a name that holds anything', () => {
    const text = '42 (a) b (c)) S 7 42 42 0 -1 4194304 100 0 0 0 123 45 9 9 20 0 13 0 1922534 34963464192 46204';
    expect(parseStat(text)).toEqual({ parent: 7, ticks: 168 });
  });
});

(process.platform === 'linux' ? describe : describe.skip)('what a family of processes takes', () => {
  it('counts a child with its parent', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("there")'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      expect(familyOf(process.pid)).toContain(child.pid);
      expect(residentMiBOf(process.pid)).toBeGreaterThan(residentMiBOf(child.pid ?? 0) + 20);
      expect(cpuSecondsOf(process.pid)).toBeGreaterThan(0);
    } finally {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }
  });

  it('counts nothing for a process that is gone', () => {
    expect(cpuSecondsOf(2 ** 30)).toBe(0);
    expect(residentMiBOf(2 ** 30)).toBe(0);
  });
});

function run(server: string, kind: string, changes: Partial<Run> = {}): Run {
  return { server, kind, body: 'vga', clients: 8, callsPerSecond: 100, ...changes };
}

describe('the targets', () => {
  it('compare medians, of several ways of ours the best', () => {
    const runs = [
      ...[900, 100, 800].map((callsPerSecond) => run('ours-http', 'v1', { callsPerSecond })),
      ...[700, 700, 700].map((callsPerSecond) => run('ours-grpc', 'v1', { callsPerSecond })),
      ...[450, 400, 100].map((callsPerSecond) => run('kserve-grpc-w2', 'v1', { callsPerSecond })),
    ];
    expect(cell(runs, ['ours-http', 'v1'], { body: 'vga', clients: 8 }, 'callsPerSecond')?.median).toBe(800);
    expect(ratios(runs)).toMatchObject([
      { body: 'vga', clients: 8, way: 'ours-http v1', ratio: 2, least: 1.8, isReached: true },
    ]);
  });

  it('say that one is missed', () => {
    const runs = [run('ours-http', 'raw', { callsPerSecond: 139 }), run('triton-bls', 'bls')];
    expect(ratios(runs)).toMatchObject([{ ratio: 1.39, least: 1.4, isReached: false }]);
  });

  it('leave out what was not measured', () => {
    expect(ratios([run('ours-http', 'v1')])).toEqual([]);
    expect(ratios([run('ours-http', 'v1', { clients: 1 }), run('kserve-grpc-w2', 'v1', { clients: 1 })])).toEqual([]);
  });
});

describe('the charts', () => {
  it('show each server at 8 clients, the fastest as the longest bar', () => {
    const svg = chart({ runs: [run('ours-http', 'v1'), run('kserve-rest-w1', 'v1', { callsPerSecond: 25 })] });
    const widths = Array.from(svg.matchAll(/<rect [^>]*width="([\d.]+)"/g), ([, width]) => Number(width));
    expect(widths).toEqual([600, 150]);
    expect(svg).toContain('640×480: requests a second, 8 clients');
    expect(svg).toContain('>kserve-rest-w1 v1<');
  });

  it('stack the parts of a request’s CPU time', () => {
    const costs = { serverCpuMsPerCall: 3, tritonCpuMsPerCall: 0.5, generatorCpuMsPerCall: 0.5 };
    const floors = { decode: { vga: { exact: 2, fast: 1 } } };
    const svg = stagesChart({ runs: [run('ours-http', 'v1', costs)], floors });
    const widths = Array.from(svg.matchAll(/<rect [^>]*width="([\d.]+)" height="18"/g), ([, width]) => Number(width));
    expect(widths).toEqual([290, 145, 72.5, 72.5]);
    expect(svg).toContain('4.00 ms');
  });
});

import { BODY_TITLES, cell, COLUMNS, furtherRatios, ratios } from '../../bench/service/targets.mjs';
import { SERVERS } from '../../bench/service/servers.mjs';
import { runOf } from './runs.js';

describe('COLUMNS', () => {
  it('names servers and bodies that there are', () => {
    for (const { ours, peer, least } of COLUMNS) {
      for (const [server, kind] of [...ours, peer]) expect(SERVERS[server]?.kinds).toContain(kind);
      expect(Object.keys(least)).toEqual(Object.keys(BODY_TITLES));
    }
  });
});

describe('ratios()', () => {
  const peer = { server: 'kserve-grpc-w2' };

  it('compares the medians of requests a second, and of CPU time the other way round', () => {
    const runs = [
      ...[900, 2000, 1900].map((callsPerSecond) => runOf({ server: 'ours-http', callsPerSecond })),
      ...[1000, 10, 1100].map((callsPerSecond) => runOf({ ...peer, callsPerSecond, machineCpuMsPerCall: 1.44 })),
    ];
    expect(ratios(runs)).toEqual([
      expect.objectContaining({ body: 'cifar', clients: 8, ratio: 1.9, cpuRatio: 2, least: 1.8, isDisturbed: false }),
    ]);
  });

  it('takes the best of several ways of ours', () => {
    const runs = [
      runOf({ server: 'ours-http', callsPerSecond: 1500 }),
      runOf({ server: 'ours-grpc', callsPerSecond: 1700 }),
      runOf(peer),
    ];
    expect(ratios(runs)).toEqual([expect.objectContaining({ way: 'ours-grpc v1', ratio: 1.7 })]);
  });

  it('is marked where a run of either was disturbed', () => {
    const runs = [runOf({ server: 'ours-http' }), runOf(peer), runOf({ ...peer, othersCores: 0.16 })];
    expect(ratios(runs)).toEqual([expect.objectContaining({ isDisturbed: true })]);
  });

  it('says nothing of what was not measured on both sides, nor at other numbers of clients', () => {
    expect(ratios([runOf({ server: 'ours-http' })])).toEqual([]);
    expect(ratios([runOf(peer)])).toEqual([]);
    const vga = { body: 'vga', clients: 32 };
    expect(ratios([runOf({ server: 'ours-http', ...vga }), runOf({ ...peer, ...vga })])).toEqual([]);
  });
});

describe('furtherRatios()', () => {
  it('compares ours of equal pixels with each further peer that was measured', () => {
    const runs = [
      runOf({ server: 'ours-http', callsPerSecond: 1500 }),
      runOf({ server: 'ours-fast', callsPerSecond: 9000 }),
      runOf({ server: 'fastapi-w2', callsPerSecond: 500 }),
      runOf({ server: 'mlserver-w2', kind: 'text', callsPerSecond: 300, othersCores: 1 }),
      runOf({ server: 'ray-w2', clients: 32 }),
      runOf({ server: 'kserve-grpc-w2' }),
    ];
    const point = { body: 'cifar', clients: 8 };
    expect(furtherRatios(runs)).toEqual([
      { server: 'fastapi-w2', ...point, callsPerSecond: 500, ratio: 3, isDisturbed: false },
      { server: 'mlserver-w2', ...point, callsPerSecond: 300, ratio: 5, isDisturbed: true },
    ]);
  });
});

describe('cell()', () => {
  it('is undefined where there is no such run', () => {
    expect(cell([runOf({ server: 'x' })], ['x', 'v2'], { body: 'cifar', clients: 8 }, 'p50Ms')).toBeUndefined();
  });
});

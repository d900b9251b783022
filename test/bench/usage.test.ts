import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  familyOf,
  parseBusyTicks,
  parseMemory,
  parseStat,
  readCpuSeconds,
  readMemory,
} from '../../bench/service/usage.mjs';

describe('parseStat()', () => {
  const rest = 'S 41 42 42 0 -1 4194560 1 2 3 4 150 50 20 7 20 0 1 0 99 1000';
  it('adds the ticks of a process and of its ended children', () => {
    expect(parseStat(`42 (node) ${rest}`)).toEqual({ parent: 41, ticks: 227 });
  });

  it('takes a name that holds spaces and brackets', () => {
    expect(parseStat(`42 (a) S 1 (b) ${rest}`)).toEqual({ parent: 41, ticks: 227 });
  });
});

describe('parseBusyTicks()', () => {
  it('leaves out idle, iowait, steal and the guests, which user holds already', () => {
    const text = 'cpu  1 2 4 1000 1000 8 16 1000 1000 1000\ncpu0 1 1 1 1 1 1 1 1 1 1\n';
    expect(parseBusyTicks(text)).toBe(31);
  });
});

describe('parseMemory()', () => {
  it('reads Rss and Pss, not Pss_Anon', () => {
    const text = '5500-7ffc ---p 00000000 00:00 0 [rollup]\nRss:    2048 kB\nPss:     512 kB\nPss_Anon:     99 kB\n';
    expect(parseMemory(text)).toEqual({ rssKiB: 2048, pssKiB: 512 });
  });

  it('is 0 of a process that has ended', () => {
    expect(parseMemory('')).toEqual({ rssKiB: 0, pssKiB: 0 });
  });
});

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;
describeOnLinux('of processes that run', () => {
  /** Starts a child of its own that does `work`, then says its process id. */
  const child = (work: string) => `const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(`${work}; console.log(process.pid); setInterval(() => {}, 1e6);`)}], { stdio: ['ignore', 'inherit', 'inherit'] });
    process.on('SIGTERM', () => { child.kill('SIGKILL'); process.exit(); }); setInterval(() => {}, 1e6);`;

  it('finds children, their CPU time and their memory', async () => {
    const parent = spawn(process.execPath, ['-e', child('const end = Date.now() + 300; while (Date.now() < end);')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [said] = (await once(parent.stdout, 'data')) as [Buffer];
      const grandchild = Number(said.toString());
      const pid = parent.pid ?? 0;
      expect(familyOf(pid)).toEqual([pid, grandchild]);
      const { all, part, busy } = readCpuSeconds({ all: pid, part: grandchild });
      expect(part).toBeGreaterThan(0.05);
      expect(all).toBeGreaterThan(part);
      expect(busy).toBeGreaterThan(all);
      const [whole, one] = [readMemory(pid), readMemory(grandchild)];
      expect(one.pssMiB).toBeGreaterThan(1);
      expect(one.rssMiB).toBeGreaterThan(one.pssMiB);
      expect(whole.rssMiB).toBeGreaterThan(one.rssMiB);
    } finally {
      parent.kill('SIGTERM');
      await once(parent, 'exit');
    }
  });

  it('counts nothing for a process that is gone', () => {
    expect(readCpuSeconds({ gone: 2 ** 30 }).gone).toBe(0);
    expect(readMemory(2 ** 30)).toEqual({ rssMiB: 0, pssMiB: 0 });
  });
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRegionFile, REGION_PREFIX } from '../../../../src/predictor/triton/shared-memory/region-file.js';
import { removeStaleRegions } from '../../../../src/predictor/triton/shared-memory/stale-regions.js';
import { serviceErrorThrownBy } from '../../../helpers/service-error-of.js';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'regions-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('createRegionFile()', () => {
  it('makes a file whose memory is really there', () => {
    const region = createRegionFile({ directory, byteSize: 3_000_000, mode: 0o600 });
    const file = path.join(directory, region.name);
    const { size, blocks } = statSync(file);
    expect(size).toBe(3_000_000);
    expect(blocks * 512).toBeGreaterThanOrEqual(3_000_000);
    region.close();
  });

  it.each([0o600, 0o660, 0o666])('gives it the mode %o, whatever the umask', (mode) => {
    const region = createRegionFile({ directory, byteSize: 1, mode });
    expect(statSync(path.join(directory, region.name)).mode & 0o777).toBe(mode);
    region.close();
  });

  it("names it by the process and by chance, and not as Triton's own", () => {
    const regions = [1, 2].map(() => createRegionFile({ directory, byteSize: 1, mode: 0o600 }));
    const names = regions.map(({ name }) => name);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(new RegExp(`^kserve-transformer-${process.pid}-[0-9a-f-]{36}$`));
    for (const region of regions) region.close();
  });

  it('reads what was written, also after its name is gone', () => {
    const region = createRegionFile({ directory, byteSize: 1000, mode: 0o600 });
    region.unlink();
    expect(readdirSync(directory)).toEqual([]);
    region.write(Uint8Array.of(1, 2, 3), 500);
    const target = new Uint8Array(5);
    region.read(target, 499);
    expect([...target]).toEqual([0, 1, 2, 3, 0]);
    region.close();
    region.close();
  });

  it('does not read past its end', () => {
    const region = createRegionFile({ directory, byteSize: 10, mode: 0o600 });
    expect(() => region.read(new Uint8Array(8), 5)).toThrow('the region ends after 5 of 8 bytes');
    region.close();
  });

  // The file system of processes has no blocks at all, free or taken.
  it('says that there is no room, before it writes', () => {
    expect(
      serviceErrorThrownBy(() => createRegionFile({ directory: '/proc', byteSize: 1000, mode: 0o600 })),
    ).toMatchObject({
      code: 'resource_exhausted',
      message: 'There is no room for 1000 bytes of shared memory',
    });
  });

  it('says that no file can be made', () => {
    const none = path.join(directory, 'none');
    expect(serviceErrorThrownBy(() => createRegionFile({ directory: none, byteSize: 1, mode: 0o600 }))).toMatchObject({
      code: 'unavailable',
      message: 'No region of shared memory can be made',
    });
  });

  it('is removed when the process ends before the server has it', () => {
    const listeners = process.listeners('exit');
    const region = createRegionFile({ directory, byteSize: 1, mode: 0o600 });
    const [onExit] = process.listeners('exit').filter((listener) => !listeners.includes(listener));
    onExit?.(0);
    expect(readdirSync(directory)).toEqual([]);
    region.close();
    expect(process.listeners('exit')).toEqual(listeners);
  });
});

describe('removeStaleRegions()', () => {
  const longAgo = new Date(Date.now() - 120_000);

  /** A process that has ended. */
  const dead = spawnSync(process.execPath, ['--version']).pid;

  it.each([
    ['removes an old file of a dead process', `${REGION_PREFIX}${dead}-x`, longAgo, false],
    ['leaves a new file: its process may live in another container', `${REGION_PREFIX}${dead}-x`, new Date(), true],
    ['leaves an old file of a process that lives', `${REGION_PREFIX}${process.pid}-x`, longAgo, true],
    ['leaves what is not a region', `other-${dead}-x`, longAgo, true],
  ])('%s', (_, name, time, isLeft) => {
    const file = path.join(directory, name);
    writeFileSync(file, '');
    utimesSync(file, time, time);
    removeStaleRegions(directory);
    expect(existsSync(file)).toBe(isLeft);
  });
});

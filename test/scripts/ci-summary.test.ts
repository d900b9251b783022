import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

describe('ci-summary.mjs', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ci-summary-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const note = (files: Readonly<Record<string, string>>) =>
    Promise.all(Object.entries(files).map(([name, content]) => writeFile(path.join(folder, name), content)));
  const summarize = () =>
    new Promise<{ code: number; lines: string[] }>((resolve) => {
      const child = execFile(process.execPath, ['scripts/ci-summary.mjs', folder], (_, stdout) =>
        resolve({ code: child.exitCode ?? -1, lines: stdout.trim().split('\n') }),
      );
    });
  const report = (numPassedTests: number, numFailedTests: number) => JSON.stringify({ numPassedTests, numFailedTests });

  it('adds up tests and checks', async () => {
    await note({ 'test.code': '0', 'test.json': report(100, 0), 'triton.code': '0', 'triton.json': report(60, 0) });
    await note({ 'lint.code': '0', 'types.code': '0\n' });
    expect(await summarize()).toEqual({ code: 0, lines: ['162 passed, 0 failed'] });
  });

  it('counts each failed test and each failed check, and names them', async () => {
    await note({ 'test.code': '1', 'test.json': report(98, 2), 'lint.code': '1', 'types.code': '0' });
    expect(await summarize()).toEqual({
      code: 1,
      lines: ['failed: lint (1)', 'failed: test (2)', '99 passed, 3 failed'],
    });
  });

  it.each([
    ['a run that failed before its first test', { 'test.code': '1' }, '0 passed, 1 failed'],
    ['a run whose files could not be loaded', { 'test.code': '1', 'test.json': report(5, 0) }, '5 passed, 1 failed'],
    ['a run that was skipped', { 'triton.code': '0' }, '0 passed, 0 failed'],
  ])('tells %s from one that passed', async (_, files, expected) => {
    await note(files);
    expect((await summarize()).lines.at(-1)).toBe(expected);
  });
});

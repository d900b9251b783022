import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeOutputFolder } from '../../../client/src/annotate/output-folder.js';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-output-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('makeOutputFolder()', () => {
  it('makes a folder and those above it, and takes one that is there', async () => {
    const deep = join(folder, 'deep/out');
    await expect(makeOutputFolder(deep)).resolves.toBeUndefined();
    expect((await stat(deep)).isDirectory()).toBe(true);
    await expect(makeOutputFolder(deep)).resolves.toBeUndefined();
  });

  it.each([
    ['notes.md', 'this is a file'],
    ['notes.md/out', 'a part of this path is a file'],
  ])('says why nothing can be written to %s', async (name, reason) => {
    await writeFile(join(folder, 'notes.md'), 'notes');
    const path = join(folder, name);
    const problem = `--annotate: expected a folder to write to, received "${path}": ${reason}`;
    await expect(makeOutputFolder(path)).resolves.toBe(problem);
  });

  it('says what the system says about any other path', async () => {
    await expect(makeOutputFolder(join(folder, 'x'.repeat(300)))).resolves.toMatch(/received ".*": ENAMETOOLONG: /);
  });
});

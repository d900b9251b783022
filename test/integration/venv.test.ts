import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureVenv, PythonUnavailable } from '../../scripts/venv.mjs';

const NAME = 'test-venv';
const FOLDER = path.join('.cache', NAME);

describe('ensureVenv()', () => {
  let folder: string;
  let requirements: string;
  const lines: string[] = [];
  let finished = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'venv-'));
    requirements = path.join(folder, 'requirements.txt');
    await writeFile(requirements, '# none\n');
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await rm(FOLDER, { recursive: true, force: true });
  });

  const ensure = () =>
    ensureVenv({
      name: NAME,
      what: 'nothing',
      requirements,
      log: (line) => lines.push(line),
      finish: ({ version }) => {
        finished++;
        return Promise.resolve({ version });
      },
    });

  it('makes an environment once, and keeps what was found out about it', async () => {
    const made = await ensure();
    expect(made.version).toMatch(/^3\.1[12]$/);
    expect(existsSync(path.join(made.programs, 'python'))).toBe(true);
    expect(lines[0]).toMatch(/^Installing nothing \(Python 3\.1[12]\) into \.cache\/test-venv …$/);
    expect(await ensure()).toEqual(made);
    expect(finished).toBe(1);
  });

  it('makes it anew when the list has changed', async () => {
    const before = await ensure();
    await writeFile(requirements, '# none, still\n');
    expect((await ensure()).key).not.toBe(before.key);
    expect(finished).toBe(2);
  });

  it('says what pip says of a list that it cannot install, and keeps nothing', async () => {
    await writeFile(requirements, '--no-such-option\n');
    const error = await ensure().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PythonUnavailable);
    expect(String(error)).toMatch(/pip could not install it:[^]*--no-such-option/);
    expect(existsSync(path.join(FOLDER, 'runtime.json'))).toBe(false);
    expect(finished).toBe(2);
  });
});

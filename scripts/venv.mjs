/** Virtual environments of Python in .cache, each with the packages of one pinned list; on node: modules only. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lastLines, PROJECT_ROOT, runQuietly } from './processes.mjs';

/** The versions of Python for which each pinned package has a binary (numpy 1.26, which Triton needs, ends at 3.12). */
const PYTHONS = ['3.11', '3.12'];

/** Prints what has to be known of a Python: version, folder of its shared library, folder of its packages. */
const PROBE = `import json, sys, sysconfig, venv, ensurepip
print(json.dumps({"version": "%d.%d" % sys.version_info[:2], "library": sysconfig.get_config_var("LIBDIR") or "",
"packages": sysconfig.get_paths()["platlib"]}))`;

/** What the tests need of Python cannot be had here; the message says why. */
export class PythonUnavailable extends Error {
  name = 'PythonUnavailable';
}

/**
 * Installs a list of packages into a virtual environment where it is not there yet. The list is complete, so that pip
 * resolves nothing, unless `resolves` says so; it builds nothing.
 * @template {object} Facts
 * @param {{
 *   name: string,
 *   what: string,
 *   requirements: string,
 *   log: (line: string) => void,
 *   resolves?: boolean,
 *   finish?: (venv: { python: string, version: string, packages: string, library: string }) => Promise<Facts>,
 * }} options `name` is the folder's, in .cache; `what` is for messages; `requirements` is the list's path; `finish` is
 *   called once after the installation, and what it finds out is kept with it
 * @returns {Promise<{ key: string, programs: string } & Facts>} `programs` is the folder of its programs
 * @throws {PythonUnavailable}
 */
export async function ensureVenv({ name, what, requirements, log, resolves = false, finish }) {
  const folder = path.join(PROJECT_ROOT, '.cache', name);
  const notes = path.join(folder, 'runtime.json');
  const python = await findPython();
  const list = await readFile(requirements);
  const key = createHash('sha256').update(list).update(JSON.stringify(python)).update(folder).digest('hex');
  if (existsSync(notes)) {
    const kept = JSON.parse(await readFile(notes, 'utf8'));
    if (kept.key === key) return kept;
  }
  const startedAt = Date.now();
  log(`Installing ${what} (Python ${python.version}) into ${path.relative(PROJECT_ROOT, folder)} …`);
  await rm(folder, { recursive: true, force: true });
  const programs = path.join(folder, 'bin');
  const command = path.join(programs, 'python');
  await orUnavailable('no virtual environment could be made', python.command, ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--only-binary', ':all:'];
  if (!resolves) pip.push('--no-deps');
  await orUnavailable('pip could not install it', command, [...pip, '-r', requirements]);
  const facts = await finish?.({ ...(await probe(command)), python: command, library: python.library });
  const runtime = { key, programs, ...facts };
  await writeFile(notes, JSON.stringify(runtime, undefined, 2));
  log(`Installing ${what}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  return runtime;
}

async function findPython() {
  for (const command of [...PYTHONS.map((version) => `python${version}`), 'python3']) {
    const found = await probe(command);
    if (found !== undefined && PYTHONS.includes(found.version)) return { command, ...found };
  }
  throw new PythonUnavailable(`Python ${PYTHONS.join(' or ')} with the modules venv and ensurepip is needed`);
}

/** What a Python says of itself; undefined where there is none. */
async function probe(command) {
  const { code, output } = await runQuietly(command, ['-c', PROBE]);
  return code === 0 ? JSON.parse(output) : undefined;
}

async function orUnavailable(what, command, args) {
  const { code, output } = await runQuietly(command, args);
  if (code !== 0) throw new PythonUnavailable(`${what}:\n${lastLines(output, 5)}`);
}

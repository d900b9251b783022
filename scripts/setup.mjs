/**
 * Makes a fresh clone ready to run: packages, build, models. Each step does nothing when there is nothing to do.
 * On node: modules only, since it runs before anything is installed.
 */
import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { buildWasm } from './build-wasm.mjs';
import { npmCommand } from './npm.mjs';
import { lastLines, PROJECT_ROOT, runQuietly } from './processes.mjs';

/** The oldest Node.js that the packages run on; `engines` in package.json says the same. */
const OLDEST_NODE = [20, 19];

/** A set-up step that failed; its message is all that a user needs. */
export class SetupError extends Error {
  name = 'SetupError';
}

/**
 * Does every step that is missing.
 * @param {(line: string) => void} log told of each step that takes time
 * @param {object} [options]
 * @param {readonly string[]} [options.models] the models that are needed; all of the catalogue when absent
 * @param {readonly string[]} [options.fetched] those that are needed of the models that only who asks for them gets
 * @throws {SetupError}
 */
export async function setUp(log, { models, fetched = [] } = {}) {
  assertNode();
  ensureNpmCache();
  await ensureInstalled(log);
  await ensureBuilt(log);
  await ensureModelsBuilt(log, { models, fetched });
}

/** @param {string} [version] as in `process.versions.node` */
export function assertNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const isNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (!isNewEnough) {
    throw new SetupError(
      `Node.js ${OLDEST_NODE.join('.')} or newer is needed; this is ${version}. See https://nodejs.org`,
    );
  }
}

/**
 * Installs the packages of the lock file where node_modules does not hold them already.
 * @param {(line: string) => void} log
 */
export async function ensureInstalled(log) {
  const lock = readJson('package-lock.json');
  if (isInstalled(lock, readJson('node_modules/.package-lock.json'))) return;
  await timed(log, 'Installing packages (npm ci)', async () => {
    const npm = npmCommand();
    const args = [...npm.args, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
    const { code, output } = await runQuietly(npm.command, args);
    if (code !== 0) {
      throw new SetupError(`npm ci failed (exit code ${code}). It said:\n${lastLines(output, 30)}`);
    }
  });
}

/**
 * Whether node_modules holds what the lock file asks for. Packages for other platforms and optional ones may be missing.
 * @param {{ packages: Record<string, { version?: string, optional?: boolean }> }} lock
 * @param {typeof lock | undefined} installed npm's own account, node_modules/.package-lock.json
 */
export function isInstalled(lock, installed) {
  if (installed === undefined) return false;
  return Object.entries(lock.packages).every(([place, wanted]) => {
    if (place === '') return true;
    const found = installed.packages[place];
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

/**
 * Compiles what changed; the compilers find out themselves, in a fraction of a second.
 * @param {(line: string) => void} log
 */
export async function ensureBuilt(log) {
  const tsc = path.join('node_modules', 'typescript', 'bin', 'tsc');
  await timed(log, 'Building', async () => {
    const { code, output } = await runQuietly(process.execPath, [tsc, '-b']);
    if (code !== 0) throw new SetupError(`The build failed. The compiler said:\n${lastLines(output, 30)}`);
    await buildWasm().catch((error) => {
      throw new SetupError(`The build failed: ${error.message}`, { cause: error });
    });
  });
}

/** The models' scripts use installed packages, so they are not looked at before there are any. */
async function ensureModelsBuilt(log, { models: wanted, fetched }) {
  const [{ ensureModels, ensureOnDemandModel }, { MODELS }] = await Promise.all([
    import('./models.mjs'),
    import('./models/catalogue.mjs'),
  ]);
  // A model that the catalogue does not list lies in the repository as it is.
  const models = wanted === undefined ? MODELS : MODELS.filter(({ name }) => wanted.includes(name));
  try {
    if (models.length > 0) await ensureModels({ log, models });
    for (const name of fetched) await ensureOnDemandModel(name, { log });
  } catch (error) {
    throw new SetupError(error.message, { cause: error });
  }
}

/** Prints a step's name and its duration. */
async function timed(log, step, work) {
  const startedAt = Date.now();
  log(`${step} …`);
  await work();
  log(`${step}: done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

/**
 * npm keeps its cache in the home folder. A user without one, as in a container, gets it in the project: for this process
 * and all that it starts.
 */
function ensureNpmCache() {
  try {
    const cache = process.env['npm_config_cache'] ?? path.join(homedir(), '.npm');
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
  } catch {
    process.env['npm_config_cache'] = path.join(PROJECT_ROOT, '.cache', 'npm');
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(path.join(PROJECT_ROOT, file), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

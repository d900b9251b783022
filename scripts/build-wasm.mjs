/**
 * `node scripts/build-wasm.mjs`: compiles the pixel kernels of wasm/ into dist/wasm/pixels.wasm, when a source is newer
 * than that.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROJECT_ROOT } from './processes.mjs';

const SOURCES = path.join(PROJECT_ROOT, 'wasm');
const OUTPUT = path.join(PROJECT_ROOT, 'dist', 'wasm', 'pixels.wasm');

const OPTIONS = [
  '-O3',
  '--noAssert',
  ...['--enable', 'simd'],
  // The host lays out the memory, so there is nothing to allocate or to collect.
  ...['--runtime', 'stub'],
  // Without a trap handler of the host's: abort becomes the instruction `unreachable`.
  ...['--use', 'abort='],
];

/**
 * Compiles the kernels where they are not up to date.
 * @throws Error with what the compiler said
 */
export async function buildWasm() {
  if (isUpToDate()) return;
  // Loaded late: set-up imports this module before anything is installed.
  const { default: asc } = await import('assemblyscript/asc');
  mkdirSync(path.dirname(OUTPUT), { recursive: true });
  const relative = (file) => path.relative(PROJECT_ROOT, file);
  const entry = relative(path.join(SOURCES, 'index.ts'));
  const args = [entry, '--baseDir', PROJECT_ROOT, '--outFile', relative(OUTPUT), ...OPTIONS];
  const { error, stderr } = await asc.main(args);
  if (error !== null) throw new Error(`the pixel kernels do not compile:\n${stderr.toString()}`, { cause: error });
}

function isUpToDate() {
  const sources = readdirSync(SOURCES, { recursive: true }).map((name) => path.join(SOURCES, name));
  const built = statSync(OUTPUT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return [...sources, import.meta.filename].every((file) => statSync(file).mtimeMs < built);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildWasm();

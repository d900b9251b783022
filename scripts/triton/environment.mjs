/**
 * A real Triton on this machine, without containers: the server and its Python backend come in the Python package
 * nvidia-pytriton, onnxruntime runs the models in that backend.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { lastLines, PROJECT_ROOT, runQuietly } from '../processes.mjs';

const VENV = path.join(PROJECT_ROOT, '.cache', 'triton-venv');
const RUNTIME = path.join(VENV, 'runtime.json');
const REQUIREMENTS = path.join(PROJECT_ROOT, 'scripts', 'triton', 'requirements.txt');

/** The versions of Python for which each pinned package has a binary (numpy 1.26 ends at 3.12). */
const PYTHONS = ['3.11', '3.12'];

/** Prints what has to be known of a Python: version, folder of its shared library, folder of its packages. */
const PROBE = `import json, sys, sysconfig, venv, ensurepip
print(json.dumps({"version": "%d.%d" % sys.version_info[:2], "library": sysconfig.get_config_var("LIBDIR") or "",
"packages": sysconfig.get_paths()["platlib"]}))`;

/** Triton cannot run here; the message says why. */
export class TritonUnavailable extends Error {
  name = 'TritonUnavailable';
}

/**
 * Installs Triton into .cache/triton-venv where it is not there yet.
 * @param {(line: string) => void} log
 * @returns {Promise<import('./server.mjs').TritonRuntime>}
 * @throws {TritonUnavailable}
 */
export async function ensureTriton(log) {
  if (process.platform !== 'linux') throw new TritonUnavailable(`Triton runs on Linux, this is ${process.platform}`);
  const python = await findPython();
  const requirements = await readFile(REQUIREMENTS);
  const key = createHash('sha256').update(requirements).update(JSON.stringify(python)).update(VENV).digest('hex');
  if (existsSync(RUNTIME)) {
    const kept = JSON.parse(await readFile(RUNTIME, 'utf8'));
    if (kept.key === key) return kept;
  }
  log(`Installing Triton (nvidia-pytriton, Python ${python.version}) into ${path.relative(PROJECT_ROOT, VENV)} …`);
  await rm(VENV, { recursive: true, force: true });
  await install(python.command);
  const runtime = { key, ...(await prepare(python)) };
  await writeFile(RUNTIME, JSON.stringify(runtime, undefined, 2));
  return runtime;
}

async function findPython() {
  for (const command of [...PYTHONS.map((version) => `python${version}`), 'python3']) {
    const { code, output } = await runQuietly(command, ['-c', PROBE]);
    const found = code === 0 ? JSON.parse(output) : undefined;
    if (found !== undefined && PYTHONS.includes(found.version)) return { command, ...found };
  }
  throw new TritonUnavailable(`it needs Python ${PYTHONS.join(' or ')} with the modules venv and ensurepip`);
}

async function install(python) {
  await orUnavailable('no virtual environment could be made', python, ['-m', 'venv', VENV]);
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:'];
  await orUnavailable('pip could not install it', venvPython(), [...pip, '-r', REQUIREMENTS]);
}

/** Puts the backend's program for this Python in its place, and finds out how the server is to be started. */
async function prepare(python) {
  const { output } = await runQuietly(venvPython(), ['-c', PROBE]);
  const { packages } = JSON.parse(output);
  const server = path.join(packages, 'pytriton', 'tritonserver');
  const stub = path.join(server, 'backends', 'python', 'triton_python_backend_stub');
  await copyFile(path.join(server, 'python_backend_stubs', python.version, path.basename(stub)), stub);
  const libraries = [path.join(packages, 'nvidia_pytriton.libs'), python.library].join(path.delimiter);
  // Without arguments it only complains about them, unless the loader does not find libpython: then it ends with 127.
  const probe = await runQuietly(stub, [], { env: { LD_LIBRARY_PATH: libraries } });
  if (probe.code === 127)
    throw new TritonUnavailable(`its Python backend does not start: ${lastLines(probe.output, 1)}`);
  return {
    binary: path.join(server, 'bin', 'tritonserver'),
    backends: path.join(server, 'backends'),
    programs: path.join(VENV, 'bin'),
    libraries,
  };
}

async function orUnavailable(what, command, args) {
  const { code, output } = await runQuietly(command, args);
  if (code !== 0) throw new TritonUnavailable(`${what}:\n${lastLines(output, 5)}`);
}

function venvPython() {
  return path.join(VENV, 'bin', 'python');
}

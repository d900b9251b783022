/**
 * A real Triton on this machine, without containers: the server and its Python backend come in the Python package
 * nvidia-pytriton, onnxruntime and PyTorch run the models in that backend.
 */
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { lastLines, PROJECT_ROOT, runQuietly } from '../processes.mjs';
import { ensureVenv, PythonUnavailable } from '../venv.mjs';
import { ensureTorch } from './torch.mjs';

/**
 * Installs Triton into .cache/triton-venv where it is not there yet.
 * @param {(line: string) => void} log
 * @returns {Promise<import('./server.mjs').TritonRuntime>}
 * @throws {PythonUnavailable}
 */
export async function ensureTriton(log) {
  if (process.platform !== 'linux') throw new PythonUnavailable(`Triton runs on Linux, this is ${process.platform}`);
  const runtime = await ensureVenv({
    name: 'triton-venv',
    what: 'Triton (nvidia-pytriton)',
    requirements: path.join(PROJECT_ROOT, 'scripts', 'triton', 'requirements.txt'),
    log,
    finish: prepare,
  });
  return { ...runtime, withoutTorch: await ensureTorch(runtime.programs, log) };
}

/** Puts the backend's program for this Python in its place, and finds out how the server is to be started. */
async function prepare({ version, packages, library }) {
  const server = path.join(packages, 'pytriton', 'tritonserver');
  const stub = path.join(server, 'backends', 'python', 'triton_python_backend_stub');
  await copyFile(path.join(server, 'python_backend_stubs', version, path.basename(stub)), stub);
  const libraries = [path.join(packages, 'nvidia_pytriton.libs'), library].join(path.delimiter);
  // Without arguments it only complains about them, unless the loader does not find libpython: then it ends with 127.
  const probe = await runQuietly(stub, [], { env: { LD_LIBRARY_PATH: libraries } });
  if (probe.code === 127)
    throw new PythonUnavailable(`the Python backend of Triton does not start: ${lastLines(probe.output, 1)}`);
  return { binary: path.join(server, 'bin', 'tritonserver'), backends: path.join(server, 'backends'), libraries };
}

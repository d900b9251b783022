import { existsSync } from 'node:fs';
import { copyFile, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What runs each kind of model file in the Python backend, in place of the backend that is made for it. */
const PROGRAMS = {
  'model.onnx': new URL('model.py', import.meta.url),
  'model.pt': new URL('torchscript_model.py', import.meta.url),
};

/**
 * Derives a model repository for Triton's Python backend: ONNX and TorchScript models stay as they are, run by a program
 * instead of the onnxruntime and PyTorch backends; models that are Python already are copied.
 * @param {{ from: string[], to: string, withoutTorch?: boolean }} folders repositories of models; `to` is made anew;
 *   `withoutTorch` leaves out the models that need PyTorch
 * @returns {Promise<string[]>} the models' names
 */
export async function derivePythonRepository({ from, to, withoutTorch = false }) {
  const files = Object.keys(PROGRAMS).filter((file) => !(withoutTorch && file === 'model.pt'));
  await rm(to, { recursive: true, force: true });
  const names = [];
  for (const repository of from) {
    for (const name of (await readdir(repository)).sort()) {
      const model = path.join(repository, name);
      const file = ['model.py', ...files].find((file) => existsSync(path.join(model, '1', file)));
      if (file === undefined) continue;
      await cp(model, path.join(to, name), { recursive: true });
      if (file !== 'model.py') await derivePythonModel(path.join(to, name), PROGRAMS[file]);
      names.push(name);
    }
  }
  return names;
}

async function derivePythonModel(model, program) {
  await copyFile(program, path.join(model, '1', 'model.py'));
  const config = path.join(model, 'config.pbtxt');
  await writeFile(config, withPythonBackend(await readFile(config, 'utf8')));
}

/**
 * The same model configuration with the Python backend.
 * @param {string} config a config.pbtxt with `platform: "onnxruntime_onnx"` or `"pytorch_libtorch"`, or with `backend:
 *   "onnxruntime"` or `"pytorch"`
 */
export function withPythonBackend(config) {
  const known = /^\s*(platform|backend)\s*:\s*"(onnxruntime(_onnx)?|pytorch(_libtorch)?)"\s*$/m;
  if (!known.test(config))
    throw new Error(`This model configuration names no onnxruntime or PyTorch backend:\n${config}`);
  return config.replace(known, 'backend: "python"');
}

import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const MODEL_PY = new URL('model.py', import.meta.url);

/**
 * Derives a model repository for Triton's Python backend: every ONNX model stays as it is, run by model.py instead of
 * the onnxruntime backend; models that are Python already are copied.
 * @param {{ from: string[], to: string }} folders repositories of models; `to` is made anew
 * @returns {Promise<string[]>} the models' names
 */
export async function derivePythonRepository({ from, to }) {
  await rm(to, { recursive: true, force: true });
  const names = [];
  for (const repository of from) {
    for (const name of (await readdir(repository)).sort()) {
      const model = path.join(repository, name);
      if (existsSync(path.join(model, '1', 'model.py'))) await cp(model, path.join(to, name), { recursive: true });
      else if (existsSync(path.join(model, '1', 'model.onnx'))) await deriveModel(model, path.join(to, name));
      else continue;
      names.push(name);
    }
  }
  return names;
}

async function deriveModel(from, to) {
  await mkdir(to, { recursive: true });
  await cp(from, to, { recursive: true });
  await copyFile(MODEL_PY, path.join(to, '1', 'model.py'));
  const config = path.join(to, 'config.pbtxt');
  await writeFile(config, withPythonBackend(await readFile(config, 'utf8')));
}

/**
 * The same model configuration with the Python backend.
 * @param {string} config a config.pbtxt with `platform: "onnxruntime_onnx"` or `backend: "onnxruntime"`
 */
export function withPythonBackend(config) {
  const onnxruntime = /^\s*(platform|backend)\s*:\s*"onnxruntime(_onnx)?"\s*$/m;
  if (!onnxruntime.test(config)) throw new Error(`This model configuration names no onnxruntime backend:\n${config}`);
  return config.replace(onnxruntime, 'backend: "python"');
}
